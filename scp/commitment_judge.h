#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "scp/commitment_dataset.h"
#include "storage/store.h"

namespace necknode::scp {

/// Judges a request for commitment: each instance must be stored here with the SOP class named, and
/// its object is read and compared with the digest that was acknowledged, since the peer may delete
/// its copy on our word. What holds is kept by retention for `keep`. Nothing where the request was
/// judged before, or `stop` comes first. Throws Error(kStorageFailed | kNoSpace).
void JudgeCommitment(storage::Store& store,
                     std::int64_t request,
                     std::chrono::milliseconds keep,
                     const std::atomic<bool>& stop);

/// The report on a judged request, for an N-EVENT-REPORT.
[[nodiscard]] CommitmentDataset ReportOf(const storage::CommitmentRequest& request);
/// kCommitmentComplete or kCommitmentFailuresExist.
[[nodiscard]] std::uint16_t EventTypeOf(const CommitmentDataset& report);

}  // namespace necknode::scp
