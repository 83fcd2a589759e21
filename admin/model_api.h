#pragma once

#include "admin/node_services.h"

namespace necknode::admin {

/// GET /api/v1/models: the installed model packages.
void AddModels(Router& router, const NodeServices& services);

}  // namespace necknode::admin
