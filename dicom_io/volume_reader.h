#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/instance_header.h"
#include "core/volume.h"

namespace necknode::dicom_io {

/// Where a slice's bytes come from: a Part-10 file in memory, read when it is needed.
struct SliceSource {
  std::string name;  ///< object key or file name, for messages
  std::function<std::vector<std::byte>()> read;
};

/// What the outputs must know of the image behind one slice of a volume.
struct SliceEvidence {
  InstanceHeader header;
  int frame = 0;  ///< 1-based frame number of a multi-frame instance, 0 of a single-frame one
  double window_center = 0,
         window_width = 0;  ///< first window of the source, width 0 where it has none
  double rescale_slope = 1, rescale_intercept = 0;
  bool monochrome1 = false;
};

/// A CT series as a regular volume in Hounsfield units.
struct CtVolume {
  Volume volume;
  std::vector<SliceEvidence> slices;  ///< one per slice of the volume, ascending along the normal
  /// Part-10 bytes of the first slice's instance without pixel data: patient, study and equipment
  /// modules.
  std::vector<std::byte> reference_dataset;
  std::string analysis_digest;  ///< SHA-256 over decoded pixels, geometry and rescale
  std::vector<std::string>
      notes;  ///< what was handled, e.g. "2 duplicate positions: newest acquisition taken"
};

/// Reads and decodes `sources` (CT Image, Enhanced or Legacy Converted Enhanced CT of one series),
/// each once, orders them along the normal and checks the geometry (tolerances: slice_stack.h).
/// Hounsfield units are rounded and clipped to int16, pixel padding becomes air. Of images at one
/// position the newest acquisition is taken. An evidence's header holds its own frame's position,
/// orientation, spacing and thickness. `on_slice(done, of, name)` is called before each source is
/// parsed. DCMTK parses here: a process that must survive hostile bytes does not call this. Throws
/// Error(kGeometry) with position and value where the slices do not form a regular volume,
/// Error(kParse | kUnsupported) with the source's name where one cannot be decoded or has no
/// Hounsfield units. Thread safe.
[[nodiscard]] CtVolume ReadVolume(
    const std::vector<SliceSource>& sources,
    const std::function<void(int done, int of, const std::string& name)>& on_slice);

/// What a report of a failure can name where ReadVolume threw: `slices` of every source that can be
/// parsed, one for each frame, in the order of `sources`, and the reference dataset of the first.
/// Nothing is decoded: the volume is empty, `analysis_digest` and the windows too. nullopt where no
/// source can be parsed.
[[nodiscard]] std::optional<CtVolume> ReadHeaders(const std::vector<SliceSource>& sources);

}  // namespace necknode::dicom_io
