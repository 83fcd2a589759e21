#pragma once

#include "pipeline/body_mask.h"
#include "pipeline/landmarks.h"

namespace necknode::pipeline {

/// Slices of a volume that are analysed, inclusive; empty where the body is.
struct NeckRange {
  int first = 0, last = -1;
};

/// The neck along z: from 40 mm below the upper border of the manubrium (the upper mediastinum of
/// level VII; without a manubrium from 140 mm below the hyoid) to 10 mm above the skull base, as
/// far as the body reaches. An end whose landmark was not found is the body's end, so that nothing
/// of a neck is left out for want of a landmark; a range below 60 mm is not believed.
[[nodiscard]] NeckRange FindNeckRange(const VolumeGrid& grid,
                                      const BodyMask& body,
                                      const Landmarks& landmarks);

}  // namespace necknode::pipeline
