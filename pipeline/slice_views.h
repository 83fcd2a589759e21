#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "core/assessment.h"
#include "dicom_io/volume_reader.h"

namespace necknode::pipeline {

/// How large a bundle of slice pictures may become. `longest_side` is halved until it fits.
struct SliceViewLimits {
  int longest_side = 512;  ///< of a picture, pixels
  std::size_t max_bytes = 64ULL << 20;
};

/// The series as 8-bit pictures for a page: a bundle (storage/bundle.h) of one JPEG file per slice,
/// in the volume's order, in the soft tissue window with nothing drawn in. Its index is JSON
/// (docs/data_on_disk.md) and names no patient; `assessment` gives the warning in it.
/// `on_slice(done, of)` is called before each slice. Throws Error(kInvalidArgument) where the
/// pictures cannot be made to fit.
[[nodiscard]] std::vector<std::byte> WriteSliceViews(
    const dicom_io::CtVolume& ct,
    const Assessment& assessment,
    const std::function<void(int done, int of)>& on_slice,
    const SliceViewLimits& limits = {});

}  // namespace necknode::pipeline
