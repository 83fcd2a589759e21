#pragma once

#include "admin/monitoring.h"
#include "admin/router.h"

namespace necknode::admin {

/// GET /health/live: 200 where the process answers at all.
/// GET /health/ready: whether studies can be sent to this node, as a load balancer in front of the
/// receiver wants to know: 200 with status "ok", 200 with "degraded" where studies are taken and
/// kept but a later step stands still (no worker, no usable package, no sender: the work is done
/// when they are back), 503 with "unavailable" where the receiver does not run or the disk is at
/// its reserve. `checks` gives each one's reason.
void AddHealth(Router& router, const MonitoringServices& services);

}  // namespace necknode::admin
