#pragma once

#include <functional>

#include "admin/live_config.h"
#include "admin/monitoring.h"
#include "config/config.h"
#include "storage/store.h"

namespace necknode::app {

/// What /metrics and /health are made of. `in_force` gives the configuration at any moment, on any
/// thread. `live` and `store` must outlive it.
[[nodiscard]] admin::MonitoringServices MonitoringServicesOf(
    std::function<config::Config()> in_force, const admin::LiveConfig& live, storage::Store& store);

}  // namespace necknode::app
