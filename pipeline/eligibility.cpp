#include "pipeline/eligibility.h"

#include "core/error.h"
#include "pipeline/body_mask.h"
#include "pipeline/intended_use.h"

namespace necknode::pipeline {

Eligibility JudgeEligibility(const std::vector<dicom_io::SliceSource>& sources,
                             const models::IntendedUse& use) {
  try {
    const dicom_io::CtVolume ct = dicom_io::ReadVolume(sources, nullptr);
    const BodyMask body = FindBody(ct.volume);
    if (body.last_slice < body.first_slice)
      return {"no body was found in the images", {}};
    return {"", BrokenLimits(use, ct, body)};
  } catch (const Error& error) {
    return {error.what(), {}};
  }
}

}  // namespace necknode::pipeline
