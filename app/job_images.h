#pragma once

#include <optional>
#include <vector>

#include "config/config.h"
#include "dicom_io/volume_reader.h"
#include "pipeline/compare_prior.h"
#include "storage/store.h"

namespace necknode::app {

/// The analysable ones of some stored instances, read when they are needed. `store` must outlive
/// them.
[[nodiscard]] std::vector<dicom_io::SliceSource> SourcesOf(
    storage::Store& store, const std::vector<storage::IndexedInstance>& instances);

/// The earlier study that a job's study is to be compared with (coordinator/prior_choice.h says
/// which); nullopt: none. `store` must outlive it.
[[nodiscard]] std::optional<pipeline::PriorExam> PriorExamOf(storage::Store& store,
                                                             const storage::Job& job,
                                                             const config::Route& route);

}  // namespace necknode::app
