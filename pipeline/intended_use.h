#pragma once

#include <string>
#include <vector>

#include "dicom_io/volume_reader.h"
#include "models/package.h"
#include "pipeline/body_mask.h"

namespace necknode::pipeline {

/// The limits of the package's intended use that a volume breaks, one sentence each, without
/// patient data; empty: none. An attribute that is absent breaks its limit: what is not known is
/// not assumed to be in order.
///
/// Neck in the image, a plausibility check on purpose coarse: at least 50 mm in which the body has
/// the cross-section of a neck or of a face and encloses an airway near its midline. A head from
/// the base of the skull up and an abdomen fail it; a chest with neck passes.
[[nodiscard]] std::vector<std::string> BrokenLimits(const models::IntendedUse& use,
                                                    const dicom_io::CtVolume& ct,
                                                    const BodyMask& body);

/// That plausibility check alone.
[[nodiscard]] bool HoldsNeck(const BodyMask& body, double slice_spacing_mm);

/// Age in whole years at the time of the study, from Patient's Age (0010,1010), else from birth and
/// study date; -1 where neither says.
[[nodiscard]] int AgeInYears(const InstanceHeader& header);

}  // namespace necknode::pipeline
