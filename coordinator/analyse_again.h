#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "storage/store.h"

namespace necknode::coordinator {

/// What a person wants analysed again.
struct AgainOrder {
  storage::StudyId study = 0;
  std::string package;  ///< "<name>/<version>"; empty: each route's own
  std::string route;    ///< also one that the study did not come by; empty: all that it came by
  std::string user;
};

/// Makes the jobs that the routes would make if `package` were theirs, so that a report names the
/// one it replaces and nodes keep their names. A job of the same key that ended without a result is
/// queued again. Returns the jobs. Throws Error(kNotFound) where there is no such
/// study, Error(kUnsupported) where the package is not installed or not usable or no series suits,
/// Error(kInvalidArgument) where there is no such route, Error(kConflict) where the study is parked
/// or not decided on, its images are no longer stored, or it was analysed with the package already.
std::vector<storage::Job> AnalyseAgain(const std::vector<config::Route>& routes,
                                       storage::Store& store,
                                       const AgainOrder& order);

}  // namespace necknode::coordinator
