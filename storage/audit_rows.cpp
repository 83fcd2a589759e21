#include "storage/audit_rows.h"

#include <array>
#include <utility>

#include <pwd.h>
#include <unistd.h>

#include "core/error.h"

namespace necknode::storage {
namespace {

using Direction = AuditContext::Direction;

constexpr std::array<std::pair<Direction, std::string_view>, 3> kDirections = {{
    {Direction::kNone, ""},
    {Direction::kReceived, "received"},
    {Direction::kSent, "sent"},
}};

std::string_view NameOf(Direction direction) {
  return kDirections.at(static_cast<std::size_t>(direction)).second;
}

Direction DirectionFrom(std::string_view text) {
  for (const auto& [value, name] : kDirections) {
    if (name == text)
      return value;
  }
  throw Error(ErrorCode::kInternal, "unknown direction in the audit table");
}

std::optional<StudyId> StudyOf(Database& database, const AuditContext& context) {
  if (context.study != 0)
    return context.study;
  if (context.study_instance_uid.empty())
    return std::nullopt;
  return database.Integer("SELECT id FROM studies WHERE study_instance_uid = ?",
                          context.study_instance_uid.value());
}

}  // namespace

void AddAudit(Database& database, const AuditEvent& event, const Stamp& stamp) {
  const AuditContext& context = event.context;
  database.Run(
      "INSERT INTO audit (time_ms, event, subject, outcome, detail, direction, peer_ae, own_ae,"
      " host, user, study_id, instances, sop_class_uid)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      stamp.wall_ms,
      event.event,
      event.subject,
      event.outcome,
      event.detail,
      NameOf(context.direction),
      context.peer_ae,
      context.own_ae,
      context.host,
      context.user,
      StudyOf(database, context),
      context.instances,
      context.sop_class_uid);
}

std::vector<AuditRow> ReadAudit(Database& database, int limit) {
  Statement rows(
      database,
      std::string("SELECT ").append(kAuditColumns) + " FROM audit a ORDER BY a.id DESC LIMIT ?");
  rows.Bind(AtMost(limit));
  std::vector<AuditRow> trail;
  while (rows.Step())
    trail.push_back(ReadAuditRow(rows));
  return trail;
}

AuditRow ReadAuditRow(Statement& from) {
  AuditRow row;
  row.id = from.Integer();
  row.time = WallTimeOf(from.Integer());
  row.event.event = from.Text();
  row.event.subject = from.Text();
  row.event.outcome = from.Text();
  row.event.detail = from.Text();
  AuditContext& context = row.event.context;
  context.direction = DirectionFrom(from.Text());
  context.peer_ae = from.Text();
  context.own_ae = from.Text();
  context.host = from.Text();
  context.user = from.Text();
  context.study = from.Integer();
  context.instances = from.Int();
  context.sop_class_uid = from.Text();
  return row;
}

std::string ProcessUser() {
  std::array<char, 4096> text{};
  passwd entry{};
  passwd* found = nullptr;
  std::string user = std::to_string(geteuid());
  if (getpwuid_r(geteuid(), &entry, text.data(), text.size(), &found) == 0 && found != nullptr)
    user = found->pw_name;
  std::array<char, 256> machine{};
  if (gethostname(machine.data(), machine.size() - 1) != 0 || machine[0] == '\0')
    return user;
  return user + "@" + machine.data();
}

}  // namespace necknode::storage
