#include "app/echo_peer.h"

#include <chrono>

#include "app/remote_peer.h"
#include "core/error.h"
#include "scp/stow.h"

namespace necknode::app {
namespace {

constexpr std::chrono::seconds kTimeout{10};

}  // namespace

std::string EchoFailure(const config::Config& config, const scp::RemotePeer& peer) {
  return peer.web ? scp::EchoByWeb(*peer.web, kTimeout)
                  : scp::Echo(config.ae.front().title, peer, kTimeout);
}

admin::EchoOutcome EchoPeer(const config::Config& config, const config::Peer& peer) {
  const std::string name = peer.name.empty() ? "the peer" : peer.name;
  try {
    const std::string failure = EchoFailure(config, RemotePeerOf(config, peer));
    return {failure.empty(), failure.empty() ? name + " answers" : failure};
  } catch (const Error& error) {
    return {false, error.what()};
  }
}

}  // namespace necknode::app
