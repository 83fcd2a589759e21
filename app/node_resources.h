#pragma once

#include <functional>

#include "admin/router.h"
#include "config/config.h"
#include "storage/store.h"

namespace necknode::app {

/// Adds what the API has of the node's data (admin/*_api.h): node, studies, jobs, outbox,
/// quarantine, commitment requests, models and audit. `config` gives the configuration in force;
/// `store` must outlive the router.
void AddNodeResources(admin::Router& router,
                      std::function<config::Config()> config,
                      storage::Store& store);

}  // namespace necknode::app
