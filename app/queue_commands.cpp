#include <cstdio>
#include <memory>
#include <vector>

#include "app/commands.h"
#include "app/listing.h"
#include "app/rows_text.h"
#include "core/error.h"

namespace necknode::app {
namespace {

using nlohmann::json;

struct QueueArguments : ListingArguments {
  std::string action = "list", state, route, destination, study;
  std::vector<std::int64_t> ids;
  bool all = false;
};

// One action on each of the rows that were named.
void ForEach(const QueueArguments& arguments,
             const LocalApi& api,
             const std::string& list,
             const char* noun,
             const char* done) {
  if (arguments.ids.empty()) {
    throw Error(ErrorCode::kInvalidArgument, arguments.action + " needs at least one number");
  }
  json answers = json::array();
  for (const std::int64_t id : arguments.ids) {
    answers.push_back(api.Send("POST", list + "/" + std::to_string(id) + "/" + arguments.action));
    if (!arguments.as_json) {
      std::printf("%s %lld %s\n", noun, static_cast<long long>(id), done);
    }
  }
  if (arguments.as_json) {
    PrintJson(answers);
  }
}

void Jobs(const QueueArguments& arguments) {
  const LocalApi api(arguments.node);
  if (arguments.action != "list") {
    ForEach(arguments,
            api,
            "/jobs",
            "job",
            arguments.action == "cancel" ? "is cancelled" : "is queued again");
    return;
  }
  const json jobs = api.Items(
      "/jobs",
      {{"state", arguments.state}, {"route", arguments.route}, {"study", arguments.study}},
      arguments.limit);
  PrintList(jobs, arguments.as_json, "job", "  JOB   STATE        WHAT", PrintJob);
}

void ReleaseAll(const QueueArguments& arguments, const LocalApi& api) {
  const json answer = api.Send("POST",
                               "/outbox/release",
                               arguments.destination.empty()
                                   ? json::object()
                                   : json::object({{"destination", arguments.destination}}));
  if (arguments.as_json) {
    PrintJson(answer);
  } else {
    const long long released = NumberOf(answer, "released");
    std::printf("%lld row%s sent again\n", released, released == 1 ? " is" : "s are");
  }
}

void Outbox(const QueueArguments& arguments) {
  const LocalApi api(arguments.node);
  if (arguments.action == "release") {
    if (arguments.ids.empty() && (arguments.all || !arguments.destination.empty())) {
      ReleaseAll(arguments, api);
    } else {
      ForEach(arguments, api, "/outbox", "outbox row", "is sent again");
    }
    return;
  }
  const json rows = api.Items("/outbox",
                              {{"state", arguments.state},
                               {"destination", arguments.destination},
                               {"study", arguments.study}},
                              arguments.limit);
  PrintList(rows, arguments.as_json, "row", "  ROW   STATE      WHAT", PrintOutboxRow);
}

void Commitments(const ListingArguments& arguments) {
  const LocalApi api(arguments.node);
  const json rows = api.Items("/commitment-requests", {}, arguments.limit);
  PrintList(rows, arguments.as_json, "request", "  REQ   STATE      ASKED", PrintCommitmentRequest);
}

// An action of `outbox` or `jobs` as a command of its own.
void AddShortForm(CLI::App& cli,
                  const char* action,
                  const char* help,
                  const char* id_name,
                  const char* id_help,
                  void (*run)(const QueueArguments&)) {
  auto* command = cli.add_subcommand(action, help);
  auto arguments = std::make_shared<QueueArguments>();
  arguments->action = action;
  arguments->AddTo(*command, false);
  command->add_option(id_name, arguments->ids, id_help)->required()->check(CLI::PositiveNumber);
  command->callback([arguments, run] { run(*arguments); });
}

}  // namespace

void AddJobs(CLI::App& cli) {
  auto* command = cli.add_subcommand("jobs", "List jobs, newest first; queue again or cancel some");
  auto arguments = std::make_shared<QueueArguments>();
  arguments->AddTo(*command);
  command->add_option("ACTION", arguments->action, "list | requeue | cancel")
      ->check(CLI::IsMember({"list", "requeue", "cancel"}));
  command->add_option("JOB", arguments->ids, "Numbers of jobs")->check(CLI::PositiveNumber);
  command->add_option("--state",
                      arguments->state,
                      "queued | running | done | same_content | not_eligible | failed | parked | "
                      "superseded | cancelled");
  command->add_option("--route", arguments->route, "Of this route");
  command->add_option("--study", arguments->study, "Of this study, by number");
  command->callback([arguments] { Jobs(*arguments); });
}

void AddOutbox(CLI::App& cli) {
  auto* command = cli.add_subcommand(
      "outbox", "List documents to be sent and sent, newest first; send some again");
  auto arguments = std::make_shared<QueueArguments>();
  arguments->AddTo(*command);
  command->add_option("ACTION", arguments->action, "list | release: send again")
      ->check(CLI::IsMember({"list", "release"}));
  command->add_option("ROW", arguments->ids, "Numbers of rows")->check(CLI::PositiveNumber);
  command->add_option("--state", arguments->state, "waiting | delivered | parked | withheld");
  command
      ->add_option(
          "--destination",
          arguments->destination,
          "For this peer; with release, and no numbers, all that are parked or wait for it")
      ->check(NotEmpty());
  command->add_flag(
      "--all", arguments->all, "release: all that are parked or wait for another try");
  command->add_option("--study", arguments->study, "Of this study, by number");
  command->callback([arguments] { Outbox(*arguments); });
}

void AddCommitments(CLI::App& cli) {
  auto* command = cli.add_subcommand(
      "commitments",
      "List what senders asked this node to keep (storage commitment), newest first");
  auto arguments = std::make_shared<ListingArguments>();
  arguments->AddTo(*command);
  command->callback([arguments] { Commitments(*arguments); });
}

void AddRelease(CLI::App& cli) {
  AddShortForm(
      cli,
      "release",
      "Send results again: rows of the outbox that are parked or delivered. One that waits "
      "is due at once",
      "ROW",
      "Numbers of rows, as `necknode outbox` prints them",
      Outbox);
}

void AddRequeue(CLI::App& cli) {
  AddShortForm(cli,
               "requeue",
               "Run jobs again that are parked, failed, cancelled or not eligible",
               "JOB",
               "Numbers of jobs, as `necknode jobs` prints them",
               Jobs);
}

}  // namespace necknode::app
