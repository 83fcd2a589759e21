#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "app/commands.h"
#include "app/listing.h"
#include "app/node_options.h"
#include "core/clock.h"
#include "core/error.h"
#include "dicom_io/part10.h"
#include "storage/backup.h"

namespace necknode::app {
namespace {

using nlohmann::json;

constexpr std::chrono::seconds kProgressInterval{10};

struct BackupArguments {
  NodeOptions node;
  std::string backup;
  bool copy = false, without_damaged = false, as_json = false;
};

// Says now and then how far it got.
auto Progress() {
  return [last = std::chrono::steady_clock::now()](std::uint64_t done, std::uint64_t of) mutable {
    const auto now = std::chrono::steady_clock::now();
    if (now - last < kProgressInterval) {
      return;
    }
    last = now;
    std::fprintf(stderr,
                 "%llu of %llu files\n",
                 static_cast<unsigned long long>(done),
                 static_cast<unsigned long long>(of));
  };
}

std::string Counts(const storage::BackupSummary& summary) {
  return std::to_string(summary.objects) + " objects, " + std::to_string(summary.bytes) + " bytes";
}

json AsJson(const std::string& folder, const storage::BackupSummary& summary) {
  return {{"folder", folder},
          {"objects", summary.objects},
          {"bytes", summary.bytes},
          {"linked", summary.linked},
          {"gone", summary.gone},
          {"damaged", summary.damaged}};
}

void PrintMade(const std::string& folder, const storage::BackupSummary& summary) {
  std::printf("%s: %s, %llu of them as second names of the same files\n",
              folder.c_str(),
              Counts(summary).c_str(),
              static_cast<unsigned long long>(summary.linked));
  if (summary.gone > 0) {
    std::printf("%llu objects were removed meanwhile and are not in it\n",
                static_cast<unsigned long long>(summary.gone));
  }
}

void PrintDamaged(const storage::BackupSummary& summary) {
  for (const std::string& damaged : summary.damaged) {
    std::fprintf(stderr, "damaged: %s\n", damaged.c_str());
  }
}

void BackUp(const BackupArguments& arguments) {
  const auto store = OpenStore(arguments.node.Load(), true);
  storage::BackupOptions options;
  options.folder = arguments.backup;
  options.copy = arguments.copy;
  options.program_version = NECKNODE_VERSION;
  options.digest_of = dicom_io::DigestOfFile;
  options.on_object = Progress();
  storage::BackupSummary summary;
  const auto audit = [&](const std::string& outcome, const std::string& detail) {
    store->Audit({"backup", "necknode backup", outcome, detail, {.user = storage::ProcessUser()}});
  };
  try {
    summary = store->BackUp(options);
  } catch (const Error& error) {
    audit("failed", "");
    throw Error(error.code(), "there is no backup: " + std::string(error.what()));
  }
  audit(summary.damaged.empty() ? "made" : "made with damage",
        Counts(summary) + ", " + std::to_string(summary.damaged.size()) + " damaged");
  if (arguments.as_json) {
    PrintJson(AsJson(arguments.backup, summary));
  } else {
    PrintMade(arguments.backup, summary);
  }
  if (!summary.damaged.empty()) {
    PrintDamaged(summary);
    throw ExitWith{1};
  }
}

void Restore(const BackupArguments& arguments) {
  storage::RestoreOptions options;
  options.backup = arguments.backup;
  options.folder = arguments.node.Load().data;
  options.without_damaged = arguments.without_damaged;
  options.digest_of = dicom_io::DigestOfFile;
  options.on_file = Progress();
  const storage::BackupSummary summary = storage::RestoreBackup(options, SystemClock());
  PrintDamaged(summary);
  if (arguments.as_json) {
    PrintJson(AsJson(options.folder.string(), summary));
  } else {
    std::printf("%s: %s\n", options.folder.c_str(), Counts(summary).c_str());
  }
}

}  // namespace

void AddBackup(CLI::App& cli) {
  auto* command = cli.add_subcommand(
      "backup",
      "Write all that the node remembers into a new folder, while it runs, and compare each object "
      "with its row");
  auto arguments = std::make_shared<BackupArguments>();
  arguments->node.AddTo(*command);
  command->add_option("FOLDER", arguments->backup, "A folder that is empty or not there yet")
      ->required();
  command->add_flag("--copy",
                    arguments->copy,
                    "Copy objects also where a second name on the same file system would do");
  command->add_flag("--json", arguments->as_json, "Machine-readable");
  command->callback([arguments] { BackUp(*arguments); });
}

void AddRestore(CLI::App& cli) {
  auto* command = cli.add_subcommand(
      "restore", "Make a data folder of a backup; every file is compared with its sum");
  auto arguments = std::make_shared<BackupArguments>();
  arguments->node.AddTo(*command);
  command->add_option("BACKUP", arguments->backup, "The backup's folder")
      ->required()
      ->check(CLI::ExistingDirectory);
  command->add_flag("--without-damaged",
                    arguments->without_damaged,
                    "Go on without damaged objects, as if retention had removed them");
  command->add_flag("--json", arguments->as_json, "Machine-readable");
  command->callback([arguments] { Restore(*arguments); });
}

}  // namespace necknode::app
