#include "app/series_choice.h"

#include <cstdio>

#include "coordinator/series_selection.h"
#include "core/error.h"

namespace necknode::app {

std::optional<Uid> ChooseSeries(const StudyFiles& study,
                                const config::Route& route,
                                const std::string& asked) {
  std::vector<InstanceHeader> headers;
  for (const dicom_io::DicomFolder::File& file : study.files)
    headers.push_back(file.header);
  std::optional<Uid> chosen;
  for (const coordinator::SeriesVerdict& verdict : coordinator::SelectSeries(headers, route)) {
    const bool is_chosen =
        asked.empty() ? verdict.selected
                      : verdict.refusals.empty() && verdict.series_instance_uid.value() == asked;
    if (is_chosen)
      chosen = verdict.series_instance_uid;
    std::string why;
    for (const auto* reasons : {&verdict.refusals, &verdict.remarks}) {
      for (const std::string& reason : *reasons)
        why += (why.empty() ? "" : "; ") + reason;
    }
    std::fprintf(stderr,
                 "%s: %s%s%s\n",
                 is_chosen ? "series chosen" : "series left out",
                 verdict.description.c_str(),
                 why.empty() ? "" : ": ",
                 why.c_str());
  }
  return chosen;
}

pipeline::PriorExam PriorIn(const std::string& folder,
                            const StudyFiles& current,
                            const config::Route& route) {
  const auto when = [](const StudyFiles& study) {
    const InstanceHeader& header = study.files.front().header;
    return header.study_date + header.study_time;
  };
  pipeline::PriorExam prior;
  const StudyFiles* newest = nullptr;
  std::vector<StudyFiles> studies;
  try {
    studies = FindStudies(folder);
  } catch (const Error& error) {
    std::fprintf(stderr, "earlier study: %s\n", error.what());
    prior.not_compared = "the folder of the earlier study holds no readable DICOM file";
    return prior;
  }
  prior.not_compared = "no study of the patient in the folder is earlier than this one";
  for (const StudyFiles& study : studies) {
    const InstanceHeader& header = study.files.front().header;
    const bool same_patient = header.patient_id == current.files.front().header.patient_id;
    if (same_patient && !header.study_date.empty() && when(study) < when(current) &&
        (newest == nullptr || when(*newest) < when(study)))
      newest = &study;
  }
  if (newest == nullptr)
    return prior;
  prior.study_instance_uid = newest->study_instance_uid;
  prior.study_date = newest->files.front().header.study_date;
  std::fprintf(stderr, "earlier study %s\n", newest->study_instance_uid.value().c_str());
  const std::optional<Uid> series = ChooseSeries(*newest, route, "");
  prior.not_compared = series ? "" : "none of its series is suitable";
  if (series)
    prior.sources = ImagesOf(*newest, *series);
  return prior;
}

}  // namespace necknode::app
