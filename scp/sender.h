#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/counters.h"
#include "core/current.h"
#include "scp/storage_scu.h"
#include "storage/store.h"

namespace necknode::scp {

struct SenderOptions {
  std::string our_ae_title = "NECKNODE";
  std::vector<RemotePeer> peers;                   ///< destinations, by name
  std::chrono::milliseconds poll{1'000};           ///< how often the outbox is looked at
  std::chrono::milliseconds backoff_base{30'000};  ///< after the first failure; doubles
  std::chrono::milliseconds backoff_limit{3'600'000};
  std::chrono::seconds timeout{30};  ///< for connecting and for each answer
  /// A peer that has not reported on its commitment by then is asked again.
  std::chrono::milliseconds commitment_wait{std::chrono::hours(72)};
  /// Retention spares what we have committed ourselves to for so long.
  std::chrono::milliseconds commitment_keep{std::chrono::hours(90 * 24)};
};

/// Sends what the outbox holds and notes what became of it (T4). Each destination has its own
/// thread while it has due rows, so that a slow one holds nobody up; rows of one study go over one
/// association, or by STOW-RS over one connection where the server keeps it open. Then asks the
/// peers that are to commit themselves to it, and reports on what peers have asked of us
/// (scp/commitment_scu.h).
class Sender {
 public:
  /// `store` must outlive it.
  Sender(SenderOptions options, storage::Store& store);
  ~Sender();
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  /// Serves until Stop(). Throws Error(kStorageFailed) when storage failed; a full disk is waited
  /// out.
  void Run();
  /// Run() returns when the documents in hand have their answers. Thread safe.
  void Stop();
  /// Takes other peers, AE title and times for what is sent next; what is being sent goes on.
  /// Thread safe.
  void Reconfigure(SenderOptions options);
  /// One line for `necknode status`: delivered, retried, parked since the start. Thread safe.
  [[nodiscard]] std::string StatusLine() const;
  /// For monitoring: deliveries since the start. Thread safe.
  [[nodiscard]] std::vector<CounterSample> Counted() const { return counted_.Snapshot(); }

  /// How long to wait after the `attempts`-th failure: doubling with up to a fifth of jitter,
  /// `random` in [0, 1].
  [[nodiscard]] std::chrono::milliseconds Backoff(int attempts, double random) const;

 private:
  struct Lane {
    std::jthread thread;
    bool busy = false;
  };

  /// One attempt at a study's documents. What fails in it is due again at one instant, so that it
  /// goes over one association again.
  struct Round {
    double jitter = 0;
    std::chrono::steady_clock::time_point ended;
  };

  void StartLanes();
  void RunLane(const std::string& destination);
  void ServeDestination(const std::string& destination);
  void SendRows(const std::string& destination);
  // sender_commitment.cpp
  /// Destinations with something due but for the outbox's rows.
  [[nodiscard]] std::vector<std::string> DueForCommitment();
  void AskForCommitment(const std::string& destination, const std::optional<RemotePeer>& peer);
  void Ask(const RemotePeer& peer, const storage::Commitment& commitment);
  void ReportCommitments(const RemotePeer& peer);
  void Report(const RemotePeer& peer, std::int64_t request);
  void SendStudy(const std::optional<RemotePeer>& peer,
                 const std::vector<storage::OutboxRow>& rows);
  [[nodiscard]] std::optional<Outgoing> Load(const storage::OutboxRow& row, const Round& round);
  /// Notes the result (T4); returns the row's state from then on.
  storage::OutboxState Settle(const storage::OutboxRow& row,
                              const SendResult& result,
                              const Round& round,
                              bool want_commitment);
  void Park(const storage::OutboxRow& row, const std::string& status, const std::string& reason);
  /// A series that begins with its first failure would hide it from whoever looks for increases.
  void CountFromZero(const SenderOptions& options);
  void Count(const std::string& destination, const char* outcome, double by = 1);
  void Note(const storage::OutboxRow& row, const char* outcome, const std::string& status);
  [[nodiscard]] std::optional<RemotePeer> FindPeer(const std::string& name) const;

  storage::Store& store_;
  Current<SenderOptions> options_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> delivered_{0}, retried_{0}, parked_{0};
  CounterSet counted_;

  // Guarded by mutex_.
  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::string, Lane> lanes_;
  std::exception_ptr failure_;
};

}  // namespace necknode::scp
