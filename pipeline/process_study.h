#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/assessment.h"
#include "core/clock.h"
#include "dicom_io/volume_reader.h"
#include "models/inference.h"
#include "pipeline/compare_prior.h"
#include "sr_writer/documents.h"

namespace necknode::pipeline {

/// What steers the analysis of one selected series.
struct StudyOptions {
  std::string job_key, route;
  bool warn_only = false;            ///< intended_use = warn
  bool report_not_eligible = false;  ///< on_not_eligible = sr
  WallTime content_time{};           ///< zero: the newest source instance's
  bool find_levels = true;           ///< levels = experimental
  int run = 1;
  std::string incomplete;  ///< why images of the series may be missing: a partial report
  std::vector<sr_writer::Predecessor> predecessors;
  /// result.json of the earlier runs over study and route, newest first: nodes keep their names.
  std::vector<std::string> earlier_results;
  std::string software_version;
  bool slice_views = false;        ///< StudyResult::slice_views is wanted
  std::optional<PriorExam> prior;  ///< to compare with
};

enum class Outcome { kDone, kNotEligible, kFailed, kSameContent };

struct StudyResult {
  Outcome outcome = Outcome::kDone;
  std::string reason;     ///< of not eligible and failed
  Assessment assessment;  ///< rounded
  std::string analysis_digest;
  /// "SR" twice (preferred Comprehensive 3D, then Comprehensive), "PR", "SC"...; empty where
  /// nothing is reported.
  std::vector<sr_writer::Document> documents;
  std::string json;     ///< result.json
  std::string summary;  ///< for people
  /// The series as pictures (slice_views.h), of kDone; empty where they could not be made.
  std::vector<std::byte> slice_views;
};

/// Stages as they are reported.
struct Progress {
  /// "read", "detect", "measure", of an earlier study "read prior" and so on, "compare", "write",
  /// "pictures"
  std::string stage;
  int done = 0, of = 0;
  std::string object;  ///< being parsed
};

/// A study's life on one screen: read the volume, check the intended use, detect and classify slice
/// by slice, link, measure, assess, compare with an earlier study, write the documents.
/// `on_progress` is called between slices and may throw to stop the work.
/// `same_content(analysis_digest)` true ends the run early as kSameContent. Never throws for what
/// the images hold: refusals and failures are outcomes.
[[nodiscard]] StudyResult ProcessStudy(const std::vector<dicom_io::SliceSource>& sources,
                                       models::Inference& inference,
                                       const models::Package& package,
                                       const StudyOptions& options,
                                       const std::function<void(const Progress&)>& on_progress,
                                       const std::function<bool(const std::string&)>& same_content);

}  // namespace necknode::pipeline
