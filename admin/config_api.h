#pragma once

#include <functional>
#include <string>

#include "admin/live_config.h"
#include "admin/router.h"
#include "config/config.h"

namespace necknode::admin {

/// How a peer answered C-ECHO, or its web service a query.
struct EchoOutcome {
  bool ok = false;
  std::string text;
};

struct ConfigServices {
  LiveConfig& config;  ///< must outlive the router
  /// Asks a peer, which need not be saved, in at most some seconds. Thread safe.
  std::function<EchoOutcome(const config::Config&, const config::Peer&)> echo;
};

/// Adds /api/v1/config and what lies under it: AE titles, peers and routes with their ETags,
/// checks, versions, reload; and /api/v1/echo.
void AddConfig(Router& router, const ConfigServices& services);

}  // namespace necknode::admin
