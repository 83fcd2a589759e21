#pragma once

#include <memory>
#include <vector>

#include "config/config.h"
#include "pipeline/process_study.h"
#include "storage/store.h"

namespace necknode::app {

/// What T3 makes durable of a finished run.
struct JobOutput {
  storage::JobResult finished;
  std::vector<std::unique_ptr<storage::ObjectWriter>> files;  ///< synced, not yet under any row
};

/// Writes the run's documents, result.json, page and slice pictures as result files, and says which
/// peer gets what. The caller discards the files where the job cannot be finished.
[[nodiscard]] JobOutput WriteOutput(const config::Config& config,
                                    const config::Route& route,
                                    const storage::Job& job,
                                    bool clinical,
                                    const pipeline::StudyResult& result,
                                    storage::Store& store);

}  // namespace necknode::app
