#pragma once

#include "admin/node_services.h"

namespace necknode::admin {

/// GET /api/v1/quarantine; DELETE /quarantine/{id}.
void AddQuarantine(Router& router, const NodeServices& services);

}  // namespace necknode::admin
