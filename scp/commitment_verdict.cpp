#include "scp/commitment_verdict.h"

#include "scp/command_set.h"
#include "scp/send_status.h"

namespace necknode::scp {
namespace {

constexpr std::uint16_t kDuplicateTransactionUid = 0x0131;

storage::CommitmentVerdict::Kind KindOf(std::uint16_t failure_reason) {
  using enum storage::CommitmentVerdict::Kind;
  switch (failure_reason) {
    case kStatusProcessingFailure:
    case storage::kNoSuchObjectInstance:
    case kStatusResourceLimitation:
      return kSendAgain;
    case kDuplicateTransactionUid:
      return kAskAgain;
    default:
      return kPark;
  }
}

}  // namespace

std::vector<storage::CommitmentVerdict> VerdictsOf(const CommitmentDataset& report) {
  std::vector<storage::CommitmentVerdict> verdicts;
  // A document that is in both lists counts as failed.
  for (const auto& item : report.failed) {
    verdicts.push_back({item.reference.sop_instance_uid,
                        KindOf(item.failure_reason),
                        StatusText(item.failure_reason)});
  }
  for (const auto& reference : report.referenced) {
    verdicts.push_back({reference.sop_instance_uid,
                        storage::CommitmentVerdict::Kind::kCommitted,
                        StatusText(kStatusSuccess)});
  }
  return verdicts;
}

}  // namespace necknode::scp
