#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/detection.h"
#include "core/lymph_node.h"
#include "core/volume.h"

namespace necknode::phantom {

/// Changes whenever the same options give another phantom than before.
inline constexpr const char* kGeneratorVersion = "1";

/// What to make. The same options give the same phantom on every machine.
struct PhantomOptions {
  std::uint64_t seed = 1;
  int slices = 80;  ///< 40 to 200
  double slice_spacing_mm = 2.0;
  double pixel_spacing_mm = 0;  ///< 0: from the seed, 0.4 to 0.5
  int size = 512;               ///< rows and columns
  int nodes = -1;               ///< -1: from the seed
};

/// One lymph node as it was made.
struct TrueNode {
  int id = 0;  ///< from 1
  bool malignant = false;
  Side side = Side::kNotDetermined;
  std::string level;                           ///< "II", "III", "IV", "V", "VI"
  double short_axis_mm = 0, long_axis_mm = 0;  ///< axial, on the slice where the node is largest
  Vec3 centre;                                 ///< patient coordinates, mm
  struct SliceBox {
    int slice = 0;
    Box box;  ///< pixel edges
  };
  std::vector<SliceBox>
      boxes;  ///< ascending slice; slices where the node is too thin to be seen have none
};

struct Phantom {
  PhantomOptions options;
  Volume volume;
  std::vector<TrueNode> nodes;
  /// Landmarks of the levels, -1 outside the volume.
  int hyoid_slice = -1, cricoid_slice = -1, manubrium_slice = -1;
};

/// Makes a synthetic contrast-enhanced neck CT from the labels of a real neck (atlas/), varied by
/// the seed.
[[nodiscard]] Phantom MakePhantom(const PhantomOptions& options);

/// Patient ID of a phantom that is written as DICOM, "PHANTOM-<seed>", unless it was given another.
[[nodiscard]] std::string PatientIdOf(std::uint64_t seed);
/// The other way; nullopt for any other ID.
[[nodiscard]] std::optional<std::uint64_t> SeedOfPatientId(const std::string& patient_id);

/// The truth as COCO JSON: one image per slice, one annotation per box with node id, class,
/// diameters, side and level. `file_names` and `sop_instance_uids` are one per slice, or empty.
[[nodiscard]] std::string TruthAsCoco(const Phantom& phantom,
                                      const std::vector<std::string>& file_names,
                                      const std::vector<std::string>& sop_instance_uids);

}  // namespace necknode::phantom
