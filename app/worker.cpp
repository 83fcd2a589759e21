#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "app/job_images.h"
#include "app/job_output.h"
#include "app/node_options.h"
#include "app/package_path.h"
#include "app/roles.h"
#include "app/stage_clock.h"
#include "core/error.h"
#include "core/log.h"
#include "models/inference.h"
#include "pipeline/process_study.h"

namespace necknode::app {
namespace {

constexpr std::chrono::milliseconds kPollInterval{250};
constexpr std::chrono::seconds kLease{60};
constexpr std::chrono::seconds kRetryDelay{30};
constexpr int kMaxAttempts = 3;

/// Ends a job's work from inside the stage loop: the lease is lost or the node stops.
struct WorkEnded {
  bool stopping = false;
};

/// Ends the process although the job was settled.
struct RestartNeeded {
  std::string reason;
};

/// A package as this worker found it, with its networks once they were needed.
struct LoadedPackage {
  models::Package package;
  std::unique_ptr<models::Inference> inference;
};

std::string LimitsJson(const models::IntendedUse& use) {
  const nlohmann::json limits = {{"text", use.text},
                                 {"min_slice_thickness_mm", use.min_slice_thickness_mm},
                                 {"max_slice_thickness_mm", use.max_slice_thickness_mm},
                                 {"min_pixel_spacing_mm", use.min_pixel_spacing_mm},
                                 {"max_pixel_spacing_mm", use.max_pixel_spacing_mm},
                                 {"needs_contrast", use.needs_contrast},
                                 {"allows_lossy", use.allows_lossy},
                                 {"min_age_years", use.min_age_years}};
  return limits.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

class Worker {
 public:
  Worker(RunningConfig& config, storage::Store& store, StopSignal& stop)
      : config_(config),
        store_(store),
        stop_(stop),
        owner_(WorkerOwner(getpid())),
        reporter_(store, "worker", [this] { return counted_.Snapshot(); }),
        generation_(config.generation()) {
    // A series that begins with its first failure would hide it from increase().
    for (const char* state :
         {"done", "same_content", "not_eligible", "failed", "parked", "retried"}) {
      CountJob(state, 0);
    }
  }

  void Run() {
    models::UseAllCpus();
    models::CheckBlas();
    FindPackages();
    reporter_.Report("ready on " + device_);
    while (!stop_.WaitFor(std::chrono::milliseconds(0))) {
      try {
        TakeOver();
        if (const auto job = store_.jobs().Acquire(owner_, kLease)) {
          TakeOver();  // its route may be newer than the last look
          Work(*job);
          continue;
        }
      } catch (const Error& error) {
        if (error.code() != ErrorCode::kNoSpace) {
          throw;
        }
        Log(LogLevel::kWarning, "waiting_for_space", {{"reason", error.what()}});
      }
      reporter_.Report("idle on " + device_ + ", " + std::to_string(done_) + " jobs done");
      stop_.WaitFor(kPollInterval);
    }
  }

 private:
  /// Between jobs. Looking for packages reads all their weights: only where routes name others, or
  /// somebody asks for it.
  void TakeOver() {
    if (!config_.Refresh()) {
      return;
    }
    if (config_.generation() == generation_ || PackagesOfRoutes() != warmed_) {
      FindPackages();
    }
    generation_ = config_.generation();
  }

  [[nodiscard]] std::set<std::string> PackagesOfRoutes() const {
    std::set<std::string> names;
    for (const config::Route& route : config::WithShadows(config_.now().routes)) {
      names.insert(route.package);
    }
    return names;
  }

  /// Loads what is installed, reports each with its state, and warms those that a route names. What
  /// was loaded before and is the same stays.
  void FindPackages() {
    std::vector<storage::PackageRow> rows;
    const std::filesystem::path root = PackageRoot(config_.now().packages);
    std::map<std::string, LoadedPackage> before = std::exchange(packages_, {});
    for (models::PackageState& listed : models::ListPackages(root)) {
      const std::string name = listed.name + "/" + listed.version;
      storage::PackageRow row{name, "", false, listed.package.has_value(), listed.reason};
      if (listed.package) {
        row.digest = listed.package->digest;
        row.clinical = listed.package->clinical;
        row.warning = listed.package->warning;
        row.limits_json = LimitsJson(listed.package->intended_use);
        row.figures_json = listed.package->figures_json;
        auto known = before.find(name);
        if (known != before.end() && known->second.package.digest == row.digest) {
          packages_.emplace(name, std::move(known->second));
        } else {
          packages_.emplace(name, LoadedPackage{std::move(*listed.package), nullptr});
        }
      }
      rows.push_back(row);
    }
    warmed_ = PackagesOfRoutes();
    for (const std::string& name : warmed_) {
      Warm(name, rows);
    }
    store_.ReportPackages(rows);
  }

  void Warm(const std::string& name, std::vector<storage::PackageRow>& rows) {
    auto row = std::find_if(
        rows.begin(), rows.end(), [&](const auto& candidate) { return candidate.package == name; });
    if (row == rows.end()) {
      row = rows.insert(rows.end(), {name, "", false, false, "not installed"});
    }
    if (!row->usable) {
      return;
    }
    try {
      (void)InferenceOf(packages_.at(name));
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kModel) {
        throw;
      }
      row->usable = false;
      row->reason = error.what();
    }
  }

  models::Inference& InferenceOf(LoadedPackage& loaded) {
    if (!loaded.inference) {
      loaded.inference = std::make_unique<models::Inference>(loaded.package, config_.now().device);
      device_ = loaded.inference->device();
      stages_.CountFromZero(device_);
      Log(LogLevel::kInfo,
          "package_ready",
          {{"package", loaded.package.name + "/" + loaded.package.version}, {"device", device_}});
    }
    return *loaded.inference;
  }

  void Work(const storage::Job& job) {
    const storage::Lease lease{job.id, job.attempt};
    Log(LogLevel::kInfo,
        "job_started",
        {{"job", job.id}, {"attempt", job.attempt}, {"slices", job.slices}});
    try {
      Process(job, lease);
      ++done_;
    } catch (const WorkEnded& ended) {
      stages_.Leave();
      if (ended.stopping) {
        store_.jobs().Retry(lease, "the node was stopped", std::chrono::milliseconds(0));
      }
      Log(LogLevel::kInfo, "job_given_up", {{"job", job.id}, {"stopping", ended.stopping}});
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kStorageFailed) {
        throw;
      }
      PutBack(job, lease, error.what());
    } catch (const std::exception& error) {
      PutBack(job, lease, error.what());
    }
  }

  void CountJob(std::string_view state, double by = 1) {
    counted_.Add("necknode_jobs_finished_total", {{"state", std::string(state)}}, by);
  }

  void PutBack(const storage::Job& job, const storage::Lease& lease, const std::string& reason) {
    stages_.Leave();
    Log(LogLevel::kError,
        "job_failed",
        {{"job", job.id}, {"attempt", job.attempt}, {"reason", reason}});
    if (job.attempt >= kMaxAttempts) {
      store_.jobs().Park(lease, reason);
      CountJob("parked");
    } else {
      CountJob("retried");
      store_.jobs().Retry(lease, reason, kRetryDelay);
    }
  }

  void Process(const storage::Job& job, const storage::Lease& lease) {
    const std::vector<config::Route> routes = config::WithShadows(config_.now().routes);
    const auto route =
        std::find_if(routes.begin(), routes.end(), [&](const config::Route& candidate) {
          return candidate.name == job.route;
        });
    const auto loaded = packages_.find(job.package);
    if (route == routes.end() || loaded == packages_.end() ||
        loaded->second.package.digest != job.package_digest) {
      const std::string what =
          route == routes.end() ? "route " + job.route : "package " + job.package;
      store_.jobs().Park(lease, what + " is not what it was when the job was made");
      CountJob("parked");
      return;
    }
    const models::Package& package = loaded->second.package;
    models::Inference& inference = InferenceOf(loaded->second);
    const pipeline::StudyResult result = pipeline::ProcessStudy(
        SourcesOf(store_, store_.studies().InstancesOfSeries(job.study, job.series_instance_uid)),
        inference,
        package,
        OptionsOf(job, *route),
        [&](const pipeline::Progress& progress) { Heartbeat(job, lease, progress); },
        [&](const std::string& digest) {
          return store_.jobs().FindSameContent(job, digest).has_value();
        });
    Deliver(job, lease, *route, package, result);
    // An error of a CUDA context sticks to its process: only a new one can be trusted.
    if (result.outcome == pipeline::Outcome::kFailed && device_.rfind("cuda", 0) == 0) {
      throw RestartNeeded{"starting again after a failure on " + device_};
    }
  }

  pipeline::StudyOptions OptionsOf(const storage::Job& job, const config::Route& route) {
    pipeline::StudyOptions options;
    options.job_key = job.key;
    options.route = job.route;
    options.warn_only = route.intended_use == "warn";
    options.report_not_eligible = route.on_not_eligible == "sr";
    options.find_levels = route.levels == "experimental";
    options.content_time = job.created;
    options.incomplete = job.incomplete;
    options.software_version = NECKNODE_VERSION;
    options.slice_views = true;
    options.prior = PriorExamOf(store_, job, route);
    for (const storage::NewResult& result : store_.jobs().PredecessorResults(job)) {
      if (result.sop_instance_uid.empty()) {
        continue;  // of JSON, HTML and VIEW: no documents
      }
      options.predecessors.push_back(
          {result.sop_class_uid, result.sop_instance_uid, result.series_instance_uid});
    }
    for (const storage::Job& other : store_.jobs().OfStudy(job.study)) {
      if (other.id < job.id && other.route == job.route &&
          other.state == storage::JobState::kDone) {
        ++options.run;
        options.earlier_results.push_back(ResultJsonOf(other));
      }
    }
    return options;
  }

  /// Empty where it is not to be had any more.
  std::string ResultJsonOf(const storage::Job& job) {
    for (const storage::NewResult& result : store_.jobs().ResultsOf(job.id)) {
      if (result.kind != "JSON") {
        continue;
      }
      const std::vector<std::byte> bytes =
          store_.objects().Read(storage::ObjectKind::kResult, result.object_key);
      return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }
    return {};
  }

  void Heartbeat(const storage::Job& job,
                 const storage::Lease& lease,
                 const pipeline::Progress& progress) {
    stages_.Enter(progress.stage, device_);
    if (stop_.Stopped()) {
      throw WorkEnded{true};
    }
    if (progress.object != parsing_) {
      parsing_ = progress.object;
      if (!store_.jobs().NoteParsing(lease, parsing_)) {
        throw WorkEnded{};
      }
    }
    const auto now = std::chrono::steady_clock::now();
    if (now - last_heartbeat_ < std::chrono::seconds(1)) {
      return;
    }
    last_heartbeat_ = now;
    const int done = progress.stage == "detect" ? progress.done : 0;
    if (!store_.jobs().Heartbeat(lease, done, kLease)) {
      throw WorkEnded{};
    }
    reporter_.Report("job " + std::to_string(job.id) + " on " + device_ + ": " + progress.stage +
                     " " + std::to_string(progress.done) + "/" + std::to_string(progress.of));
  }

  void Deliver(const storage::Job& job,
               const storage::Lease& lease,
               const config::Route& route,
               const models::Package& package,
               const pipeline::StudyResult& result);

  RunningConfig& config_;  // taken over between jobs
  storage::Store& store_;
  StopSignal& stop_;
  const std::string owner_;
  CounterSet counted_;
  StageClock stages_{counted_};
  RoleReporter reporter_;
  int generation_;  // taken over last
  std::set<std::string> warmed_;
  std::map<std::string, LoadedPackage> packages_;
  std::string device_ = "no device yet";
  std::string parsing_;
  std::chrono::steady_clock::time_point last_heartbeat_{};
  int done_ = 0;
};

void Worker::Deliver(const storage::Job& job,
                     const storage::Lease& lease,
                     const config::Route& route,
                     const models::Package& package,
                     const pipeline::StudyResult& result) {
  stages_.Enter("store", device_);
  JobOutput output = WriteOutput(config_.now(), route, job, package.clinical, result, store_);
  if (!store_.jobs().Finish(lease, output.finished)) {
    for (auto& file : output.files) {
      file->Discard();
    }
    throw WorkEnded{};
  }
  stages_.Leave();
  CountJob(storage::ToString(output.finished.state));
  Log(LogLevel::kInfo,
      "job_finished",
      {{"job", job.id},
       {"state", std::string(storage::ToString(output.finished.state))},
       {"nodes", result.assessment.nodes.size()},
       {"documents", result.documents.size()},
       {"reason", output.finished.reason}});
}

}  // namespace

std::string WorkerOwner(int pid) { return "worker:" + std::to_string(pid); }

void RunWorker(RunningConfig& config, storage::Store& store, StopSignal& stop) {
  try {
    Worker(config, store, stop).Run();
  } catch (const RestartNeeded& restart) {
    throw Error(ErrorCode::kInternal, restart.reason);
  }
}

}  // namespace necknode::app
