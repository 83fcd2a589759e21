#pragma once

#include <optional>
#include <string>

#include "app/study_folder.h"
#include "config/config.h"
#include "pipeline/compare_prior.h"

namespace necknode::app {

/// The series of a study to analyse, by the rules of the node or as asked for; says on standard
/// error why not each of the others. nullopt: none is suitable.
[[nodiscard]] std::optional<Uid> ChooseSeries(const StudyFiles& study,
                                              const config::Route& route,
                                              const std::string& asked);

/// The newest study in a folder before `current`, as one to compare with; why not, where there is
/// none of the same patient. Throws Error(kNotFound) where the folder has no DICOM file.
[[nodiscard]] pipeline::PriorExam PriorIn(const std::string& folder,
                                          const StudyFiles& current,
                                          const config::Route& route);

}  // namespace necknode::app
