#include "scp/commitment_judge.h"

#include <map>
#include <vector>

#include "core/error.h"
#include "core/log.h"
#include "dicom_io/part10.h"
#include "scp/command_set.h"

namespace necknode::scp {
namespace {

using Judgement = storage::CommitmentRequests::Judgement;

Judgement JudgeInstance(storage::Store& store, const storage::SopReference& reference) {
  const auto stored = store.commitment_requests().FindStored(reference.sop_instance_uid);
  if (!stored) {
    return {storage::kNoSuchObjectInstance, ""};
  }
  if (stored->sop_class_uid != reference.sop_class_uid) {
    return {storage::kClassInstanceConflict, ""};
  }
  std::string damage = "its bytes are not those that were acknowledged";
  try {
    const auto path = store.objects().PathOf(storage::ObjectKind::kReceived, stored->object_key);
    if (dicom_io::DigestOfFile(path) == stored->file_digest) {
      return {0, stored->file_digest};
    }
  } catch (const Error& error) {
    damage = error.what();
  }
  Log(LogLevel::kError, "object_damaged", {{"object", stored->object_key}, {"reason", damage}});
  return {kStatusProcessingFailure, ""};
}

}  // namespace

void JudgeCommitment(storage::Store& store,
                     std::int64_t request,
                     std::chrono::milliseconds keep,
                     const std::atomic<bool>& stop) {
  const auto found = store.commitment_requests().Find(request);
  if (!found || found->judged) {
    return;
  }
  std::vector<Judgement> judgements;
  // The same instance twice is read once.
  std::map<storage::SopReference, Judgement> known;
  for (const auto& item : found->items) {
    if (stop) {
      return;
    }
    const auto [place, is_new] = known.try_emplace(item.reference, Judgement{});
    if (is_new) {
      place->second = JudgeInstance(store, item.reference);
    }
    judgements.push_back(place->second);
  }
  store.commitment_requests().Judge(request, judgements, keep);
}

CommitmentDataset ReportOf(const storage::CommitmentRequest& request) {
  CommitmentDataset report;
  report.transaction_uid = request.transaction_uid;
  for (const auto& item : request.items) {
    if (item.failure_reason == 0) {
      report.referenced.push_back(item.reference);
    } else {
      report.failed.push_back(item);
    }
  }
  return report;
}

std::uint16_t EventTypeOf(const CommitmentDataset& report) {
  return report.failed.empty() ? kCommitmentComplete : kCommitmentFailuresExist;
}

}  // namespace necknode::scp
