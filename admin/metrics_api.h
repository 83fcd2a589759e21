#pragma once

#include "admin/monitoring.h"
#include "admin/router.h"

namespace necknode::admin {

/// GET /metrics: everything of admin/metric_families.h that there is, in Prometheus' text format or
/// as OpenMetrics where the Accept header says so. What roles count is up to five seconds old. No
/// patient data; labels come from the configuration and from fixed words.
void AddMetrics(Router& router, const MonitoringServices& services);

}  // namespace necknode::admin
