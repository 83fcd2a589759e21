#pragma once

#include <CLI/CLI.hpp>

namespace necknode::app {

// Each adds one command to `cli`. The command's callback throws Error (exit code by its kind, see
// main.cpp) or ExitWith(code).

/// Ends the program with a code other than 0 after the command has said all it has to say.
struct ExitWith {
  int code = 1;
};

void AddServe(CLI::App& cli);
void AddRole(CLI::App& cli);
void AddStatus(CLI::App& cli);
void AddStudies(CLI::App& cli);
void AddStudy(CLI::App& cli);
void AddJobs(CLI::App& cli);
void AddOutbox(CLI::App& cli);
void AddQuarantine(CLI::App& cli);
void AddCommitments(CLI::App& cli);
void AddModels(CLI::App& cli);
void AddConfig(CLI::App& cli);
void AddConfigItems(CLI::App& cli);  ///< the commands ae, peers and routes
void AddUsers(CLI::App& cli);
void AddTokens(CLI::App& cli);
void AddAudit(CLI::App& cli);
void AddNotices(CLI::App& cli);
void AddRelease(CLI::App& cli);
void AddRequeue(CLI::App& cli);
void AddBackup(CLI::App& cli);
void AddRestore(CLI::App& cli);
void AddProcess(CLI::App& cli);
void AddReport(CLI::App& cli);
void AddExplain(CLI::App& cli);
void AddCheckConfig(CLI::App& cli);
void AddCheckSr(CLI::App& cli);
void AddEcho(CLI::App& cli);
void AddPhantom(CLI::App& cli);
void AddDataset(CLI::App& cli);
void AddTrain(CLI::App& cli);
void AddEvaluate(CLI::App& cli);
void AddPackages(CLI::App& cli);
void AddArchitectures(CLI::App& cli);
void AddImport(CLI::App& packages);  ///< to the command `packages`

}  // namespace necknode::app
