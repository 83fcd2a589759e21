#pragma once

#include <string>
#include <vector>

#include "dicom_io/volume_reader.h"
#include "models/package.h"

namespace necknode::pipeline {

/// What stands against the analysis of a series, one sentence each, without patient data.
struct Eligibility {
  /// Whatever the route says: images that cannot be read, geometry that is refused, no body.
  std::string refusal;
  std::vector<std::string> broken_limits;  ///< see intended_use.h; a route may only warn of them
};

/// Judges the images as ProcessStudy does, without any network.
[[nodiscard]] Eligibility JudgeEligibility(const std::vector<dicom_io::SliceSource>& sources,
                                           const models::IntendedUse& use);

}  // namespace necknode::pipeline
