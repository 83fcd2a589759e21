#include "pipeline/process_study.h"

#include <exception>
#include <new>
#include <optional>
#include <set>
#include <utility>

#include "core/error.h"
#include "core/log.h"
#include "pipeline/assess.h"
#include "pipeline/content_time.h"
#include "pipeline/intended_use.h"
#include "pipeline/result_json.h"
#include "pipeline/slice_views.h"
#include "pipeline/write_documents.h"

namespace necknode::pipeline {
namespace {

// Carries what a callback threw past the boundary that turns the images' errors into outcomes.
struct Stopped {
  std::exception_ptr cause;
};
template <typename Callback>
auto Guarded(Callback callback) {
  try {
    return callback();
  } catch (...) {
    throw Stopped{std::current_exception()};
  }
}

// A refusal that is an outcome, not an error.
struct NotEligible {
  std::string reason;
};

std::string Join(const std::vector<std::string>& reasons) {
  std::string joined;
  for (const std::string& reason : reasons)
    joined += (joined.empty() ? "" : "; ") + reason;
  return joined;
}

using Report = std::function<void(const Progress&)>;

std::vector<Detection> DetectSlices(const Volume& volume,
                                    const NeckRange& neck,
                                    models::Inference& inference,
                                    const std::function<void(int, int)>& on_slice) {
  std::vector<Detection> detections;
  const int of = neck.last - neck.first + 1;
  for (int z = neck.first; z <= neck.last; ++z) {
    on_slice(z - neck.first, of);
    const std::vector<Detection> found = inference.Analyse(volume, z);
    detections.insert(detections.end(), found.begin(), found.end());
  }
  on_slice(of, of);
  return detections;
}

std::vector<FinishedRun> EarlierRuns(const StudyOptions& options) {
  std::vector<FinishedRun> runs;
  for (const std::string& json : options.earlier_results) {
    if (auto run = ReadFinishedRun(json))
      runs.push_back(std::move(*run));
  }
  return runs;
}

// What one run works with. `suffix` of a stage's name: " prior" for an earlier study.
struct Run {
  models::Inference& inference;
  const models::Package& package;
  const StudyOptions& options;
  const Report& report;

  [[nodiscard]] dicom_io::CtVolume Read(const std::vector<dicom_io::SliceSource>& sources,
                                        const std::string& suffix) const {
    return dicom_io::ReadVolume(sources, [&](int done, int of, const std::string& name) {
      report({"read" + suffix, done, of, name});
    });
  }

  [[nodiscard]] Assessment Analyse(const dicom_io::CtVolume& ct, const std::string& suffix) const {
    const auto stage = [&](const char* name) {
      return [this, name = name + suffix](int done, int of) { report({name, done, of, ""}); };
    };
    const VolumeGrid& grid = ct.volume.grid();
    Surroundings surroundings = FindSurroundings(ct.volume);
    const BodyMask& body = surroundings.body;
    surroundings.find_levels = options.find_levels;
    if (!HoldsNeck(body, grid.slice_spacing_mm)) {
      surroundings.find_levels = false;  // landmarks of what is no neck mean nothing
      surroundings.neck = {body.first_slice, body.last_slice};
    }
    if (body.last_slice < body.first_slice)
      throw NotEligible{"no body was found in the images"};
    const std::vector<std::string> broken = BrokenLimits(package.intended_use, ct, body);
    if (!broken.empty() && !options.warn_only)
      throw NotEligible{Join(broken)};
    const std::vector<Detection> detections =
        DetectSlices(BodyOnly(ct.volume, body), surroundings.neck, inference, stage("detect"));
    Assessment assessment =
        AssessDetections(ct.volume,
                         surroundings,
                         detections,
                         package,
                         options.job_key,
                         suffix.empty() ? EarlierRuns(options) : std::vector<FinishedRun>(),
                         stage("measure"));
    assessment.broken_limits = broken;
    return assessment;
  }

  void Compare(const dicom_io::CtVolume& ct, Assessment& assessment) const {
    const std::string suffix = " prior";
    const PriorReader reader{
        [&](const std::vector<dicom_io::SliceSource>& sources) { return Read(sources, suffix); },
        [&](const dicom_io::CtVolume& prior) {
          try {
            return Analyse(prior, suffix);
          } catch (const NotEligible& refusal) {
            throw Error(ErrorCode::kUnsupported, "it is not eligible: " + refusal.reason);
          }
        }};
    report({"compare", 0, 1, ""});
    PriorExam prior = *options.prior;
    prior.patient_birth_date = ct.slices.front().header.patient_birth_date;
    ComparePrior(ct.volume, prior, reader, assessment);
    report({"compare", 1, 1, ""});
  }
};

// The numbers by which viewers tell the slices' images apart; empty where they do not.
std::vector<int> ImageNumbers(const dicom_io::CtVolume& ct) {
  std::vector<int> numbers;
  for (const dicom_io::SliceEvidence& slice : ct.slices) {
    const int number = slice.frame > 0 ? slice.frame : slice.header.instance_number.value_or(0);
    if (number <= 0)
      return {};
    numbers.push_back(number);
  }
  const std::set<int> distinct(numbers.begin(), numbers.end());
  return distinct.size() == numbers.size() ? numbers : std::vector<int>();
}

// Pictures that cannot be made hold up no report.
std::vector<std::byte> SliceViews(const dicom_io::CtVolume& ct,
                                  const Assessment& assessment,
                                  const Report& report) {
  try {
    return WriteSliceViews(ct, assessment, [&](int done, int of) {
      report({"pictures", done, of, ""});
    });
  } catch (const std::exception& error) {
    Log(LogLevel::kError, "slice_pictures_not_made", {{"reason", error.what()}});
    return {};
  }
}

// The way of a study that ends well. `ct` and `result` hold what was reached when it does not.
void Process(const std::vector<dicom_io::SliceSource>& sources,
             const Run& run,
             const std::function<bool(const std::string&)>& same_content,
             std::optional<dicom_io::CtVolume>& ct,
             StudyResult& result) {
  ct = run.Read(sources, "");
  result.analysis_digest = ct->analysis_digest;
  result.assessment.grid = ct->volume.grid();
  if (same_content && Guarded([&] { return same_content(ct->analysis_digest); })) {
    result.outcome = Outcome::kSameContent;
    return;
  }
  result.assessment = run.Analyse(*ct, "");
  result.assessment.image_numbers = ImageNumbers(*ct);
  result.assessment.notes = ct->notes;
  if (!run.options.incomplete.empty()) {
    result.assessment.status = AssessmentStatus::kPartial;
    result.assessment.reason = run.options.incomplete;
  }
  if (run.options.prior)
    run.Compare(*ct, result.assessment);
  run.report({"write", 0, 1, ""});
  result.documents = WriteDocuments(result.assessment, *ct, run.options);
  run.report({"write", 1, 1, ""});
  if (run.options.slice_views)
    result.slice_views = SliceViews(*ct, result.assessment, run.report);
}

std::string SummaryOf(const StudyResult& result) {
  switch (result.outcome) {
    case Outcome::kFailed:
      return "Failed: " + result.reason;
    case Outcome::kNotEligible:
      return "Not eligible: " + result.reason;
    case Outcome::kSameContent:
      return "The same images as in an earlier run, whose results stand; nothing new was made";
    case Outcome::kDone:
      break;
  }
  return sr_writer::Summarise(result.assessment);
}

// A report that says that, and why, there is no analysis. Where the images could not be read it
// names those whose headers can; without any patient and study there can be none.
void ReportFailure(const std::vector<dicom_io::SliceSource>& sources,
                   const std::optional<dicom_io::CtVolume>& ct,
                   const models::Package& package,
                   const StudyOptions& options,
                   StudyResult& result) {
  result.assessment = StartAssessment(package, result.assessment.grid);
  result.assessment.status = AssessmentStatus::kFailed;
  result.assessment.reason =
      (result.outcome == Outcome::kNotEligible ? "not eligible: " : "") + result.reason;
  result.documents.clear();
  if (result.outcome == Outcome::kNotEligible && !options.report_not_eligible)
    return;
  try {
    std::optional<dicom_io::CtVolume> headers;
    if (!ct)
      headers = dicom_io::ReadHeaders(sources);
    if (ct || headers)
      result.documents = WriteDocuments(result.assessment, ct ? *ct : *headers, options);
  } catch (const std::exception& error) {
    Log(LogLevel::kError, "failure_report_not_written", {{"reason", error.what()}});
  }
}

void Refuse(StudyResult& result, Outcome outcome, std::string reason) {
  result.outcome = outcome;
  result.reason = std::move(reason);
}

}  // namespace

StudyResult ProcessStudy(const std::vector<dicom_io::SliceSource>& sources,
                         models::Inference& inference,
                         const models::Package& package,
                         const StudyOptions& options,
                         const std::function<void(const Progress&)>& on_progress,
                         const std::function<bool(const std::string&)>& same_content) {
  const Report report = [&](const Progress& progress) {
    if (on_progress)
      Guarded([&] { on_progress(progress); });
  };
  StudyResult result;
  result.assessment = StartAssessment(package, {});
  std::optional<dicom_io::CtVolume> ct;
  try {
    Process(sources, {inference, package, options, report}, same_content, ct, result);
  } catch (const Stopped& stopped) {
    std::rethrow_exception(stopped.cause);
  } catch (const NotEligible& refusal) {
    Refuse(result, Outcome::kNotEligible, refusal.reason);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kStorageFailed)
      throw;  // not the images' fault: the role must end
    // What the images lack is no failure of ours; bytes that cannot be decoded may be.
    const bool refused =
        !ct && (error.code() == ErrorCode::kGeometry || error.code() == ErrorCode::kUnsupported);
    Refuse(result, refused ? Outcome::kNotEligible : Outcome::kFailed, error.what());
  } catch (const std::bad_alloc&) {
    Refuse(result, Outcome::kFailed, "out of memory");
  } catch (const std::exception& error) {
    Refuse(result, Outcome::kFailed, std::string("internal error: ") + error.what());
  }

  const bool refused =
      result.outcome == Outcome::kNotEligible || result.outcome == Outcome::kFailed;
  if (refused)
    ReportFailure(sources, ct, package, options, result);
  result.json = ResultJson(result, options, ct ? &*ct : nullptr);
  result.summary = SummaryOf(result);
  return result;
}

}  // namespace necknode::pipeline
