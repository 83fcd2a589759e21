#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/detection.h"
#include "core/uid.h"
#include "training/data_problems.h"
#include "training/patient_split.h"

namespace necknode::training {

/// One entry of `images`: a slice whose lymph nodes are all annotated, or which has none.
struct CocoImage {
  std::int64_t id = 0;
  Uid sop_instance_uid;
  std::optional<std::int64_t> width,
      height;              ///< pixels; checked against the DICOM file where given
  std::string patient_id;  ///< empty where not given
};

/// One entry of `annotations`.
struct CocoBox {
  std::int64_t id = 0, image_id = 0;
  Box box;  ///< pixel edges, finite, area above 0
  bool malignant = false;
  std::string patient_id;  ///< empty where not given
  std::string node_id;     ///< as text; empty where not given: then the box is a node of its own
};

/// An annotation file (docs/training.md has the format), its own entries checked.
struct CocoAnnotations {
  std::vector<CocoImage> images;
  std::vector<CocoBox> boxes;
  /// Images of which an annotation cannot be used: what is on them is not known.
  std::set<std::int64_t> incomplete;
  PatientSplit split;  ///< of "split"; without patients where the file has none
  bool has_split = false;
  std::string digest;  ///< SHA-256 of the file
};

/// What the reason of a refused annotation says of its image.
[[nodiscard]] std::string LeftOut(std::int64_t image);

/// Reads `file`. An entry that is wrong in itself (missing, mistyped or doubled ids, no SOP
/// Instance UID, a box of no area or not finite, an unknown image or category) goes to `problems`
/// under `name`, the rest is kept; so is an annotation whose image was refused. Throws
/// Error(kNotFound), Error(kParse) where the file is not JSON or lacks images, annotations or
/// categories, Error(kInvalidArgument) where "split" puts a patient on two sides.
[[nodiscard]] CocoAnnotations ReadCoco(const std::filesystem::path& file,
                                       const std::string& name,
                                       DataProblems& problems);

}  // namespace necknode::training
