#pragma once

#include "admin/config_api.h"
#include "config/config.h"
#include "scp/storage_scu.h"

namespace necknode::app {

/// C-ECHO to a peer, or one query to its web service (QIDO-RS), as our first AE title. Returns why
/// it did not answer, or empty; takes at most some ten seconds.
[[nodiscard]] std::string EchoFailure(const config::Config& config, const scp::RemotePeer& peer);

/// The same of a peer that need not be configured, with words for people.
[[nodiscard]] admin::EchoOutcome EchoPeer(const config::Config& config, const config::Peer& peer);

}  // namespace necknode::app
