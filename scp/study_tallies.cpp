#include "scp/study_tallies.h"

namespace necknode::scp {
namespace {

const char* WordOf(storage::AddOutcome outcome) {
  switch (outcome) {
    case storage::AddOutcome::kStored:
      return "stored";
    case storage::AddOutcome::kSameBytes:
      return "known";
    case storage::AddOutcome::kNewRevision:
      return "new revision";
    case storage::AddOutcome::kConflict:
    case storage::AddOutcome::kNoSpace:
    case storage::AddOutcome::kFailed:
      return nullptr;
  }
  return nullptr;
}

}  // namespace

void StudyTallies::Add(const Uid& study, const Uid& sop_class, storage::AddOutcome outcome) {
  const char* word = WordOf(outcome);
  if (word == nullptr) {
    return;
  }
  Tally& tally = tallies_[{study, word}];
  tally.sop_class = tally.instances == 0 || tally.sop_class == sop_class ? sop_class : Uid();
  ++tally.instances;
}

std::vector<storage::AuditEvent> StudyTallies::Take(const std::string& calling_ae,
                                                    const std::string& called_ae,
                                                    const std::string& host) {
  std::vector<storage::AuditEvent> events;
  for (const auto& [key, tally] : std::exchange(tallies_, {})) {
    storage::AuditEvent& event = events.emplace_back();
    event.event = "transfer";
    event.subject = calling_ae;
    event.outcome = key.second;
    event.detail = "instances=" + std::to_string(tally.instances);
    event.context.direction = storage::AuditContext::Direction::kReceived;
    event.context.peer_ae = calling_ae;
    event.context.own_ae = called_ae;
    event.context.host = host;
    event.context.study_instance_uid = key.first;
    event.context.instances = tally.instances;
    event.context.sop_class_uid = tally.sop_class.value();
  }
  return events;
}

}  // namespace necknode::scp
