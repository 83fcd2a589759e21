#pragma once

#include <string>
#include <vector>

#include "dicom_io/volume_reader.h"
#include "models/package.h"

namespace necknode::pipeline {

/// What keeps the images of a series from being analysed under the package's intended use, found
/// without any network, one sentence each, without patient data: images that cannot be read,
/// geometry that is refused, no body, limits that are broken (intended_use.h). Empty: nothing.
[[nodiscard]] std::vector<std::string> WhyNotEligible(
    const std::vector<dicom_io::SliceSource>& sources, const models::IntendedUse& use);

}  // namespace necknode::pipeline
