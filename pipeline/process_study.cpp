#include "pipeline/process_study.h"

#include <exception>
#include <new>
#include <optional>
#include <utility>

#include "core/error.h"
#include "core/log.h"
#include "pipeline/assess.h"
#include "pipeline/content_time.h"
#include "pipeline/intended_use.h"
#include "pipeline/result_json.h"
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

std::vector<Detection> DetectSlices(const Volume& volume,
                                    const NeckRange& neck,
                                    models::Inference& inference,
                                    const std::function<void(const Progress&)>& report) {
  std::vector<Detection> detections;
  const int of = neck.last - neck.first + 1;
  for (int z = neck.first; z <= neck.last; ++z) {
    report({"detect", z - neck.first, of, ""});
    const std::vector<Detection> found = inference.Analyse(volume, z);
    detections.insert(detections.end(), found.begin(), found.end());
  }
  report({"detect", of, of, ""});
  return detections;
}

std::vector<EarlierRun> EarlierRuns(const StudyOptions& options) {
  std::vector<EarlierRun> runs;
  for (const std::string& json : options.earlier_results) {
    if (auto run = ReadEarlierRun(json))
      runs.push_back(std::move(*run));
  }
  return runs;
}

// The way of a study that ends well. `ct` and `result` hold what was reached when it does not.
void Run(const std::vector<dicom_io::SliceSource>& sources,
         models::Inference& inference,
         const models::Package& package,
         const StudyOptions& options,
         const std::function<void(const Progress&)>& report,
         const std::function<bool(const std::string&)>& same_content,
         std::optional<dicom_io::CtVolume>& ct,
         StudyResult& result) {
  ct = dicom_io::ReadVolume(sources, [&](int done, int of, const std::string& name) {
    report({"read", done, of, name});
  });
  result.analysis_digest = ct->analysis_digest;
  result.assessment.grid = ct->volume.grid();
  if (same_content && Guarded([&] { return same_content(ct->analysis_digest); })) {
    result.outcome = Outcome::kSameContent;
    return;
  }

  Surroundings surroundings = FindSurroundings(ct->volume);
  surroundings.find_levels = options.find_levels;
  const BodyMask& body = surroundings.body;
  if (body.last_slice < body.first_slice)
    throw NotEligible{"no body was found in the images"};
  const std::vector<std::string> broken = BrokenLimits(package.intended_use, *ct, body);
  if (!broken.empty() && !options.warn_only)
    throw NotEligible{Join(broken)};

  const std::vector<Detection> detections =
      DetectSlices(BodyOnly(ct->volume, body), surroundings.neck, inference, report);
  result.assessment = AssessDetections(ct->volume,
                                       surroundings,
                                       detections,
                                       package,
                                       options.job_key,
                                       EarlierRuns(options),
                                       [&](int done, int of) {
                                         report({"measure", done, of, ""});
                                       });
  result.assessment.broken_limits = broken;
  if (!options.incomplete.empty()) {
    result.assessment.status = AssessmentStatus::kPartial;
    result.assessment.reason = options.incomplete;
  }

  report({"write", 0, 1, ""});
  result.documents = WriteDocuments(result.assessment, *ct, options);
  report({"write", 1, 1, ""});
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
  const auto report = [&](const Progress& progress) {
    if (on_progress)
      Guarded([&] { on_progress(progress); });
  };
  StudyResult result;
  result.assessment = StartAssessment(package, {});
  std::optional<dicom_io::CtVolume> ct;
  try {
    Run(sources, inference, package, options, report, same_content, ct, result);
  } catch (const Stopped& stopped) {
    std::rethrow_exception(stopped.cause);
  } catch (const NotEligible& refusal) {
    Refuse(result, Outcome::kNotEligible, refusal.reason);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kStorageFailed)
      throw;  // not the images' fault: the role must end
    const bool geometry = error.code() == ErrorCode::kGeometry && !ct;
    Refuse(result, geometry ? Outcome::kNotEligible : Outcome::kFailed, error.what());
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
  result.summary =
      refused ? std::string(result.outcome == Outcome::kFailed ? "Failed: " : "Not eligible: ") +
                    result.reason
              : sr_writer::Summarise(result.assessment);
  return result;
}

}  // namespace necknode::pipeline
