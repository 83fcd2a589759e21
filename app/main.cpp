#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>
#include <dcmtk/config/osconfig.h>
#include <dcmtk/oflog/oflog.h>

#include "app/commands.h"
#include "core/error.h"
#include "core/log.h"

namespace {

/// Exit codes after sysexits.h where one fits: scripts and the supervisor tell failures apart by
/// them.
int ExitCodeOf(necknode::ErrorCode code) {
  using necknode::ErrorCode;
  switch (code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kConfig:
      return 2;
    case ErrorCode::kNotFound:
      return 66;
    case ErrorCode::kNetwork:
    case ErrorCode::kTimeout:
      return 69;
    case ErrorCode::kNoSpace:
    case ErrorCode::kStorageFailed:
      return 74;
    default:
      return 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  using namespace necknode;
  StartLog("necknode", LogLevel::kWarning);
  // DCMTK's own messages may print patient values; what matters comes as an Error or a finding.
  OFLog::configure(OFLogger::OFF_LOG_LEVEL);
  CLI::App cli{
      "necknode: a DICOM node that finds cervical lymph nodes in CT studies which the PACS routes "
      "to it,\n"
      "judges each as benign or metastatic, and sends SR, GSPS and key images back.",
      "necknode"};
  cli.set_version_flag("--version", std::string("necknode ") + NECKNODE_VERSION);
  cli.require_subcommand(1);
  app::AddServe(cli);
  app::AddStatus(cli);
  app::AddStudies(cli);
  app::AddStudy(cli);
  app::AddJobs(cli);
  app::AddOutbox(cli);
  app::AddQuarantine(cli);
  app::AddCommitments(cli);
  app::AddModels(cli);
  app::AddConfig(cli);
  app::AddConfigItems(cli);
  app::AddAudit(cli);
  app::AddNotices(cli);
  app::AddRelease(cli);
  app::AddRequeue(cli);
  app::AddBackup(cli);
  app::AddRestore(cli);
  app::AddProcess(cli);
  app::AddReport(cli);
  app::AddExplain(cli);
  app::AddUsers(cli);
  app::AddTokens(cli);
  app::AddCheckConfig(cli);
  app::AddCheckSr(cli);
  app::AddEcho(cli);
  app::AddPackages(cli);
  app::AddArchitectures(cli);
  app::AddPhantom(cli);
  app::AddDataset(cli);
  app::AddTrain(cli);
  app::AddEvaluate(cli);
  app::AddRole(cli);
  try {
    cli.parse(argc, argv);
    return 0;
  } catch (const CLI::RequiredError& error) {
    const auto unknown = cli.remaining(true);
    if (unknown.empty()) {
      cli.exit(error);
    } else {
      std::fprintf(stderr,
                   "\"%s\" is not known here\nRun with --help for more information.\n",
                   unknown.front().c_str());
    }
    return 2;
  } catch (const CLI::ParseError& error) {
    const int code = cli.exit(error);
    return code == 0 ? 0 : 2;
  } catch (const app::ExitWith& exit) {
    return exit.code;
  } catch (const Error& error) {
    std::fprintf(stderr, "necknode: %s\n", error.what());
    return ExitCodeOf(error.code());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "necknode: internal error: %s\n", error.what());
    return 70;
  }
}
