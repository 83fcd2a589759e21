#pragma once

#include "admin/node_services.h"

namespace necknode::admin {

/// GET /api/v1/studies and /studies/{id}; POST /studies/{id}/reanalyse, /unpark and /resend.
void AddStudies(Router& router, const NodeServices& services);

}  // namespace necknode::admin
