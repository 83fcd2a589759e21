#pragma once

#include <functional>

#include "admin/router.h"
#include "config/config.h"
#include "storage/store.h"

namespace necknode::app {

/// Adds what the API has of the node's data (admin/*_api.h): node, studies, jobs, outbox,
/// quarantine, commitment requests, models and audit. `config` gives the configuration in force,
/// `config_edit` as in NodeServices; `store` must outlive the router.
void AddNodeResources(admin::Router& router,
                      std::function<config::Config()> config,
                      std::function<std::string()> config_edit,
                      storage::Store& store);

}  // namespace necknode::app
