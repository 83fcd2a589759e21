#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "scp/commitment_dataset.h"
#include "scp/storage_scu.h"

namespace necknode::scp {

/// After its answer to an N-ACTION a peer has so long to report over the same association.
inline constexpr std::chrono::seconds kReportOnSameAssociation{3};

/// What becomes of a report.
struct ReportTaker {
  /// The peer has taken the request: its report may come from now on.
  std::function<void()> asked;
  /// Takes it; returns the status to answer it with.
  std::function<std::uint16_t(const CommitmentDataset& report)> take;
  /// It has come over another association meanwhile.
  std::function<bool()> came;
};

/// Asks `peer` to commit itself to documents (N-ACTION of the Storage Commitment Push Model, PS3.4
/// annex J) and waits for its report over the same association, which goes to `taker`. kDelivered:
/// the peer has taken the request. Never throws for what the peer does.
[[nodiscard]] SendResult RequestCommitment(const std::string& our_ae_title,
                                           const RemotePeer& peer,
                                           const CommitmentDataset& request,
                                           std::chrono::seconds timeout,
                                           const ReportTaker& taker);

/// Reports to `peer`, which has asked us, over an association of our own, on which we are the SCP.
/// kDelivered: the peer has taken the report. Never throws for what the peer does.
[[nodiscard]] SendResult ReportCommitment(const std::string& our_ae_title,
                                          const RemotePeer& peer,
                                          const CommitmentDataset& report,
                                          std::chrono::seconds timeout);

}  // namespace necknode::scp
