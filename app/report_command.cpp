#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/commands.h"
#include "app/node_options.h"
#include "app/read_file.h"
#include "app/result_files.h"
#include "core/error.h"
#include "sr_writer/render_report.h"

namespace necknode::app {
namespace {

namespace fs = std::filesystem;

struct ReportArguments {
  NodeOptions node;
  std::string what, out;
  bool html = false;
};

/// A report with the pictures of its run.
struct Found {
  std::vector<std::byte> report;
  std::vector<std::vector<std::byte>> pictures;
};

std::vector<std::byte> Read(const fs::path& path) {
  try {
    return ReadDocument(path);
  } catch (const Error& error) {
    throw Error(error.code(), path.string() + ": " + error.what());
  }
}

std::optional<fs::path> ReportIn(const fs::path& folder) {
  for (const char* name : {kReport3dFile, kReportFile}) {
    if (fs::is_regular_file(folder / name))
      return folder / name;
  }
  return std::nullopt;
}

// The folder itself, or the only one of its sub-folders that holds a report: those of a run over
// several studies.
fs::path ResultFolder(const fs::path& folder) {
  if (ReportIn(folder))
    return folder;
  std::vector<fs::path> inner;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.is_directory() && ReportIn(entry.path()))
      inner.push_back(entry.path());
  }
  std::sort(inner.begin(), inner.end());
  if (inner.size() == 1)
    return inner.front();
  if (inner.empty())
    throw Error(ErrorCode::kNotFound,
                folder.string() + " holds no report (" + kReport3dFile + ")" +
                    (fs::exists(folder / kResultFile)
                         ? ": the run wrote none, see " + std::string(kResultFile)
                         : ""));
  std::string names;
  for (const fs::path& path : inner)
    names += "\n  " + path.string();
  throw Error(ErrorCode::kInvalidArgument, "several reports, name one of" + names);
}

Found OfFolder(const fs::path& given) {
  const fs::path folder = ResultFolder(given);
  std::vector<fs::path> pictures;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file() && IsPictureFile(entry.path()))
      pictures.push_back(entry.path());
  }
  std::sort(pictures.begin(), pictures.end());
  Found found{Read(*ReportIn(folder)), {}};
  for (const fs::path& picture : pictures)
    found.pictures.push_back(Read(picture));
  return found;
}

bool HasReport(const std::vector<storage::NewResult>& results) {
  return std::any_of(
      results.begin(), results.end(), [](const auto& result) { return result.kind == "SR"; });
}

// Of the newest job that is done; where none is, of the newest that reported its failure.
std::vector<storage::NewResult> NewestResults(storage::Store& store, storage::StudyId study) {
  std::vector<storage::Job> jobs = store.jobs().OfStudy(study);
  std::sort(jobs.begin(), jobs.end(), [](const storage::Job& a, const storage::Job& b) {
    const bool a_done = a.state == storage::JobState::kDone;
    const bool b_done = b.state == storage::JobState::kDone;
    return a_done != b_done ? a_done : a.id > b.id;
  });
  for (const storage::Job& job : jobs) {
    std::vector<storage::NewResult> results = store.jobs().ResultsOf(job.id);
    if (HasReport(results))
      return results;
  }
  throw Error(ErrorCode::kNotFound, "there is no report of this study: `necknode status` says why");
}

Found OfStudy(const ReportArguments& arguments) {
  const auto store = OpenStore(arguments.node.Load(), true);
  const auto study = store->studies().Find(Uid(arguments.what));
  if (!study)
    throw Error(ErrorCode::kNotFound,
                "neither a file, a folder nor the Study Instance UID of a study of this node: " +
                    arguments.what);
  Found found;
  try {
    for (const storage::NewResult& result : NewestResults(*store, study->id)) {
      const auto read = [&] {
        return store->objects().Read(storage::ObjectKind::kResult, result.object_key);
      };
      if (result.kind == "SR" && found.report.empty())
        found.report = read();
      if (result.kind == "SC" && arguments.html)
        found.pictures.push_back(read());
    }
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kNotFound && !found.report.empty())
      return found;  // retention has begun with the pictures
    throw;
  }
  return found;
}

Found Find(const ReportArguments& arguments) {
  if (fs::is_directory(arguments.what))
    return OfFolder(arguments.what);
  if (fs::exists(arguments.what))
    return {Read(arguments.what), {}};
  return OfStudy(arguments);
}

std::string Render(const Found& found, const ReportArguments& arguments) {
  try {
    if (!arguments.html)
      return sr_writer::RenderText(found.report);
    return sr_writer::RenderHtml(found.report, {found.pictures.begin(), found.pictures.end()});
  } catch (const Error& error) {
    throw Error(error.code(), arguments.what + ": " + error.what());
  }
}

void Report(const ReportArguments& arguments) {
  const std::string rendered = Render(Find(arguments), arguments);
  if (arguments.out.empty()) {
    std::fwrite(rendered.data(), 1, rendered.size(), stdout);
    return;
  }
  std::ofstream file(arguments.out, std::ios::binary);
  file.write(rendered.data(), static_cast<std::streamsize>(rendered.size()));
  file.close();
  if (!file)
    throw Error(ErrorCode::kStorageFailed, "cannot write " + arguments.out);
}

}  // namespace

void AddReport(CLI::App& cli) {
  auto* command = cli.add_subcommand("report", "Show a report as text or as one HTML page");
  auto arguments = std::make_shared<ReportArguments>();
  command
      ->add_option("REPORT",
                   arguments->what,
                   "An SR of any vendor, a folder that `necknode process` wrote, or the Study "
                   "Instance UID of a study of the node")
      ->required();
  command->add_flag(
      "--html", arguments->html, "One page that needs nothing else, with the key images");
  command->add_option("--out", arguments->out, "File to write instead of standard output");
  arguments->node.AddTo(*command);
  command->footer(
      "Of a study of the node the report of its newest finished job. The text and the page hold "
      "the patient's name and ID.\n"
      "Exit code: 0 done, 66 no such report, 1 the file is no Structured Report.");
  command->callback([arguments] { Report(*arguments); });
}

}  // namespace necknode::app
