#include "scp/prior_fetch.h"

#include <algorithm>
#include <optional>

#include "core/error.h"
#include "core/log.h"

namespace necknode::scp {
namespace {

// Of a patient with a long history no more studies are looked into than this.
constexpr std::size_t kMostLookedInto = 20;
constexpr std::size_t kMostSeries = 20;  // of one study

// The study's newest image, with an issuer from any of its instances; nullopt: nothing is here.
std::optional<InstanceHeader> HeaderOf(storage::Store& store, storage::StudyId study) {
  std::optional<InstanceHeader> header;
  PatientText issuer;
  for (auto& instance : store.studies().Instances(study)) {
    if (!instance.header.issuer_of_patient_id.empty()) {
      issuer = instance.header.issuer_of_patient_id;
    }
    if (IsImage(instance.header)) {
      header = std::move(instance.header);
    }
  }
  if (header) {
    header->issuer_of_patient_id = issuer;
  }
  return header;
}

}  // namespace

PriorFetch::PriorFetch(PriorOptions options, RetrieveOptions retrieve, storage::Store& store)
    : options_(std::move(options)),
      retrieve_(std::move(retrieve)),
      store_(store),
      committer_(options_.by_get ? store.MakeCommitter() : nullptr) {}

void PriorFetch::Serve(const storage::ArchiveRequest& request) {
  const auto current = HeaderOf(store_, request.study);
  if (!current) {
    throw Error(ErrorCode::kUnsupported, "no image of the study is here any more");
  }
  const std::string problem = PatientQueryProblem(current->patient_id);
  if (!problem.empty()) {
    throw Error(ErrorCode::kUnsupported, problem);
  }
  auto& priors = store_.priors();
  std::vector<Chosen> wanted;
  for (Chosen& chosen : Choose(*current)) {
    const storage::PriorOrigin origin{options_.archive.name,
                                      options_.by_ae_title ? options_.archive.ae_title : "",
                                      retrieve_.our_ae_title};
    if (priors.Request(request.study, chosen.first.study_instance_uid, origin)) {
      wanted.push_back(std::move(chosen));
    }
  }
  // One that fails must not cost the patient the others.
  std::optional<Error> failure;
  for (const Chosen& prior : wanted) {
    try {
      const std::string missing = Fetch(prior);
      priors.End(request.study, prior.first.study_instance_uid, missing);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kStorageFailed || error.code() == ErrorCode::kUnsupported) {
        throw;
      }
      failure = error;
    }
  }
  if (failure) {
    throw Error(*failure);
  }
  store_.archive_requests().EndPriors(request);
  Log(LogLevel::kInfo,
      "priors_fetched",
      {{"peer", options_.archive.name},
       {"study", request.study_instance_uid.ShortName()},
       {"fetched", wanted.size()}});
}

std::vector<PriorFetch::Chosen> PriorFetch::Choose(const InstanceHeader& current) {
  ArchiveQuery query(retrieve_.our_ae_title, options_.archive, retrieve_.timeout, retrieve_.stop);
  const auto earlier = EarlierStudies(
      query.StudiesOf(current.patient_id), current, DicomDate(SystemClock().Now()), options_.rules);
  std::vector<Chosen> chosen;
  for (std::size_t i = 0; i < std::min(earlier.size(), kMostLookedInto); ++i) {
    if (static_cast<int>(chosen.size()) == options_.rules.max_studies) {
      break;
    }
    auto series =
        SuitableSeries(earlier[i], query.SeriesOf(earlier[i].study_instance_uid), options_.rules);
    series.resize(std::min(series.size(), kMostSeries));
    if (!series.empty()) {
      chosen.emplace_back(earlier[i], std::move(series));
    }
  }
  query.Release();
  return chosen;
}

std::string PriorFetch::Fetch(const Chosen& prior) {
  const Uid& study = prior.first.study_instance_uid;
  int missing = 0;
  int held_in_all = 0;
  for (const ArchivedSeries& series : prior.second) {
    int held = store_.priors().Held(study, series.series_instance_uid);
    if (held == 0 || held < series.instances.value_or(0)) {
      FetchSeries(study, series.series_instance_uid);
      held = store_.priors().Held(study, series.series_instance_uid);
    }
    missing += std::max(series.instances.value_or(0) - held, 0);
    held_in_all += held;
  }
  if (held_in_all == 0) {
    return "the archive sent nothing";
  }
  return missing == 0 ? "" : std::to_string(missing) + " instances did not come";
}

void PriorFetch::FetchSeries(const Uid& study, const Uid& series) {
  if (options_.by_get) {
    GetSeries(options_.archive, study, series, retrieve_, store_, *committer_);
  } else {
    MoveSeries(options_.archive, study, series, retrieve_);
  }
}

}  // namespace necknode::scp
