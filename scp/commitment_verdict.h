#pragma once

#include <vector>

#include "scp/commitment_dataset.h"
#include "storage/commitments.h"

namespace necknode::scp {

/// A lost document is sent again after this.
inline constexpr std::chrono::milliseconds kResendDelay{30'000};

/// What a report means for each document that it names: committed; 0x0110, 0x0112 and 0x0213: send
/// it again; 0x0131 (the transaction UID was in use): ask again; any other reason: park.
[[nodiscard]] std::vector<storage::CommitmentVerdict> VerdictsOf(const CommitmentDataset& report);

}  // namespace necknode::scp
