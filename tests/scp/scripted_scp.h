#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <latch>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "scp/pdu.h"
#include "tests/scp/listener.h"
#include "tests/scp/raw_peer.h"

namespace necknode::scp::tests {

/// A Storage SCP that does what a test tells it, one association after another, until the end of
/// the scope.
class ScriptedScp {
 public:
  struct Script {
    std::set<std::string> refused_classes;
    std::deque<unsigned> statuses;  ///< of the next C-STORE requests; then 0x0000
    std::optional<Rejection> rejection;
    bool abort_on_store = false;
    std::latch* answer_when_open = nullptr;  ///< each C-STORE waits for it
    std::optional<Bytes> report;             ///< sent after the answer to an N-ACTION, as it is
  };
  explicit ScriptedScp(Script script);
  ScriptedScp(const ScriptedScp&) = delete;
  ScriptedScp& operator=(const ScriptedScp&) = delete;

  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }
  /// SOP Instance UIDs of the requests, in order.
  [[nodiscard]] std::vector<std::string> Received() const;
  [[nodiscard]] int associations() const { return associations_; }

 private:
  void Serve(RawPeer peer);
  void ServeMessages(RawPeer& peer);
  [[nodiscard]] bool Answer(RawPeer& peer, unsigned context, const Bytes& command);

  Script script_;
  std::atomic<int> associations_{0};
  mutable std::mutex mutex_;  // guards received_
  std::vector<std::string> received_;
  Listener listener_;  // the last: it uses the others
};

}  // namespace necknode::scp::tests
