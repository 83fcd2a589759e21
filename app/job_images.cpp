#include "app/job_images.h"

#include "coordinator/prior_choice.h"
#include "coordinator/series_selection.h"
#include "core/error.h"
#include "core/log.h"

namespace necknode::app {
namespace {

// Empty where it cannot be read: the images are then analysed once more.
std::string ResultText(storage::Store& store, const std::string& key) {
  if (key.empty())
    return {};
  try {
    const auto bytes = store.objects().Read(storage::ObjectKind::kResult, key);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  } catch (const Error& error) {
    Log(LogLevel::kWarning, "earlier_result_not_read", {{"reason", error.what()}});
    return {};
  }
}

}  // namespace

std::vector<dicom_io::SliceSource> SourcesOf(
    storage::Store& store, const std::vector<storage::IndexedInstance>& instances) {
  std::vector<dicom_io::SliceSource> sources;
  for (const storage::IndexedInstance& instance : instances) {
    if (!coordinator::IsAnalysable(instance.header))
      continue;
    sources.push_back({instance.object_key, [&store, key = instance.object_key] {
                         return store.objects().Read(storage::ObjectKind::kReceived, key);
                       }});
  }
  return sources;
}

std::optional<pipeline::PriorExam> PriorExamOf(storage::Store& store,
                                               const storage::Job& job,
                                               const config::Route& route) {
  const auto chosen = coordinator::ChoosePrior(store, job, route);
  if (!chosen)
    return std::nullopt;
  pipeline::PriorExam prior;
  prior.study_instance_uid = chosen->study_instance_uid;
  prior.study_date = chosen->study_date;
  prior.not_compared = chosen->not_compared;
  prior.sources = SourcesOf(store, chosen->images);
  prior.result_json = ResultText(store, chosen->result_key);
  return prior;
}

}  // namespace necknode::app
