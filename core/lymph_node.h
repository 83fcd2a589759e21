#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/detection.h"
#include "core/geometry.h"
#include "core/uid.h"

namespace necknode {

enum class Malignancy { kBenign, kIndeterminate, kMalignant };
enum class Side { kLeft, kRight, kMidline, kNotDetermined };
/// Of the neck: which one decides between N1a and N1b of a thyroid carcinoma (AJCC 8).
enum class Compartment { kCentral, kLateral, kNotDetermined };

/// The node's box on one slice.
struct NodeBox {
  int slice = 0;
  Box box;
  double score = 0;  ///< of the detector; of an interpolated box the mean of its neighbours
  double malignant_logit = 0;
  bool interpolated = false;  ///< no detection on this slice, bridged between its neighbours
};

/// A diameter in a slice's plane.
struct Diameter {
  double length_mm = 0;
  std::array<double, 4> endpoints{};  ///< x0, y0, x1, y1 in pixel edges of the node's key slice
};

enum class EarlierState {
  kMatched,  ///< the same node was found in the earlier study
  kUnsure,   ///< it may be one found there, or not; `reason` says why nothing is concluded
  kNotSeen,  ///< its place was analysed in the earlier study and nothing was found there
};

/// A node in the earlier study that the exam was compared with.
struct EarlierFinding {
  EarlierState state = EarlierState::kUnsure;
  std::string study_date;  ///< DA of the earlier study, or empty
  std::string identifier;  ///< in the earlier study's own report, "LN-2"; empty: it had none
  std::optional<double> short_axis_mm;  ///< only of kMatched, absent where it was not measured
  std::string reason;                   ///< only of kUnsure, in English, without patient data
};

/// One lymph node of the patient: boxes of neighbouring slices linked, judged and, where possible,
/// measured.
struct LymphNode {
  int number = 0;              ///< n of "LN-n": by descending probability of malignancy, from 1
  Uid tracking_uid;            ///< the same in SR, GSPS and SC, and over re-runs
  std::vector<NodeBox> boxes;  ///< ascending slice, at least one, no gaps
  int key_slice = 0;           ///< slice of the largest box; one of `boxes`
  double detection_score = 0;  ///< mean of the three best boxes' scores, 0 to 1
  double probability = 0;      ///< of malignancy, calibrated, 0 to 1
  Malignancy malignancy = Malignancy::kIndeterminate;
  Side side = Side::kNotDetermined;
  std::string level;  ///< "II", "II/III", "IV or supraclavicular", ... or empty: not determined
  std::optional<Diameter> short_axis,
      long_axis;  ///< absent: not measured (see not_measured_reason)
  std::string not_measured_reason;
  std::optional<double> mean_hu;
  std::optional<double> volume_mm3;
  std::optional<double> cystic_fraction;    ///< of the volume, 0 to 1; absent: not measured
  std::optional<double> calcification_mm3;  ///< suspected; absent: not measured
  bool fatty_hilum = false;                 ///< seen; false never means that there is none
  std::optional<EarlierFinding> earlier;    ///< absent: no earlier study was compared

  [[nodiscard]] std::string Identifier() const { return "LN-" + std::to_string(number); }
  /// From this share on a node is called cystic.
  static constexpr double kCysticFrom = 0.2;
  [[nodiscard]] bool IsCystic() const { return cystic_fraction.value_or(0) >= kCysticFrom; }
  /// Level VI is central, I to V are lateral; "VII or mediastinal" and what is not determined are
  /// neither.
  [[nodiscard]] Compartment GetCompartment() const;
  /// By how much the short axis has grown since the earlier study, mm; nullopt where the node was
  /// not matched or not measured in both.
  [[nodiscard]] std::optional<double> ShortAxisChange() const;
  /// The box on the key slice. Throws Error(kInternal) where there is none.
  [[nodiscard]] const NodeBox& KeyBox() const;
};

}  // namespace necknode
