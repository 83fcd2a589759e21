#pragma once

#include "admin/router.h"
#include "storage/store.h"

namespace necknode::admin {

/// What the resources of a job's results need. Borrowed: it must outlive the router.
struct SlicesServices {
  storage::Store& store;
};

/// GET /api/v1/jobs/{id}/slices, .../slices/{index}.jpg, .../report and .../result, for viewers.
/// 404 where the job is not there or has none of what is asked for, 410 where retention has removed
/// it.
void AddSlicesApi(Router& router, const SlicesServices& services);

}  // namespace necknode::admin
