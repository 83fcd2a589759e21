#pragma once

#include "admin/node_services.h"

namespace necknode::admin {

/// GET /api/v1/node: what a dashboard shows.
void AddNode(Router& router, const NodeServices& services);

}  // namespace necknode::admin
