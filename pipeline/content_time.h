#pragma once

#include "core/clock.h"
#include "dicom_io/volume_reader.h"

namespace necknode::pipeline {

/// When the newest of the slices was acquired (Acquisition DateTime, else Study Date and Time):
/// what outputs that must not depend on today carry as their time. The text is taken as UTC,
/// whatever its offset, so that Content Date and Time repeat the source's. The epoch where no slice
/// has a date.
[[nodiscard]] WallTime NewestContentTime(const dicom_io::CtVolume& ct);

}  // namespace necknode::pipeline
