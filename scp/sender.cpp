#include "scp/sender.h"

#include <algorithm>
#include <random>
#include <utility>

#include "core/error.h"
#include "core/log.h"
#include "scp/result_sent_event.h"
#include "scp/send_status.h"
#include "scp/stow.h"

namespace necknode::scp {
namespace {

constexpr const char* kDeliveryDuration = "necknode_delivery_duration_seconds";
constexpr const char* kLastSliceToResult = "necknode_last_slice_to_result_seconds";
constexpr int kRowsAtOnce = 128;
constexpr double kJitter = 0.2;
constexpr int kMostDoublings = 20;
constexpr std::chrono::hours kForgetRequests{30 * 24};  // of commitment that were answered

double Random() {
  thread_local std::mt19937 generator(std::random_device{}());
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

// A status counts against its limit only where the failure before was also the document's: a peer
// that was away for a day must not use up the tries.
bool TriesUsedUp(const storage::OutboxRow& row, const SendResult& result) {
  if (result.max_attempts == 0 || row.attempts + 1 < result.max_attempts) {
    return false;
  }
  return AttemptsAllowed(row.last_status) > 0;
}

}  // namespace

Sender::Sender(SenderOptions options, storage::Store& store)
    : store_(store), options_(std::move(options)) {
  CountFromZero(*options_.Get());
}

Sender::~Sender() { Stop(); }

void Sender::Stop() {
  stopping_ = true;
  const std::lock_guard lock(mutex_);
  wake_.notify_all();
}

void Sender::Reconfigure(SenderOptions options) {
  CountFromZero(options);
  options_.Set(std::move(options));
}

void Sender::Run() {
  while (!stopping_) {
    StartLanes();
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, options_.Get()->poll, [this] { return stopping_.load(); });
  }
  std::map<std::string, Lane> lanes;
  {
    const std::lock_guard lock(mutex_);
    lanes.swap(lanes_);
  }
  for (auto& [destination, lane] : lanes) {
    lane.thread.join();
  }
  if (failure_) {
    std::rethrow_exception(failure_);
  }
}

void Sender::StartLanes() {
  store_.commitments().Expire(options_.Get()->commitment_wait);
  store_.commitment_requests().Forget(kForgetRequests);
  std::vector<std::string> destinations = store_.outbox().DueDestinations();
  for (std::string& destination : DueForCommitment()) {
    destinations.push_back(std::move(destination));
  }
  for (const std::string& destination : destinations) {
    const std::lock_guard lock(mutex_);
    Lane& lane = lanes_[destination];
    if (lane.busy) {
      continue;
    }
    lane.busy = true;
    lane.thread = std::jthread([this, destination] { RunLane(destination); });
  }
}

void Sender::RunLane(const std::string& destination) {
  std::exception_ptr failure;
  bool pause = false;
  try {
    ServeDestination(destination);
  } catch (const Error& error) {
    pause = error.code() != ErrorCode::kStorageFailed;
    if (!pause) {
      failure = std::current_exception();
    }
    Log(LogLevel::kError, "sender_failed", {{"destination", destination}, {"error", error.what()}});
  } catch (...) {
    failure = std::current_exception();
  }
  std::unique_lock lock(mutex_);
  if (failure) {
    failure_ = failure;
    stopping_ = true;
    wake_.notify_all();
  } else if (pause) {
    // What was sent could not be noted: it will be sent again, but not at once.
    wake_.wait_for(lock, options_.Get()->backoff_base, [this] { return stopping_.load(); });
  }
  if (const auto found = lanes_.find(destination); found != lanes_.end()) {
    found->second.busy = false;
  }
}

void Sender::ServeDestination(const std::string& destination) {
  SendRows(destination);
  const auto peer = FindPeer(destination);
  AskForCommitment(destination, peer);
  if (peer) {
    ReportCommitments(*peer);
  }
}

void Sender::SendRows(const std::string& destination) {
  while (!stopping_) {
    const auto rows = store_.outbox().Due(destination, kRowsAtOnce);
    if (rows.empty()) {
      return;
    }
    for (auto first = rows.begin(); first != rows.end() && !stopping_;) {
      const auto last = std::find_if(first, rows.end(), [&](const storage::OutboxRow& row) {
        return row.study_instance_uid != first->study_instance_uid;
      });
      SendStudy(FindPeer(destination), {first, last});
      first = last;
    }
  }
}

void Sender::SendStudy(const std::optional<RemotePeer>& peer,
                       const std::vector<storage::OutboxRow>& rows) {
  Round round{Random(), std::chrono::steady_clock::now()};
  std::vector<Outgoing> documents;
  std::vector<storage::OutboxRow> loaded;
  for (const auto& row : rows) {
    if (!peer) {
      // It may have another name by now.
      if (const auto now = store_.outbox().Find(row.id);
          now && now->destination == row.destination) {
        Park(row,
             storage::kNoSuchPeer,
             "the destination " + row.destination + " is not in the configuration");
      }
    } else if (auto document = Load(row, round)) {
      documents.push_back(std::move(*document));
      loaded.push_back(row);
    }
  }
  if (!peer || documents.empty()) {
    return;
  }
  const auto options = options_.Get();
  const auto begun = std::chrono::steady_clock::now();
  const auto results =
      peer->web ? StoreByWeb(*peer->web, documents, options->timeout)
                : SendDocuments(options->our_ae_title, *peer, documents, options->timeout);
  round.ended = std::chrono::steady_clock::now();
  counted_.Observe(kDeliveryDuration,
                   {{"destination", peer->name}},
                   std::chrono::duration<double>(round.ended - begun).count());
  std::map<std::string, int> retried;  // by status
  for (std::size_t i = 0; i < loaded.size(); ++i) {
    if (Settle(loaded[i], results[i], round, peer->storage_commitment) ==
        storage::OutboxState::kWaiting) {
      ++retried[results[i].status];
    }
  }
  // A PACS that is away fails every document alike: one line says so.
  for (const auto& [status, rows_of_status] : retried) {
    Log(LogLevel::kWarning,
        "results_retry",
        {{"destination", rows.front().destination},
         {"rows", rows_of_status},
         {"status", status},
         {"attempts", rows.front().attempts + 1}});
  }
}

std::optional<Outgoing> Sender::Load(const storage::OutboxRow& row, const Round& round) {
  try {
    auto& objects = store_.objects();
    Outgoing document;
    document.alternatives.push_back({row.sop_class_uid,
                                     row.sop_instance_uid,
                                     objects.Read(storage::ObjectKind::kResult, row.object_key)});
    if (row.fallback_sop_class_uid && row.fallback_sop_instance_uid) {
      document.alternatives.push_back(
          {*row.fallback_sop_class_uid,
           *row.fallback_sop_instance_uid,
           objects.Read(storage::ObjectKind::kResult, row.fallback_object_key)});
    }
    return document;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kNotFound) {
      Park(row, "document missing", error.what());
    } else {
      Settle(row,
             SendResult{SendResult::Kind::kRetry, "document unreadable", error.what(), 0, {}},
             round,
             false);
    }
    return std::nullopt;
  }
}

storage::OutboxState Sender::Settle(const storage::OutboxRow& row,
                                    const SendResult& result,
                                    const Round& round,
                                    bool want_commitment) {
  if (result.kind == SendResult::Kind::kDelivered) {
    const auto since_last_slice = store_.outbox().SinceLastSlice(row.id);
    store_.outbox().MarkDelivered(
        row.id, result.status, result.sent_sop_instance_uid, want_commitment);
    ++delivered_;
    if (row.attempts > 0) {
      store_.outbox().Wake(row.destination);
    }
    Count(row.destination, "delivered");
    if (since_last_slice) {
      counted_.Observe(kLastSliceToResult,
                       {{"destination", row.destination}},
                       std::chrono::duration<double>(*since_last_slice).count());
    }
    Note(row, "delivered", result.status);
    return storage::OutboxState::kDelivered;
  }
  if (result.kind == SendResult::Kind::kPermanent) {
    Park(row, result.status, result.detail);
    return storage::OutboxState::kParked;
  }
  if (TriesUsedUp(row, result)) {
    Park(row,
         result.status,
         "failed " + std::to_string(row.attempts + 1) + " times: " + result.detail);
    return storage::OutboxState::kParked;
  }
  const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - round.ended);
  // What the peer asks for counts up to our own limit, so that no peer stops us for good.
  const auto asked =
      std::min<std::chrono::milliseconds>(result.retry_after, options_.Get()->backoff_limit);
  const auto delay = std::max(Backoff(row.attempts, round.jitter), asked) - passed;
  store_.outbox().MarkRetry(row.id, result.status, std::max(delay, std::chrono::milliseconds(0)));
  ++retried_;
  Count(row.destination, "retried");
  return storage::OutboxState::kWaiting;
}

void Sender::Park(const storage::OutboxRow& row,
                  const std::string& status,
                  const std::string& reason) {
  store_.outbox().MarkParked(row.id, status, reason);
  ++parked_;
  Count(row.destination, "parked");
  Note(row, "parked", status);
}

void Sender::CountFromZero(const SenderOptions& options) {
  for (const RemotePeer& peer : options.peers) {
    for (const char* outcome : {"delivered", "retried", "parked"}) {
      Count(peer.name, outcome, 0);
    }
    for (const char* histogram : {kDeliveryDuration, kLastSliceToResult}) {
      counted_.BeginHistogram(histogram, {{"destination", peer.name}});
    }
  }
}

void Sender::Count(const std::string& destination, const char* outcome, double by) {
  counted_.Add(
      "necknode_deliveries_total", {{"destination", destination}, {"outcome", outcome}}, by);
}

void Sender::Note(const storage::OutboxRow& row, const char* outcome, const std::string& status) {
  Log(LogLevel::kInfo,
      "result_sent",
      {{"row", row.id},
       {"destination", row.destination},
       {"kind", row.kind},
       {"outcome", outcome},
       {"status", status}});
  store_.Audit(ResultSentEvent(row,
                               outcome,
                               status,
                               options_.Get()->our_ae_title,
                               FindPeer(row.destination).value_or(RemotePeer{})));
}

std::optional<RemotePeer> Sender::FindPeer(const std::string& name) const {
  const auto options = options_.Get();
  const auto found = std::find_if(options->peers.begin(),
                                  options->peers.end(),
                                  [&](const RemotePeer& peer) { return peer.name == name; });
  return found == options->peers.end() ? std::nullopt : std::optional(*found);
}

std::chrono::milliseconds Sender::Backoff(int attempts, double random) const {
  const auto factor = std::int64_t{1} << std::clamp(attempts, 0, kMostDoublings);
  const auto delay = std::min(options_.Get()->backoff_base * factor, options_.Get()->backoff_limit);
  const double jittered = static_cast<double>(delay.count()) * (1 - kJitter * random);
  return std::chrono::milliseconds(static_cast<std::int64_t>(jittered));
}

std::string Sender::StatusLine() const {
  return "delivered=" + std::to_string(delivered_) + " retried=" + std::to_string(retried_) +
         " parked=" + std::to_string(parked_);
}

}  // namespace necknode::scp
