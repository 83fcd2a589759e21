#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/uid.h"
#include "storage/commitment_requests.h"

namespace necknode::scp {

inline constexpr std::string_view kStorageCommitmentSopClass = "1.2.840.10008.1.20.1";
inline constexpr std::string_view kStorageCommitmentSopInstance = "1.2.840.10008.1.20.1.1";
/// Action Type ID of "Request Storage Commitment" and Event Type IDs of its answers (PS3.4 J.3).
inline constexpr std::uint16_t kRequestCommitment = 1;
inline constexpr std::uint16_t kCommitmentComplete = 1;
inline constexpr std::uint16_t kCommitmentFailuresExist = 2;

/// Longest dataset of a request or report that is read: some 30,000 instances.
inline constexpr std::size_t kMaxCommitmentBytes = 4 * 1024 * 1024;

/// Most instances of one request to us; a whole study has a few thousand.
inline constexpr std::size_t kMaxCommitmentItems = 20'000;

/// Action or event information of the Storage Commitment Push Model (PS3.4 Tables J.3-1 and J.3-2).
struct CommitmentDataset {
  Uid transaction_uid;
  std::vector<storage::SopReference> referenced;     ///< (0008,1199)
  std::vector<storage::RequestedCommitment> failed;  ///< (0008,1198), each with its reason
};

/// Reads a dataset in explicit or implicit little endian. What is not named above is skipped.
/// Throws Error(kParse) where a length leads outside, sequences lie deeper than a few levels, the
/// Transaction UID is missing, an item names no instance, or what stands for a UID is none.
[[nodiscard]] CommitmentDataset DecodeCommitment(std::span<const std::byte> bytes,
                                                 bool explicit_vr);

/// Leaves out the sequences that are empty.
[[nodiscard]] std::vector<std::byte> EncodeCommitment(const CommitmentDataset& dataset,
                                                      bool explicit_vr);

}  // namespace necknode::scp
