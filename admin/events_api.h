#pragma once

#include "admin/router.h"

namespace necknode::admin {

/// Adds /api/v1/events: server-sent events, `event: changed` with the topics that have changed; the
/// server polls the marks for all clients together (admin/server.h).
void AddEvents(Router& router);

}  // namespace necknode::admin
