#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/geometry.h"
#include "core/lymph_node.h"
#include "core/uid.h"

namespace necknode {

/// Which model judged: what the outputs must name (OUTPUTS: Algorithm Identification, Contributing
/// Equipment).
struct ModelIdentity {
  std::string package, version;
  std::string digest;  ///< SHA-256 of the package's manifest and weights
  std::string manufacturer;
  std::string detector, classifier;  ///< architecture names
  bool clinical = false;
  std::string warning;  ///< begins every text of the outputs where clinical is false
};

/// What the networks and the linking were set to, as the report states it.
struct Thresholds {
  double detection_score = 0;                            ///< boxes below are dropped
  double malignant_probability = 0.5;                    ///< the operating point
  double indeterminate_low = 0, indeterminate_high = 0;  ///< equal: no indeterminate class
};

/// What divides the neck into levels, and on which slice it was found.
struct LevelLandmark {
  std::string name;          ///< "hyoid", "cricoid", "manubrium"
  std::optional<int> slice;  ///< absent: not found
};

enum class AssessmentStatus {
  kComplete,
  kPartial,  ///< something could not be analysed; `reason` says what
  kFailed,   ///< our own error; no nodes
};

/// The earlier study of the patient that the exam was compared with, or should have been.
struct Comparison {
  Uid study_instance_uid;
  std::string study_date;            ///< DA, or empty
  std::optional<double> quality;     ///< how well the two exams could be aligned, 0 to 1
  std::optional<int> earlier_nodes;  ///< found in the earlier study
  std::string reason;  ///< why nothing was compared, in English, without patient data; else empty
};

/// The conclusion of one run over one series. Everything that the SR, GSPS and SC say comes from
/// here and from the evidence, rounded once by Round().
struct Assessment {
  AssessmentStatus status = AssessmentStatus::kComplete;
  std::string reason;  ///< of partial and failed, in English, without patient data
  ModelIdentity model;
  Thresholds thresholds;
  VolumeGrid grid;
  int first_slice = 0, last_slice = -1;  ///< analysed, inclusive
  /// Instance Number (of a multi-frame image the frame's number) of each slice, as viewers show it;
  /// empty where they do not tell the slices apart.
  std::vector<int> image_numbers;
  std::vector<LevelLandmark> landmarks;    ///< empty: levels were not looked for
  std::vector<LymphNode> nodes;            ///< ascending number
  std::vector<std::string> notes;          ///< what the reader handled, e.g. doubled positions
  std::vector<std::string> broken_limits;  ///< of the intended use, lifted by intended_use = warn
  std::optional<Comparison> comparison;    ///< absent: no earlier study is known
};

/// Rounds in place what the outputs print: mm to 0.1, probabilities, scores and the quality of a
/// comparison to 0.01, HU to 1, coordinates to 0.25 pixel, volumes to 10 mm3, calcifications to
/// 1 mm3. All outputs are made from the rounded values.
void Round(Assessment& assessment);

/// SHA-256 over the rounded Assessment in a fixed text form: two runs that say the same have the
/// same digest.
[[nodiscard]] std::string DigestOf(const Assessment& assessment);

/// What people call a slice: "image 36" as their viewer does, else "slice 45", counted from 1.
[[nodiscard]] std::string SliceName(const Assessment& assessment, int slice);

/// "malignant", "benign", "indeterminate"; "left", "right", "midline", "not determined";
/// "complete", ...; "matched", "unsure", "not seen"
[[nodiscard]] std::string_view ToString(Malignancy malignancy);
[[nodiscard]] std::string_view ToString(Side side);
[[nodiscard]] std::string_view ToString(AssessmentStatus status);
[[nodiscard]] std::string_view ToString(EarlierState state);

}  // namespace necknode
