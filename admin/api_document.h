#pragma once

#include <string>
#include <vector>

#include "admin/router.h"

namespace necknode::admin {

/// Where the API's description (admin/openapi.json) and the routes of `router` differ:
/// "undocumented: GET /api/v1/x", "missing: ..."; empty: nowhere.
[[nodiscard]] std::vector<std::string> DocumentDifferences(const Router& router);

}  // namespace necknode::admin
