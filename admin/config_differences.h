#pragma once

#include <string>
#include <vector>

#include "admin/live_config.h"

namespace necknode::admin {

/// In what the tables of a necknode.toml's text differ from those in force. Kinds of table that the
/// text does not have are not compared.
[[nodiscard]] std::vector<Warning> DifferencesFromSeed(const std::string& base,
                                                       const config::Tables& in_force);

/// Adds what is to be said of routes whose packages no worker has found usable. Says nothing where
/// no worker has reported any.
void AddPackageWarnings(const std::vector<config::Route>& routes,
                        const std::vector<storage::PackageRow>& packages,
                        std::vector<Warning>& warnings);

}  // namespace necknode::admin
