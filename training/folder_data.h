#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "training/data_problems.h"
#include "training/data_source.h"
#include "training/labelled_study.h"
#include "training/patient_split.h"

namespace necknode::training {

/// How a folder of DICOM is taken.
struct FolderOptions {
  SplitFractions split;  ///< where the annotations have no list of their own
  int studies_in_memory = 48;
};

/// What is in some studies.
struct DataCounts {
  std::size_t patients = 0, series = 0, slices = 0, slices_with_nodes = 0;
  std::size_t benign = 0, metastatic = 0;  ///< boxes
  std::size_t nodes = 0;
};

/// Studies of a folder; their labels are known without reading a volume again.
class FolderStudies : public LabelledStudies {
 public:
  /// Without volumes; one per study.
  [[nodiscard]] virtual const std::vector<LabelledStudy>& labels() const = 0;
};

/// A hospital's own data: a folder of classic CT files in any sub-folders, joined to its
/// annotations. Only series with an annotated image are read.
class FolderData {
 public:
  using Progress = std::function<void(int done, int of)>;

  /// Reads and checks everything once: each file's header, the annotations, each annotated series'
  /// pixels and geometry. What cannot be used is in problems(). `progress` counts series. Throws
  /// Error(kNotFound | kParse) where folder or annotations as a whole cannot be read,
  /// Error(kUnsupported) in a build without DICOM.
  static std::shared_ptr<FolderData> Open(const DataSource& source,
                                          const FolderOptions& options,
                                          const Progress& progress);
  virtual ~FolderData() = default;

  /// Everything that was wrong, by file.
  [[nodiscard]] virtual const DataProblems& problems() const = 0;
  [[nodiscard]] virtual const PatientSplit& split() const = 0;
  /// Studies of the patients on one side, or all; may be none. Lives as long as it is held.
  [[nodiscard]] virtual std::shared_ptr<FolderStudies> Studies(DataPart part) = 0;
  [[nodiscard]] virtual DataCounts Count(DataPart part) const = 0;
  /// Digests, split and counts: what a training record says of the data. No patient data.
  [[nodiscard]] virtual nlohmann::ordered_json Record() const = 0;
};

/// Counts of all and of each side, and the first problems.
[[nodiscard]] std::string ReportOf(const FolderData& data, std::size_t problems_shown);
/// Record() with all problems: what goes into data_problems.json.
[[nodiscard]] nlohmann::ordered_json ReportAsJson(const FolderData& data);
[[nodiscard]] nlohmann::ordered_json ToJson(const DataCounts& counts);

/// Throws Error(kInvalidArgument) with the first problems where no box is left, or, if `strict`,
/// where there is any problem.
void RequireUsable(const FolderData& data, bool strict);

}  // namespace necknode::training
