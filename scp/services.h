#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include <boost/asio/thread_pool.hpp>

#include "core/counters.h"
#include "core/current.h"
#include "scp/receiver.h"

namespace necknode::scp {

class AuditQueue;
class ConnectionTable;

/// Ended associations by `outcome`, those that were rejected among them.
inline constexpr const char* kAssociationsTotal = "necknode_associations_total";
/// Those that were rejected, by `reason`.
inline constexpr const char* kRejectedTotal = "necknode_associations_rejected_total";

/// What `necknode status` says of the receiver. Written and read on any thread.
struct Counters {
  std::atomic<std::uint64_t> associations{0}, rejected{0}, aborted{0}, silent{0};
  std::atomic<std::uint64_t> stored{0}, known{0}, refused{0}, bytes{0}, echoes{0};
};

/// What all associations of a receiver share. Everything outlives the associations, and may be used
/// by several at once.
struct Services {
  /// For the next association; each keeps those that it was let in by.
  Current<ReceiverOptions> options;
  storage::Store& store;
  storage::InstanceCommitter& committer;
  AuditQueue& audit;
  /// Reads through the objects of commitment requests, one request after the other.
  boost::asio::thread_pool& judging_thread;
  const std::atomic<bool>& stop_judging;
  /// For calls that may wait for the database or for a name server.
  boost::asio::thread_pool& side_threads;
  ConnectionTable& connections;
  Counters& counters;
  CounterSet& endings;  ///< associations by how they ended, rejections by their reason
  /// Given to the association that was opened last.
  std::atomic<storage::AssociationNumber> last_association{0};
  /// Ends the receiver with Error(kStorageFailed). May be called more than once, on any thread.
  std::function<void(const std::string& reason)> storage_failed;
};

}  // namespace necknode::scp
