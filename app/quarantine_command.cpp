#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "app/commands.h"
#include "app/listing.h"
#include "app/rows_text.h"
#include "core/error.h"

namespace necknode::app {
namespace {

using nlohmann::json;

struct QuarantineArguments : ListingArguments {
  std::string action = "list";
  std::int64_t id = 0;
  std::filesystem::path file;
};

void List(const QuarantineArguments& arguments, const LocalApi& api) {
  const json rows = api.Items("/quarantine", {}, arguments.limit);
  PrintList(rows, arguments.as_json, "quarantined object", "  NO.   WHAT", PrintQuarantined);
}

void Export(const QuarantineArguments& arguments, const LocalApi& api) {
  const auto rows = api.store().QuarantineList(0);
  const auto row = std::find_if(
      rows.begin(), rows.end(), [&](const auto& one) { return one.id == arguments.id; });
  if (row == rows.end()) {
    throw Error(ErrorCode::kNotFound,
                "there is no quarantined object " + std::to_string(arguments.id));
  }
  if (std::filesystem::exists(arguments.file)) {
    throw Error(ErrorCode::kInvalidArgument, arguments.file.string() + " exists already");
  }
  const auto bytes = api.store().objects().Read(storage::ObjectKind::kQuarantine, row->object_key);
  // What leaves the node is noted before it does.
  api.store().Audit({"quarantine",
                     row->calling_ae,
                     "exported",
                     "object " + std::to_string(row->id),
                     {.user = storage::ProcessUser()}});
  std::ofstream out(arguments.file, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) {
    throw Error(ErrorCode::kInternal, "cannot write " + arguments.file.string());
  }
  if (arguments.as_json) {
    PrintJson({{"object", row->id}, {"file", arguments.file.string()}, {"bytes", bytes.size()}});
  } else {
    std::printf("%zu bytes written to %s\n", bytes.size(), arguments.file.c_str());
  }
}

void Run(const QuarantineArguments& arguments) {
  const bool exports = arguments.action == "export";
  if (arguments.action != "list" && arguments.id == 0) {
    throw Error(ErrorCode::kInvalidArgument, arguments.action + " needs the number of an object");
  }
  if (exports == arguments.file.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                exports ? "export needs the name of a file" : "only export takes a file");
  }
  const LocalApi api(arguments.node);
  if (arguments.action == "list") {
    List(arguments, api);
  } else if (exports) {
    Export(arguments, api);
  } else {
    api.Send("DELETE", "/quarantine/" + std::to_string(arguments.id));
    if (arguments.as_json) {
      PrintJson({{"object", arguments.id}, {"removed", true}});
    } else {
      std::printf("object %lld is removed\n", static_cast<long long>(arguments.id));
    }
  }
}

}  // namespace

void AddQuarantine(CLI::App& cli) {
  auto* command = cli.add_subcommand(
      "quarantine", "List objects that were refused for what they hold; remove or export one");
  auto arguments = std::make_shared<QuarantineArguments>();
  arguments->AddTo(*command);
  command->add_option("ACTION", arguments->action, "list | discard ID | export ID FILE")
      ->check(CLI::IsMember({"list", "discard", "export"}));
  command->add_option("ID", arguments->id, "Number of an object")->check(CLI::PositiveNumber);
  command->add_option("FILE", arguments->file, "export: a file to be made; it holds patient data");
  command->callback([arguments] { Run(*arguments); });
}

}  // namespace necknode::app
