#include <cstdio>
#include <memory>

#include "app/commands.h"
#include "app/listing.h"

namespace necknode::app {
namespace {

using nlohmann::json;

constexpr int kDefaultLimit = 50;

struct AuditArguments : ListingArguments {
  std::int64_t study = 0;
  std::string event, subject, search, since, until;
};

void Print(const json& row) {
  const std::string study =
      row.at("study").is_null() ? "" : "  study " + std::to_string(NumberOf(row, "study"));
  const std::string user = TextOf(row, "user").empty() ? "" : "  by " + TextOf(row, "user");
  const std::string host = TextOf(row, "host").empty() ? "" : "  from " + TextOf(row, "host");
  std::printf("%-7lld %s  %-13s %-12s %-17s %s\n",
              NumberOf(row, "id"),
              TextOf(row, "time").c_str(),
              TextOf(row, "event").c_str(),
              TextOf(row, "outcome").c_str(),
              TextOf(row, "subject").c_str(),
              (TextOf(row, "detail") + study + user + host).c_str());
}

}  // namespace

void AddAudit(CLI::App& cli) {
  auto* command = cli.add_subcommand(
      "audit",
      "Print the audit trail, newest first: associations, what came and went, deletions, what "
      "people did. Reading it is noted in it");
  auto arguments = std::make_shared<AuditArguments>();
  arguments->limit = kDefaultLimit;
  arguments->AddTo(*command);
  command->add_option("--event", arguments->event, "Of this kind, e.g. job");
  command->add_option("--subject", arguments->subject, "Of this AE title, peer or role");
  command->add_option("--search", arguments->search, "With this text");
  command->add_option("--study", arguments->study, "Of the study with this number")
      ->check(CLI::PositiveNumber);
  command->add_option("--since", arguments->since, "Since, e.g. 2026-11-27");
  command->add_option("--until", arguments->until, "Until, that day included");
  command->callback([arguments] {
    const LocalApi api(arguments->node);
    const json rows =
        api.Items("/audit",
                  {{"event", arguments->event},
                   {"subject", arguments->subject},
                   {"search", arguments->search},
                   {"study", arguments->study > 0 ? std::to_string(arguments->study) : ""},
                   {"since", arguments->since},
                   {"until", arguments->until}},
                  arguments->limit);
    PrintList(
        rows,
        arguments->as_json,
        "audit row",
        "ROW     TIME                      EVENT         OUTCOME      SUBJECT           DETAIL",
        Print);
  });
}

}  // namespace necknode::app
