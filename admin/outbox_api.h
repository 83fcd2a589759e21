#pragma once

#include "admin/node_services.h"

namespace necknode::admin {

/// GET /api/v1/outbox; POST /outbox/{id}/release and /outbox/release.
void AddOutbox(Router& router, const NodeServices& services);

}  // namespace necknode::admin
