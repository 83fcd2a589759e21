#include <cstdio>
#include <memory>

#include "app/commands.h"
#include "app/listing.h"
#include "app/rows_text.h"

namespace necknode::app {
namespace {

using nlohmann::json;

// Of a study: what the API says of it, but for the patient, texts that may name one, and what has
// its own list.
json StudyOf(const LocalApi& api, const json& item) {
  json study = api.Get("/studies/" + std::to_string(NumberOf(item, "id")));
  for (const char* member :
       {"patient_name", "patient_id", "description", "outbox", "jobs", "timeline"}) {
    study.erase(member);
  }
  for (json& series : study.at("series")) {
    series.erase("description");
    series.erase("patients");
  }
  return study;
}

json Status(const LocalApi& api, int limit) {
  const json whole = api.Get("/node");
  json status = {{"roles", whole.at("roles")},
                 {"free_above_reserve_bytes", whole.at("disk").at("free_above_reserve_bytes")},
                 {"packages", api.Items("/models", {}, 0)},
                 {"studies", json::array()},
                 {"jobs", api.Items("/jobs", {}, limit)},
                 {"outbox", api.Items("/outbox", {}, limit)},
                 {"commitment_requests", api.Items("/commitment-requests", {}, limit)},
                 {"quarantine", api.Items("/quarantine", {}, limit)}};
  for (const json& item : api.Items("/studies", {}, limit)) {
    status["studies"].push_back(StudyOf(api, item));
  }
  return status;
}

void PrintStudy(const json& study) {
  std::printf("  %-5lld %-12s %5lld objects  last %s  %s\n",
              NumberOf(study, "id"),
              TextOf(study, "status").c_str(),
              NumberOf(study, "instances"),
              TimeOf(study, "last_received").c_str(),
              TextOf(study, "study_instance_uid").c_str());
  PrintReason(TextOf(study, "status_text"));
  for (const json& series : study.at("series")) {
    if (TextOf(series, "route").empty()) {
      continue;
    }
    const std::string reason = TextOf(series, "reason");
    std::printf("      %s by route %s: %s%s%s\n",
                series.at("selected").get<bool>() ? "selected" : "refused ",
                TextOf(series, "route").c_str(),
                TextOf(series, "series_instance_uid").c_str(),
                reason.empty() ? "" : ": ",
                reason.c_str());
  }
  for (const json& prior : study.at("priors")) {
    const std::string reason = TextOf(prior, "reason");
    std::printf("      prior %s from %s, %lld objects: %s%s%s\n",
                TextOf(prior, "state").c_str(),
                TextOf(prior, "peer").c_str(),
                NumberOf(prior, "instances"),
                TextOf(prior, "study_instance_uid").c_str(),
                reason.empty() ? "" : ": ",
                reason.c_str());
  }
}

template <typename Print>
void PrintSection(const char* title, const json& rows, bool where_empty, const Print& print) {
  if (rows.empty() && !where_empty) {
    return;
  }
  std::printf("\n%s\n", title);
  for (const json& row : rows) {
    print(row);
  }
}

void Print(const json& status) {
  std::printf("Roles\n");
  for (const json& role : status.at("roles")) {
    std::printf("  %-12s %-11s %s\n",
                TextOf(role, "role").c_str(),
                role.at("running").get<bool>() ? "running" : "not running",
                TextOf(role, "text").c_str());
  }
  PrintSection("Packages", status.at("packages"), true, PrintModel);
  std::printf("\nDisk\n  %.1f GiB free above the reserve\n",
              status.at("free_above_reserve_bytes").get<double>() / (1ULL << 30U));
  PrintSection("Studies (newest first)", status.at("studies"), true, PrintStudy);
  PrintSection("Jobs", status.at("jobs"), true, PrintJob);
  PrintSection("Outbox", status.at("outbox"), true, PrintOutboxRow);
  PrintSection("Storage commitment asked of this node",
               status.at("commitment_requests"),
               false,
               PrintCommitmentRequest);
  PrintSection("Quarantine", status.at("quarantine"), false, PrintQuarantined);
}

}  // namespace

void AddStatus(CLI::App& cli) {
  auto* command =
      cli.add_subcommand("status", "Print roles, studies, jobs and outbox of a node, with reasons");
  auto arguments = std::make_shared<ListingArguments>();
  arguments->AddTo(*command);
  command->callback([arguments] {
    const LocalApi api(arguments->node);
    const json status = Status(api, arguments->limit);
    if (arguments->as_json) {
      PrintJson(status);
    } else {
      Print(status);
    }
  });
}

}  // namespace necknode::app
