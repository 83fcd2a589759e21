// The sender's half of storage commitment.
#include <algorithm>

#include "core/ae_title.h"
#include "core/log.h"
#include "scp/command_set.h"
#include "scp/commitment_judge.h"
#include "scp/commitment_scu.h"
#include "scp/commitment_verdict.h"
#include "scp/send_status.h"
#include "scp/sender.h"

namespace necknode::scp {
namespace {

// Without jitter: one transaction holds a whole batch.
constexpr double kNoJitter = 0;
constexpr const char* kNoPeer = "no configured peer has the AE title that asked";

// The receiver has let the AE title in, in whatever case; the exact one is preferred.
const RemotePeer* PeerOf(const std::vector<RemotePeer>& peers, const std::string& ae_title) {
  const RemotePeer* found = nullptr;
  for (const RemotePeer& peer : peers) {
    if (peer.ae_title == ae_title) {
      return &peer;
    }
    if (found == nullptr && SameAeTitle(peer.ae_title, ae_title, true)) {
      found = &peer;
    }
  }
  return found;
}

}  // namespace

std::vector<std::string> Sender::DueForCommitment() {
  std::vector<std::string> destinations = store_.commitments().DueDestinations();
  auto& requests = store_.commitment_requests();
  const auto options = options_.Get();
  for (const std::string& calling_ae : requests.DueCallingAes()) {
    if (const RemotePeer* peer = PeerOf(options->peers, calling_ae)) {
      destinations.push_back(peer->name);
      continue;
    }
    Log(LogLevel::kWarning,
        "commitment_not_reported",
        {{"calling", calling_ae}, {"reason", kNoPeer}});
    for (const std::int64_t request : requests.Due(calling_ae)) {
      requests.MarkParked(request, storage::kNoSuchPeer, kNoPeer);
    }
  }
  return destinations;
}

void Sender::AskForCommitment(const std::string& destination,
                              const std::optional<RemotePeer>& peer) {
  while (!stopping_) {
    const auto commitment = store_.commitments().Next(destination, Uid::Random());
    if (!commitment) {
      return;
    }
    if (peer) {
      Ask(*peer, *commitment);
    } else {
      store_.commitments().MarkRefused(
          commitment->id,
          storage::kNoSuchPeer,
          "the destination " + destination + " is not in the configuration");
    }
  }
}

void Sender::Ask(const RemotePeer& peer, const storage::Commitment& commitment) {
  auto& commitments = store_.commitments();
  CommitmentDataset request;
  request.transaction_uid = commitment.transaction_uid;
  request.referenced = commitment.items;
  ReportTaker taker;
  taker.asked = [&] { commitments.MarkAsked(commitment.id, StatusText(kStatusSuccess)); };
  taker.take = [&](const CommitmentDataset& report) {
    const bool known = commitments.DestinationOf(report.transaction_uid) == peer.name &&
                       commitments.Settle(report.transaction_uid, VerdictsOf(report), kResendDelay);
    return known ? kStatusSuccess : kStatusInvalidArgument;
  };
  taker.came = [&] { return commitments.HasEnded(commitment.id); };
  const auto options = options_.Get();
  const SendResult result =
      RequestCommitment(options->our_ae_title, peer, request, options->timeout, taker);
  const bool asked = result.kind == SendResult::Kind::kDelivered;  // and noted as such
  const bool tries_used_up =
      result.max_attempts > 0 && commitment.attempts + 1 >= result.max_attempts;
  if (result.kind == SendResult::Kind::kPermanent || (!asked && tries_used_up)) {
    commitments.MarkRefused(
        commitment.id, result.status, "no storage commitment: " + result.detail);
  } else if (!asked) {
    commitments.MarkRetry(commitment.id, result.status, Backoff(commitment.attempts, kNoJitter));
  }
  Log(asked ? LogLevel::kInfo : LogLevel::kWarning,
      "commitment_asked",
      {{"destination", peer.name},
       {"documents", commitment.items.size()},
       {"status", result.status}});
}

void Sender::ReportCommitments(const RemotePeer& peer) {
  auto& requests = store_.commitment_requests();
  const auto options = options_.Get();
  for (const std::string& calling_ae : requests.DueCallingAes()) {
    const RemotePeer* asking = PeerOf(options->peers, calling_ae);
    if (asking == nullptr || asking->name != peer.name) {
      continue;
    }
    for (const std::int64_t request : requests.Due(calling_ae)) {
      if (!stopping_) {
        Report(peer, request);
      }
    }
  }
}

void Sender::Report(const RemotePeer& peer, std::int64_t request) {
  auto& requests = store_.commitment_requests();
  JudgeCommitment(store_, request, options_.Get()->commitment_keep, stopping_);
  const auto judged = requests.Find(request);
  if (!judged || !judged->judged) {
    return;
  }
  const CommitmentDataset report = ReportOf(*judged);
  const SendResult result =
      ReportCommitment(judged->called_ae, peer, report, options_.Get()->timeout);
  const bool tries_used_up = result.max_attempts > 0 && judged->attempts + 1 >= result.max_attempts;
  if (result.kind == SendResult::Kind::kDelivered) {
    requests.MarkReported(request);
  } else if (result.kind == SendResult::Kind::kPermanent || tries_used_up) {
    requests.MarkParked(request, result.status, result.detail);
  } else {
    requests.MarkRetry(request, result.status, Backoff(judged->attempts, kNoJitter));
  }
  Log(result.kind == SendResult::Kind::kDelivered ? LogLevel::kInfo : LogLevel::kWarning,
      "commitment_reported",
      {{"destination", peer.name},
       {"committed", report.referenced.size()},
       {"failed", report.failed.size()},
       {"status", result.status}});
}

}  // namespace necknode::scp
