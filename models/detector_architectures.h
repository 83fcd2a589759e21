#pragma once

#include <string>
#include <vector>

#include "models/package.h"

namespace necknode::models {

enum class DetectorFamily {
  kFasterRcnn,  ///< faster_rcnn.h
  kSsd,         ///< ssd.h
  kYoloV3       ///< yolo_v3.h
};

/// One of the detectors that the paper compares (Wang et al., Front. Oncol. 2023, 13:1099104).
struct DetectorArchitecture {
  std::string name;   ///< as in a package's `architecture` and `train detector --architecture`
  std::string title;  ///< as the paper calls it
  int paper_table = 0;
  double paper_ap50 = 0;  ///< percent
  DetectorFamily family = DetectorFamily::kFasterRcnn;
  bool pyramid = true;    ///< of kFasterRcnn: FPN, else a single level
  bool roi_align = true;  ///< of kFasterRcnn: RoI Align, else RoI pooling
  /// How many anchor_sizes it takes: one a level, or all at each place of a single level.
  std::size_t min_sizes = 5, max_sizes = 5;
  DetectorConfig published;  ///< at full width, with the anchors it was published with
};

/// All seven: the ablations of Table 2 in their order, then Table 3.
[[nodiscard]] const std::vector<DetectorArchitecture>& DetectorArchitectures();

/// Throws Error(kModel) with the names that there are.
[[nodiscard]] const DetectorArchitecture& FindDetector(const std::string& name);

[[nodiscard]] std::vector<std::string> DetectorNames();

}  // namespace necknode::models
