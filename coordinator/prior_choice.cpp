#include "coordinator/prior_choice.h"

#include <algorithm>

#include "coordinator/series_selection.h"

namespace necknode::coordinator {
namespace {

// What the route has made of a study.
struct Analysis {
  std::optional<storage::Job> done;  // the newest finished job
  bool pending = false;              // one is still to be done
};
Analysis AnalysisBy(storage::Store& store, storage::StudyId study, const std::string& route) {
  Analysis analysis;
  for (const storage::Job& job : store.jobs().OfStudy(study)) {
    if (job.route != route)
      continue;
    if (job.state == storage::JobState::kDone && !analysis.done)
      analysis.done = job;
    analysis.pending = analysis.pending || job.state == storage::JobState::kQueued ||
                       job.state == storage::JobState::kRunning ||
                       job.state == storage::JobState::kParked;
  }
  return analysis;
}

std::optional<Uid> SelectedSeries(const std::vector<storage::IndexedInstance>& instances,
                                  const config::Route& route) {
  std::vector<InstanceHeader> headers;
  for (const auto& instance : instances)
    headers.push_back(instance.header);
  for (const SeriesVerdict& verdict : SelectSeries(headers, route)) {
    if (verdict.selected)
      return verdict.series_instance_uid;
  }
  return std::nullopt;
}

std::string ResultKey(storage::Store& store, const storage::Job& job) {
  for (const storage::NewResult& result : store.jobs().ResultsOf(job.id)) {
    if (result.kind == "JSON")
      return result.object_key;
  }
  return {};
}

// Images of the study, or why there are none.
void Fill(storage::Store& store,
          const storage::EarlierStudy& study,
          const std::optional<storage::Job>& analysed,
          const config::Route& route,
          ChosenPrior& prior) {
  if (!study.has_images) {
    prior.not_compared = analysed ? "its images are no longer stored"
                                  : "its images could not be fetched from the archive in time";
    return;
  }
  std::vector<storage::IndexedInstance> instances = store.priors().Instances(study.id);
  const std::optional<Uid> series =
      analysed ? analysed->series_instance_uid : SelectedSeries(instances, route);
  if (!series) {
    prior.not_compared = "none of its series is suitable";
    return;
  }
  std::erase_if(instances, [&](const storage::IndexedInstance& instance) {
    return instance.header.series_instance_uid != *series || !IsAnalysable(instance.header);
  });
  prior.images = std::move(instances);
  if (prior.images.empty())
    prior.not_compared = "the images of its analysed series are no longer stored";
  else if (analysed)
    prior.result_key = ResultKey(store, *analysed);
}

}  // namespace

std::optional<ChosenPrior> ChoosePrior(storage::Store& store,
                                       const storage::Job& job,
                                       const config::Route& route) {
  if (!route.compare_prior)
    return std::nullopt;
  std::optional<ChosenPrior> newest_without;
  for (const storage::EarlierStudy& study : store.priors().EarlierThan(job.study)) {
    const Analysis analysis = AnalysisBy(store, study.id, job.route);
    if (!analysis.done && !study.fetched && !analysis.pending)
      continue;
    ChosenPrior prior;
    prior.study_instance_uid = study.study_instance_uid;
    prior.study_date = study.study_date;
    if (job.deaths_alone > 0) {
      prior.not_compared = "an attempt at the analysis ended with its process";
      return prior;
    }
    if (!analysis.done && !study.fetched)
      prior.not_compared = "it has not been analysed yet";
    else
      Fill(store, study, analysis.done, route, prior);
    if (prior.not_compared.empty())
      return prior;
    if (!newest_without)
      newest_without = std::move(prior);
  }
  return newest_without;
}

}  // namespace necknode::coordinator
