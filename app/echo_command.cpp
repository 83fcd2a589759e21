#include <charconv>
#include <cstdio>
#include <memory>

#include "app/commands.h"
#include "app/echo_peer.h"
#include "app/listing.h"
#include "app/node_options.h"
#include "app/remote_peer.h"
#include "core/error.h"
#include "scp/storage_scu.h"
#include "scp/stow.h"

namespace necknode::app {
namespace {

/// A configured peer by name, or AET@HOST:PORT.
scp::RemotePeer PeerOf(const config::Config& config, const std::string& text) {
  if (const config::Peer* peer = config.FindPeer(text)) {
    return RemotePeerOf(config, *peer);
  }
  const auto at = text.find('@');
  const auto colon = text.rfind(':');
  std::uint16_t port = 0;
  const bool complete =
      at != std::string::npos && colon != std::string::npos && at > 0 && colon > at + 1;
  if (complete) {
    std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
  }
  if (port == 0) {
    throw Error(ErrorCode::kInvalidArgument,
                "\"" + text + "\" is neither a configured peer nor AET@HOST:PORT");
  }
  return {text,
          text.substr(0, at),
          text.substr(at + 1, colon - at - 1),
          port,
          std::nullopt,
          std::nullopt};
}

}  // namespace

void AddEcho(CLI::App& cli) {
  auto* command =
      cli.add_subcommand("echo", "C-ECHO a peer, or ask its web service for one study (QIDO-RS)");
  auto options = std::make_shared<NodeOptions>();
  auto peer = std::make_shared<std::string>();
  auto as_json = std::make_shared<bool>(false);
  options->AddTo(*command);
  command->add_flag("--json", *as_json, "Machine-readable");
  command->add_option("PEER", *peer, "Name of a configured peer, or AET@HOST:PORT")->required();
  command->callback([options, peer, as_json] {
    const config::Config config = options->Load();
    const scp::RemotePeer remote = PeerOf(config, *peer);
    const std::string asked = remote.web ? " GET " + scp::EchoUrl(*remote.web) : std::string();
    const std::string failure = EchoFailure(config, remote);
    if (*as_json) {
      PrintJson({{"peer", *peer}, {"ok", failure.empty()}, {"text", failure}});
      if (!failure.empty()) {
        throw ExitWith{69};
      }
      return;
    }
    if (!failure.empty()) {
      throw Error(ErrorCode::kNetwork, "echo " + *peer + asked + ": " + failure);
    }
    std::printf("%s answers%s\n", peer->c_str(), asked.c_str());
  });
}

}  // namespace necknode::app
