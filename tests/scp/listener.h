#pragma once

#include <cstdint>
#include <functional>
#include <thread>

#include "tests/scp/raw_peer.h"

namespace necknode::scp::tests {

/// Accepts connections on a free port of the loopback and serves one after another on a thread of
/// its own, until the end of the scope.
class Listener {
 public:
  explicit Listener(std::function<void(RawPeer)> serve);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace necknode::scp::tests
