#pragma once

#include "admin/node_services.h"

namespace necknode::admin {

/// GET /api/v1/jobs and /jobs/{id}; POST /jobs/{id}/requeue and /cancel.
void AddJobs(Router& router, const NodeServices& services);

}  // namespace necknode::admin
