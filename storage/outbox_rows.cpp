#include "storage/outbox_rows.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/error.h"

namespace necknode::storage {
namespace {

constexpr std::array<std::pair<OutboxState, std::string_view>, 4> kOutboxStates = {{
    {OutboxState::kWaiting, "waiting"},
    {OutboxState::kDelivered, "delivered"},
    {OutboxState::kParked, "parked"},
    {OutboxState::kWithheld, "withheld"},
}};

OutboxState StateFrom(std::string_view text) {
  for (const auto& [value, name] : kOutboxStates) {
    if (name == text)
      return value;
  }
  throw Error(ErrorCode::kInternal, "unknown outbox state in the database");
}

}  // namespace

std::string_view ToString(OutboxState state) {
  for (const auto& [value, text] : kOutboxStates) {
    if (value == state)
      return text;
  }
  return "unknown";
}

OutboxRow ReadOutboxRow(Statement& from, const Stamp& stamp) {
  OutboxRow row;
  row.id = from.Integer();
  row.job = from.Integer();
  row.study = from.Integer();
  row.study_instance_uid = Uid(from.Text());
  row.destination = from.Text();
  row.kind = from.Text();
  row.sop_class_uid = Uid(from.Text());
  row.sop_instance_uid = Uid(from.Text());
  row.object_key = from.Text();
  const bool fallback = !from.IsNull();
  const Uid fallback_class(from.Text());
  const Uid fallback_instance(from.Text());
  row.fallback_object_key = from.Text();
  if (fallback) {
    row.fallback_sop_class_uid = fallback_class;
    row.fallback_sop_instance_uid = fallback_instance;
  }
  row.state = StateFrom(from.Text());
  row.attempts = from.Int();
  const bool this_boot = from.Text() == stamp.boot_id;
  const std::int64_t due = from.Integer();
  if (row.state == OutboxState::kWaiting && this_boot) {
    row.due_in = std::chrono::milliseconds(std::max<std::int64_t>(due - stamp.boot_ms, 0));
  }
  row.last_status = from.Text();
  row.reason = from.Text();
  row.created = WallTimeOf(from.Integer());
  row.updated = WallTimeOf(from.Integer());
  row.delivered = WallTimeOf(from.Integer());
  row.committed = WallTimeOf(from.Integer());
  row.commitment = from.Text();
  return row;
}

}  // namespace necknode::storage
