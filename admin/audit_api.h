#pragma once

#include "admin/node_services.h"

namespace necknode::admin {

/// GET /api/v1/audit. Who reads it is noted in it, once in a while.
void AddAudit(Router& router, const NodeServices& services);

}  // namespace necknode::admin
