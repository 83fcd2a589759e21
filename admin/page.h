#pragma once

#include "admin/router.h"

namespace necknode::admin {

/// Adds the page to `router`: its index at "/", its other files, as admin/web has them, below
/// "/assets/", and the API's description at /api/v1/openapi.json and /openapi.json. All of them
/// open to those who have not logged in, who need them for that.
void AddPage(Router& router);

}  // namespace necknode::admin
