#pragma once

#include "models/dataset.h"
#include "phantom/random.h"
#include "training/data_options.h"
#include "training/labelled_study.h"

namespace necknode::training {

/// Slice `z` of a study as the detector's sample, whole body, not augmented, cut as inference does.
[[nodiscard]] models::DetectorSample SampleOfSlice(const LabelledStudy& study,
                                                   int z,
                                                   int channels,
                                                   const models::Preprocessing& preprocessing);

/// The same, cropped and augmented as `options` say, by draws from `random`.
[[nodiscard]] models::DetectorSample DrawDetectorSample(const LabelledStudy& study,
                                                        int z,
                                                        int channels,
                                                        const SampleOptions& options,
                                                        phantom::Random& random);

/// The RoI about a true box, which is moved and resized as a detector's boxes are (`jitter`,
/// `min_size`, `max_size`), and augmented as `options` say: quarter turns, mirror, brightness,
/// contrast, noise. The detector's rotation and scale do not apply.
[[nodiscard]] models::ClassifierSample DrawClassifierSample(const LabelledStudy& study,
                                                            const LabelledBox& box,
                                                            const models::ClassifierConfig& config,
                                                            const SampleOptions& options,
                                                            phantom::Random& random);

/// A number below `count` > 0.
[[nodiscard]] inline std::size_t IndexBelow(phantom::Random& random, std::size_t count) {
  return random.Bits() % count;
}

}  // namespace necknode::training
