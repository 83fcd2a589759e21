#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "scp/prior_fetch.h"
#include "scp/storage_scu.h"
#include "storage/store.h"

namespace necknode::scp {

struct RetrieverOptions {
  std::string our_ae_title = "NECKNODE";
  std::vector<RemotePeer> counting;     ///< are asked how many instances a series has
  std::optional<PriorOptions> priors;   ///< which earlier studies are fetched; nullopt: none
  std::chrono::milliseconds poll{500};  ///< how often the requests are looked at
  std::chrono::seconds timeout{30};     ///< for connecting and for each answer
};

/// Works off what archives are to be asked (storage::ArchiveRequests), each archive and kind of
/// request on a thread of its own, so that a slow one holds nobody up.
class Retriever {
 public:
  /// `store` must outlive it.
  Retriever(RetrieverOptions options, storage::Store& store);
  ~Retriever();
  Retriever(const Retriever&) = delete;
  Retriever& operator=(const Retriever&) = delete;

  /// Serves until Stop(). Throws Error(kStorageFailed) when storage failed; a full disk is waited
  /// out.
  void Run();
  /// Run() returns soon, at most after the time that connecting may take; requests in hand are
  /// broken off and tried again by the next retriever. Thread safe.
  void Stop();
  /// Run() returns when the requests in hand are done. Thread safe.
  void Finish();
  /// One line for `necknode status`: answered and failed since the start. Thread safe.
  [[nodiscard]] std::string StatusLine() const;

 private:
  void RunLane(storage::ArchiveRequestKind kind, const RemotePeer& peer);
  void Serve(const storage::ArchiveRequest& request, const RemotePeer& peer);
  void Count(const storage::ArchiveRequest& request, const RemotePeer& peer);
  void Fetch(const storage::ArchiveRequest& request);
  void EndWith(std::exception_ptr failure);
  /// False: the retriever stops, or finishes.
  bool Pause(std::chrono::milliseconds duration);

  // Constant after construction.
  const RetrieverOptions options_;
  storage::Store& store_;

  std::atomic<std::uint64_t> answered_{0}, failed_{0};
  std::stop_source stop_;

  // Guarded by mutex_.
  std::mutex mutex_;
  std::condition_variable wake_;
  bool finishing_ = false;
  std::exception_ptr failure_;
};

}  // namespace necknode::scp
