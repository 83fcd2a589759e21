#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "admin/live_config.h"
#include "config/config.h"

namespace necknode::admin {

// AE titles, peers and routes as JSON: the keys are those of necknode.toml, with "series" and
// "output" within a route. Password and token files are named, never read.

[[nodiscard]] nlohmann::json ToJson(const config::OwnAe& ae);
[[nodiscard]] nlohmann::json ToJson(const config::Peer& peer);
[[nodiscard]] nlohmann::json ToJson(const config::Route& route);

/// A JSON object as one table of necknode.toml, `kind` ae, peer or route, to be read and judged by
/// the reader of that file. A key whose value is null is left out. Throws Error(kInvalidArgument)
/// where it is nested deeper than such a table can be.
[[nodiscard]] std::string TomlOf(const std::string& kind, const nlohmann::json& item);

/// Problems as `[{"key", "message"}]` for a form that shows the `index`-th item of `kind`: their
/// keys are that item's own, as in "series.min_slices". What is wrong elsewhere has an empty key,
/// and its message says where.
[[nodiscard]] nlohmann::json ProblemsAsJson(const std::vector<config::Problem>& problems,
                                            const config::Tables& tables,
                                            const std::string& kind,
                                            std::optional<std::size_t> index);

[[nodiscard]] nlohmann::json WarningsAsJson(const std::vector<Warning>& warnings);

}  // namespace necknode::admin
