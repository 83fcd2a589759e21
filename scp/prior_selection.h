#pragma once

#include <string>
#include <vector>

#include "core/instance_header.h"
#include "scp/archive_query.h"

namespace necknode::scp {

/// Which earlier studies of a patient are fetched.
struct PriorRules {
  int max_studies = 2;
  int max_age_years = 5;  ///< before the current study
  std::string modality = "CT";
  /// Words of which one must stand in the description of the study, or in the description or body
  /// part of the series; without regard to case. Empty: any.
  std::vector<std::string> words;
};

/// Why no archive can be asked about the patient, or empty: without an ID, or with one that a query
/// would take as a pattern (PS3.4 C.2.2.2.4) or that is not ASCII, others' studies could come back.
[[nodiscard]] std::string PatientQueryProblem(const PatientText& patient_id);

/// Of what an archive answered those studies that may be priors of the study of `current`, the
/// newest first: of the same patient (an issuer is compared where both give one), earlier in time
/// by date and, on the same day, by time, and not older than the rules say. `today` (DA) stands in
/// for an absent study date.
[[nodiscard]] std::vector<ArchivedStudy> EarlierStudies(const std::vector<ArchivedStudy>& answers,
                                                        const InstanceHeader& current,
                                                        const std::string& today,
                                                        const PriorRules& rules);

/// Of a study's series those that the rules want.
[[nodiscard]] std::vector<ArchivedSeries> SuitableSeries(const ArchivedStudy& study,
                                                         const std::vector<ArchivedSeries>& series,
                                                         const PriorRules& rules);

}  // namespace necknode::scp
