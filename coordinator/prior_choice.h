#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "storage/store.h"

namespace necknode::coordinator {

/// An earlier study to compare a job's study with.
struct ChosenPrior {
  Uid study_instance_uid;
  std::string study_date;                        ///< DA
  std::vector<storage::IndexedInstance> images;  ///< analysable ones of one series
  std::string result_key;    ///< object of the result.json of its analysis, or empty
  std::string not_compared;  ///< why it cannot be compared with, in English; then without images
};

/// The newest earlier study of the patient whose images are here and which was analysed by the
/// job's route or fetched for the job's study; of a fetched one the series that the route would
/// select. Where there is none, the newest that should have been there, with the reason. nullopt
/// where no earlier study is known or the route does not compare. A job whose worker has died
/// before goes without: the earlier study's images may have been what killed it.
[[nodiscard]] std::optional<ChosenPrior> ChoosePrior(storage::Store& store,
                                                     const storage::Job& job,
                                                     const config::Route& route);

}  // namespace necknode::coordinator
