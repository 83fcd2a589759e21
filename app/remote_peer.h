#pragma once

#include <optional>

#include "config/config.h"
#include "scp/storage_scu.h"

namespace necknode::app {

/// The TLS files of a configuration, for scp.
[[nodiscard]] inline scp::TlsFiles TlsFilesOf(const config::Config& config) {
  return {config.tls_certificate, config.tls_private_key, config.tls_trusted};
}

/// A configured peer's web service, for scp; nullopt where it has none.
[[nodiscard]] inline std::optional<scp::WebService> WebServiceOf(const config::Config& config,
                                                                 const config::Peer& peer) {
  if (peer.url.empty()) {
    return std::nullopt;
  }
  return scp::WebService{
      peer.url, peer.user, peer.password_file, peer.token_file, TlsFilesOf(config)};
}

/// A configured peer, for scp.
[[nodiscard]] inline scp::RemotePeer RemotePeerOf(const config::Config& config,
                                                  const config::Peer& peer) {
  return {peer.name,
          peer.ae_title,
          peer.host,
          peer.port,
          peer.tls ? std::optional(TlsFilesOf(config)) : std::nullopt,
          WebServiceOf(config, peer),
          peer.storage_commitment};
}

}  // namespace necknode::app
