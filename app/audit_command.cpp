#include <cstdio>
#include <memory>

#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/node_options.h"
#include "core/error.h"

namespace necknode::app {
namespace {

using nlohmann::json;

constexpr int kDefaultLimit = 50;

json RowAsJson(const storage::AuditRow& row) {
  const storage::AuditEvent& event = row.event;
  json text = {{"id", row.id},
               {"time", Iso8601(row.time)},
               {"event", event.event},
               {"subject", event.subject},
               {"outcome", event.outcome},
               {"detail", event.detail},
               {"peer_ae", event.context.peer_ae},
               {"own_ae", event.context.own_ae},
               {"host", event.context.host},
               {"user", event.context.user},
               {"instances", event.context.instances},
               {"study", nullptr}};
  if (event.context.study != 0) {
    text["study"] = event.context.study;
  }
  return text;
}

// What peers sent may hold control characters.
std::string Printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == '\x7F') {
      c = '.';
    }
  }
  return text;
}

void Print(const storage::AuditRow& row) {
  const storage::AuditContext& context = row.event.context;
  const std::string study = context.study == 0 ? "" : "  study " + std::to_string(context.study);
  const std::string user = context.user.empty() ? "" : "  by " + context.user;
  std::printf("%-7lld %s  %-13s %-12s %-17s %s\n",
              static_cast<long long>(row.id),
              Iso8601(row.time).c_str(),
              row.event.event.c_str(),
              Printable(row.event.outcome).c_str(),
              Printable(row.event.subject).c_str(),
              Printable(row.event.detail + study + user).c_str());
}

// Who reads the trail is in it too (PS3.15 A.5.3.2).
void NoteReader(storage::Store& store) {
  try {
    store.Audit({"audit_log", "necknode audit", "read", "", {.user = storage::ProcessUser()}});
  } catch (const Error& error) {
    std::fprintf(stderr, "necknode: this reading could not be noted: %s\n", error.what());
  }
}

}  // namespace

void AddAudit(CLI::App& cli) {
  auto* command = cli.add_subcommand(
      "audit",
      "Print the audit trail, newest first: associations, what came and went, deletions, what "
      "people did. Reading it is noted in it");
  struct Arguments {
    NodeOptions node;
    bool as_json = false;
    int limit = kDefaultLimit;
  };
  auto arguments = std::make_shared<Arguments>();
  arguments->node.AddTo(*command);
  command->add_flag("--json", arguments->as_json, "Machine-readable");
  command->add_option("--limit", arguments->limit, "Newest rows; 0: all")
      ->check(CLI::Range(0, 1'000'000));
  command->callback([arguments] {
    const auto store = OpenStore(arguments->node.Load(), true);
    const auto rows = store->AuditTrail(arguments->limit);
    NoteReader(*store);
    json all = json::array();
    for (const storage::AuditRow& row : rows) {
      if (arguments->as_json) {
        all.push_back(RowAsJson(row));
      } else {
        Print(row);
      }
    }
    if (arguments->as_json) {
      std::printf("%s\n", all.dump(2, ' ', false, json::error_handler_t::replace).c_str());
    }
  });
}

}  // namespace necknode::app
