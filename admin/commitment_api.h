#pragma once

#include "admin/node_services.h"

namespace necknode::admin {

/// GET /api/v1/commitment-requests: what peers have asked of us.
void AddCommitmentRequests(Router& router, const NodeServices& services);

}  // namespace necknode::admin
