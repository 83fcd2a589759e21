#include "training/study_samples.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "models/preprocess.h"
#include "training/augmentation.h"

namespace necknode::training {
namespace {

/// Share of the crops that lie anywhere although the image has a node: the rest of the body must be
/// learnt too.
constexpr double kCropsAnywhere = 0.3;

/// The window of a crop: mostly about a node of the image, off centre, else anywhere.
CropWindow ChooseWindow(const models::DetectorSample& sample, int crop, phantom::Random& random) {
  const auto rows = static_cast<double>(sample.image.size(1));
  const auto columns = static_cast<double>(sample.image.size(2));
  if (crop <= 0) {
    return {columns / 2, rows / 2, sample.image.size(1), sample.image.size(2)};
  }
  CropWindow window{random.Uniform(0, columns), random.Uniform(0, rows), crop, crop};
  if (sample.boxes.size(0) > 0 && !random.Chance(kCropsAnywhere)) {
    const auto box = sample
                         .boxes[static_cast<std::int64_t>(
                             IndexBelow(random, static_cast<std::size_t>(sample.boxes.size(0))))]
                         .to(torch::kFloat64)
                         .contiguous();
    const double* at = box.data_ptr<double>();
    const double reach = 0.4 * crop;
    window.centre_x = (at[0] + at[2]) / 2 + random.Uniform(-reach, reach);
    window.centre_y = (at[1] + at[3]) / 2 + random.Uniform(-reach, reach);
  }
  // Keep the window over the body where the body is larger than it.
  const double half = crop / 2.0;
  const auto keep_inside = [half](double centre, double extent) {
    return extent > 2 * half ? std::clamp(centre, half, extent - half) : extent / 2;
  };
  window.centre_x = keep_inside(window.centre_x, columns);
  window.centre_y = keep_inside(window.centre_y, rows);
  return window;
}

Box JitterBox(const Box& box, const SampleOptions& options, phantom::Random& random) {
  const double width = box.Width() * random.Uniform(options.min_size, options.max_size);
  const double height = box.Height() * random.Uniform(options.min_size, options.max_size);
  const double x = box.CentreX() + box.Width() * random.Uniform(-options.jitter, options.jitter);
  const double y = box.CentreY() + box.Height() * random.Uniform(-options.jitter, options.jitter);
  return {x - width / 2, y - height / 2, x + width / 2, y + height / 2};
}

}  // namespace

models::DetectorSample SampleOfSlice(const LabelledStudy& study,
                                     int z,
                                     int channels,
                                     const models::Preprocessing& preprocessing) {
  Box region = models::BodyRegion(*study.volume, z);
  if (region.Area() <= 0) {
    const auto& grid = study.volume->grid();
    region = {0, 0, static_cast<double>(grid.columns), static_cast<double>(grid.rows)};
  }
  const auto cut = models::CutSlice(*study.volume, z, channels, preprocessing, region);
  std::vector<float> edges;
  std::vector<std::int64_t> malignant;
  for (const LabelledBox& box : study.BoxesOf(z)) {
    const Box placed = cut.placement.ToImage(box.box);
    for (const double edge : {placed.x0, placed.y0, placed.x1, placed.y1}) {
      edges.push_back(static_cast<float>(edge));
    }
    malignant.push_back(box.malignant ? 1 : 0);
  }
  return {cut.image,
          torch::tensor(edges, torch::kFloat32).reshape({-1, 4}),
          torch::tensor(malignant, torch::kInt64).to(torch::kBool),
          study.patient};
}

models::DetectorSample DrawDetectorSample(const LabelledStudy& study,
                                          int z,
                                          int channels,
                                          const SampleOptions& options,
                                          phantom::Random& random) {
  auto sample = SampleOfSlice(study, z, channels, options.preprocessing);
  if (!options.augment && options.crop <= 0) {
    return sample;
  }
  const auto window = ChooseWindow(sample, options.crop, random);
  const auto drawn =
      options.augment ? DrawAugmentation(options.augmentation, random) : Augmentation();
  return AugmentSample(sample, drawn, window);
}

models::ClassifierSample DrawClassifierSample(const LabelledStudy& study,
                                              const LabelledBox& box,
                                              const models::ClassifierConfig& config,
                                              const SampleOptions& options,
                                              phantom::Random& random) {
  const Box seen = JitterBox(box.box, options, random);
  auto roi = models::CutRoi(*study.volume, box.slice, seen, config, options.preprocessing);
  if (options.augment) {
    const auto turns = random.Int(0, 3);
    const bool mirror = random.Chance(options.augmentation.mirror);
    roi = TurnRoi(roi, options.quarter_turns ? turns : 0, mirror);
    roi = AugmentValues(roi, DrawAugmentation(options.augmentation, random));
  }
  return {roi, box.malignant, study.patient};
}

}  // namespace necknode::training
