#pragma once

#include "config/config.h"
#include "scp/storage_scu.h"

namespace necknode::app {

/// The TLS files of a configuration, for scp.
[[nodiscard]] inline scp::TlsFiles TlsFilesOf(const config::Config& config) {
  return {config.tls_certificate, config.tls_private_key, config.tls_trusted};
}

/// A configured peer, for scp.
[[nodiscard]] inline scp::RemotePeer RemotePeerOf(const config::Config& config,
                                                  const config::Peer& peer) {
  return {peer.name,
          peer.ae_title,
          peer.host,
          peer.port,
          peer.tls ? std::optional(TlsFilesOf(config)) : std::nullopt,
          peer.storage_commitment};
}

}  // namespace necknode::app
