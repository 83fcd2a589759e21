#include <cmath>
#include <cstdio>
#include <map>
#include <memory>

#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/node_options.h"

namespace necknode::app {
namespace {

using nlohmann::json;

constexpr int kDefaultLimit = 20;
// A role reports every 5 s; silent for so long it is not running.
constexpr std::chrono::seconds kRoleSilent{15};

std::string Text(std::string_view text) { return std::string(text); }

json StudyAsJson(storage::Store& store, const storage::StudyRow& study) {
  json decisions = json::array();
  for (const auto& decision : store.studies().Decisions(study.id)) {
    decisions.push_back({{"series_instance_uid", decision.series_instance_uid.value()},
                         {"route", decision.route},
                         {"selected", decision.selected},
                         {"reason", decision.reason}});
  }
  json priors = json::array();
  for (const auto& prior : store.priors().Of(study.id)) {
    priors.push_back({{"study_instance_uid", prior.study_instance_uid.value()},
                      {"peer", prior.peer},
                      {"state", prior.state},
                      {"instances", prior.instances},
                      {"reason", prior.reason}});
  }
  return {{"id", study.id},
          {"study_instance_uid", study.study_instance_uid.value()},
          {"state", study.state},
          {"reason", study.reason},
          {"instances", study.instances},
          {"bytes", study.bytes},
          {"first_received", Iso8601(study.first_received)},
          {"last_received", Iso8601(study.last_received)},
          {"decided", study.considered == study.change},
          {"series", decisions},
          {"priors", priors}};
}

json JobAsJson(const storage::Job& job) {
  return {{"id", job.id},
          {"study_instance_uid", job.study_instance_uid.value()},
          {"series_instance_uid", job.series_instance_uid.value()},
          {"route", job.route},
          {"package", job.package},
          {"state", Text(storage::ToString(job.state))},
          {"reason", job.reason},
          {"incomplete", job.incomplete},
          {"attempt", job.attempt},
          {"slices", job.slices},
          {"slices_done", job.slices_done},
          {"created", Iso8601(job.created)},
          {"updated", Iso8601(job.updated)}};
}

json RowAsJson(const storage::OutboxRow& row) {
  return {{"id", row.id},
          {"job", row.job},
          {"study_instance_uid", row.study_instance_uid.value()},
          {"destination", row.destination},
          {"kind", row.kind},
          {"sop_instance_uid", row.sop_instance_uid.value()},
          {"state", Text(storage::ToString(row.state))},
          {"commitment", row.commitment},
          {"attempts", row.attempts},
          {"due_in_s", static_cast<double>(row.due_in.count()) / 1000},
          {"last_status", row.last_status},
          {"reason", row.reason}};
}

json RequestAsJson(const storage::CommitmentRequestRow& row) {
  return {{"id", row.id},
          {"calling_ae", row.calling_ae},
          {"transaction_uid", row.transaction_uid.value()},
          {"state", row.state},
          {"judged", row.judged},
          {"instances", row.instances},
          {"failed", row.failed},
          {"attempts", row.attempts},
          {"last_status", row.last_status},
          {"reason", row.reason}};
}

json Status(storage::Store& store, int limit) {
  json status;
  const WallTime now = SystemClock().Now();
  for (const char* key :
       {"roles", "packages", "studies", "jobs", "outbox", "commitment_requests", "quarantine"}) {
    status[key] = json::array();
  }
  status["free_above_reserve_bytes"] = store.objects().FreeAboveReserve();
  for (const auto& role : store.Roles()) {
    status["roles"].push_back({{"role", role.role},
                               {"pid", role.pid},
                               {"running", role.pid != 0 && now - role.updated < kRoleSilent},
                               {"updated", Iso8601(role.updated)},
                               {"text", role.text}});
  }
  for (const auto& package : store.Packages()) {
    status["packages"].push_back({{"package", package.package},
                                  {"usable", package.usable},
                                  {"clinical", package.clinical},
                                  {"reason", package.reason}});
  }
  for (const auto& study : store.studies().List(limit)) {
    status["studies"].push_back(StudyAsJson(store, study));
  }
  for (const auto& job : store.jobs().List(limit)) {
    status["jobs"].push_back(JobAsJson(job));
  }
  for (const auto& row : store.outbox().List(limit)) {
    status["outbox"].push_back(RowAsJson(row));
  }
  for (const auto& row : store.commitment_requests().List(limit)) {
    status["commitment_requests"].push_back(RequestAsJson(row));
  }
  for (const auto& row : store.QuarantineList(limit)) {
    status["quarantine"].push_back({{"id", row.id},
                                    {"calling_ae", row.calling_ae},
                                    {"reason", row.reason},
                                    {"bytes", row.bytes},
                                    {"time", Iso8601(row.time)}});
  }
  return status;
}

std::string Str(const json& value, const char* key) { return value.at(key).get<std::string>(); }

void PrintReason(const std::string& reason) {
  if (!reason.empty()) {
    std::printf("      %s\n", reason.c_str());
  }
}

void PrintStudies(const json& status) {
  std::printf("\nStudies (newest first)\n");
  for (const json& study : status.at("studies")) {
    std::printf("  %-5d %-10s %5d objects  last %s  %s\n",
                study.at("id").get<int>(),
                Str(study, "state").c_str(),
                study.at("instances").get<int>(),
                Str(study, "last_received").c_str(),
                Str(study, "study_instance_uid").c_str());
    PrintReason(Str(study, "reason"));
    for (const json& series : study.at("series")) {
      const std::string reason = Str(series, "reason");
      std::printf("      %s by route %s: %s%s%s\n",
                  series.at("selected").get<bool>() ? "selected" : "refused ",
                  Str(series, "route").c_str(),
                  Str(series, "series_instance_uid").c_str(),
                  reason.empty() ? "" : ": ",
                  reason.c_str());
    }
    for (const json& prior : study.at("priors")) {
      const std::string reason = Str(prior, "reason");
      std::printf("      prior %s from %s, %d objects: %s%s%s\n",
                  Str(prior, "state").c_str(),
                  Str(prior, "peer").c_str(),
                  prior.at("instances").get<int>(),
                  Str(prior, "study_instance_uid").c_str(),
                  reason.empty() ? "" : ": ",
                  reason.c_str());
    }
  }
}

void PrintJobs(const json& status) {
  std::printf("\nJobs\n");
  for (const json& job : status.at("jobs")) {
    std::printf("  %-5d %-12s route %s, package %s, %d slices, attempt %d\n",
                job.at("id").get<int>(),
                Str(job, "state").c_str(),
                Str(job, "route").c_str(),
                Str(job, "package").c_str(),
                job.at("slices").get<int>(),
                job.at("attempt").get<int>());
    PrintReason(Str(job, "reason"));
  }
}

std::string NextTry(const json& row) {
  const auto seconds = static_cast<long>(std::ceil(row.at("due_in_s").get<double>()));
  const bool waits = Str(row, "state") == storage::ToString(storage::OutboxState::kWaiting);
  return !waits         ? ""
         : seconds <= 0 ? ", due now"
                        : ", next try in " + std::to_string(seconds) + " s";
}

void PrintOutbox(const json& status) {
  std::printf("\nOutbox\n");
  for (const json& row : status.at("outbox")) {
    const std::string commitment = Str(row, "commitment");
    std::printf("  %-5d %-10s %-4s to %s, %d attempts, last status %s%s%s\n",
                row.at("id").get<int>(),
                Str(row, "state").c_str(),
                Str(row, "kind").c_str(),
                Str(row, "destination").c_str(),
                row.at("attempts").get<int>(),
                Str(row, "last_status").empty() ? "none" : Str(row, "last_status").c_str(),
                NextTry(row).c_str(),
                commitment == "none" ? "" : (", commitment " + commitment).c_str());
    PrintReason(Str(row, "reason"));
  }
}

void PrintCommitmentRequests(const json& status) {
  if (!status.at("commitment_requests").empty()) {
    std::printf("\nStorage commitment asked of this node\n");
  }
  for (const json& row : status.at("commitment_requests")) {
    const bool judged = row.at("judged").get<bool>();
    const int instances = row.at("instances").get<int>(), failed = row.at("failed").get<int>();
    const std::string found = !judged       ? ", not yet looked at"
                              : failed == 0 ? ", all committed"
                                            : ", " + std::to_string(failed) + " not committed";
    const std::string last = Str(row, "last_status");
    std::printf("  %-5d %-10s by %s, %d instance%s%s%s\n",
                row.at("id").get<int>(),
                Str(row, "state").c_str(),
                Str(row, "calling_ae").c_str(),
                instances,
                instances == 1 ? "" : "s",
                found.c_str(),
                last.empty() ? "" : (", last status " + last).c_str());
    PrintReason(Str(row, "reason"));
  }
}

void Print(const json& status) {
  std::printf("Roles\n");
  for (const json& role : status.at("roles")) {
    std::printf("  %-12s %-11s %s\n",
                Str(role, "role").c_str(),
                role.at("running").get<bool>() ? "running" : "not running",
                Str(role, "text").c_str());
  }
  std::printf("\nPackages\n");
  for (const json& package : status.at("packages")) {
    std::printf("  %-20s %s%s\n",
                Str(package, "package").c_str(),
                package.at("usable").get<bool>() ? "usable" : "NOT USABLE",
                package.at("clinical").get<bool>() ? "" : ", not for clinical use");
    PrintReason(Str(package, "reason"));
  }
  std::printf("\nDisk\n  %.1f GiB free above the reserve\n",
              status.at("free_above_reserve_bytes").get<double>() / (1ULL << 30U));
  PrintStudies(status);
  PrintJobs(status);
  PrintOutbox(status);
  PrintCommitmentRequests(status);
  if (!status.at("quarantine").empty()) {
    std::printf("\nQuarantine\n");
  }
  for (const json& row : status.at("quarantine")) {
    std::printf("  %-5d from %s, %s: %s\n",
                row.at("id").get<int>(),
                Str(row, "calling_ae").c_str(),
                Str(row, "time").c_str(),
                Str(row, "reason").c_str());
  }
}

}  // namespace

void AddStatus(CLI::App& cli) {
  auto* command =
      cli.add_subcommand("status", "Print roles, studies, jobs and outbox of a node, with reasons");
  struct Arguments {
    NodeOptions node;
    bool as_json = false;
    int limit = kDefaultLimit;
  };
  auto arguments = std::make_shared<Arguments>();
  arguments->node.AddTo(*command);
  command->add_flag("--json", arguments->as_json, "Machine-readable");
  command->add_option("--limit", arguments->limit, "Newest rows of each kind; 0: all")
      ->check(CLI::Range(0, 1'000'000));
  command->callback([arguments] {
    const auto store = OpenStore(arguments->node.Load(), true);
    const json status = Status(*store, arguments->limit);
    if (arguments->as_json) {
      std::printf("%s\n", status.dump(2, ' ', false, json::error_handler_t::replace).c_str());
    } else {
      Print(status);
    }
  });
}

}  // namespace necknode::app
