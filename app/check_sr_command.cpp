#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "app/commands.h"
#include "app/read_file.h"
#include "core/error.h"
#include "sr_writer/documents.h"

namespace necknode::app {
namespace {

/// Prints what CheckReport says of one file; false where it objects or the file is no report.
bool CheckOne(const std::string& path) {
  try {
    int errors = 0;
    int remarks = 0;
    for (const sr_writer::ReportFinding& finding : sr_writer::CheckReport(ReadDocument(path))) {
      ++(finding.error ? errors : remarks);
      std::printf("%s: %s: %s: %s\n",
                  path.c_str(),
                  finding.error ? "error" : "remark",
                  finding.rule.c_str(),
                  finding.message.c_str());
    }
    std::printf("%s: %d errors, %d remarks\n", path.c_str(), errors, remarks);
    return errors == 0;
  } catch (const Error& error) {
    std::fprintf(stderr, "%s: %s\n", path.c_str(), error.what());
    return false;
  }
}

}  // namespace

void AddCheckSr(CLI::App& cli) {
  auto* command = cli.add_subcommand(
      "check-sr", "Check Structured Reports against the rules of TID 1500 and of its viewers");
  auto files = std::make_shared<std::vector<std::string>>();
  command->add_option("FILE", *files, "DICOM files of any vendor")->required();
  command->footer(
      "Prints a line for every rule that a report breaks. Exit code 1 where a report has errors or "
      "a file is\nno report; remarks alone give 0. The rules: docs/outputs.md.");
  command->callback([files] {
    bool all_good = true;
    for (const std::string& file : *files)
      all_good = CheckOne(file) && all_good;
    if (!all_good)
      throw ExitWith{1};
  });
}

}  // namespace necknode::app
