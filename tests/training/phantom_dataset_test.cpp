#include "training/phantom_dataset.h"

#include <memory>
#include <set>

#include <gtest/gtest.h>

#include "core/error.h"
#include "models/prefetcher.h"
#include "training/phantom_studies.h"
#include "training/study_samples.h"

namespace necknode::training {
namespace {

PhantomDataOptions Small() {
  PhantomDataOptions options;
  options.seeds = {11, 12};
  options.slices = 40;
  options.phantoms_in_memory = 2;
  return options;
}

/// One pool for all tests: phantoms take their time.
std::shared_ptr<PhantomPool> SharedPool() {
  static const auto pool = PoolFor(Small());
  return pool;
}

models::ClassifierConfig SmallRois() {
  models::ClassifierConfig config;
  config.roi_size = 32;
  config.in_channels = 3;
  return config;
}

TEST(PhantomSeedOf, MovesAWindowOverTheSeeds) {
  PhantomDataOptions options;
  options.seeds = {101, 200};
  options.phantoms_in_memory = 10;
  options.samples_per_phantom = 5;
  std::set<std::uint64_t> early, late;
  for (std::int64_t index = 0; index < 2000; ++index) {
    phantom::Random random(1, static_cast<std::uint64_t>(index));
    const auto seed = PhantomSeedOf(options, index, random);
    EXPECT_GE(seed, 101U);
    EXPECT_LE(seed, 200U);
    const auto start = static_cast<std::uint64_t>(index / 5) % 100;
    EXPECT_LT((seed - 101 + 100 - start) % 100, 10U)
        << "no more than the window at sample " << index;
    (index < 100 ? early : late).insert(seed);
  }
  EXPECT_LT(early.size(), 31U);
  EXPECT_EQ(late.size(), 100U);
}

TEST(PhantomDetectorData, TheSameSampleWhateverTheThreads) {
  PhantomDetectorData data(Small(), 3, SharedPool());
  models::Prefetcher<models::DetectorSample> alone(data, 40, 0, 4);
  models::Prefetcher<models::DetectorSample> pooled(data, 40, 3, 4);
  for (int i = 0; i < 6; ++i) {
    const auto a = alone.Next();
    const auto b = pooled.Next();
    EXPECT_TRUE(torch::equal(a.image, b.image));
    EXPECT_TRUE(torch::equal(a.boxes, b.boxes));
    EXPECT_EQ(a.patient, b.patient);
  }
}

TEST(PhantomDetectorData, GivesImagesInRangeWithBoxesInside) {
  auto options = Small();
  options.crop = 128;
  options.share_with_nodes = 1;
  PhantomDetectorData data(options, 3, SharedPool());
  int boxes = 0;
  for (std::int64_t index = 0; index < 12; ++index) {
    const auto sample = data.At(index);
    EXPECT_EQ(sample.image.sizes(), (torch::IntArrayRef{3, 128, 128}));
    EXPECT_GE(sample.image.min().item<float>(), -1);
    EXPECT_LE(sample.image.max().item<float>(), 1);
    EXPECT_EQ(sample.boxes.size(0), sample.malignant.size(0));
    boxes += static_cast<int>(sample.boxes.size(0));
    if (sample.boxes.size(0) > 0) {
      EXPECT_GE(sample.boxes.min().item<float>(), 0);
      EXPECT_LE(sample.boxes.max().item<float>(), 128);
    }
  }
  EXPECT_GE(boxes, 6) << "crops are drawn about nodes";
}

TEST(SampleOfSlice, PutsTheTruthWhereTheImageShowsIt) {
  const auto phantom = SharedPool()->Get(11);
  const auto study = AsLabelledStudy(phantom);
  const models::Preprocessing preprocessing;
  std::size_t boxes = 0;
  for (const auto& node : phantom->nodes) {
    boxes += node.boxes.size();
  }
  EXPECT_EQ(study->boxes.size(), boxes);
  EXPECT_EQ(study->slices.size(), 40U);
  EXPECT_EQ(study->volume.get(), &phantom->volume) << "shared, not copied";
  int checked = 0;
  for (std::size_t n = 0; n < phantom->nodes.size(); ++n) {
    const auto& node = phantom->nodes[n];
    const auto& [slice, box] = node.boxes[node.boxes.size() / 2];
    const auto sample = SampleOfSlice(*study, slice, 1, preprocessing);
    const auto truth = study->BoxesOf(slice);
    ASSERT_EQ(sample.boxes.size(0), std::ssize(truth));
    const double scale = phantom->volume.grid().column_spacing_mm / preprocessing.pixel_spacing_mm;
    for (std::size_t i = 0; i < truth.size(); ++i) {
      if (truth[i].node != static_cast<int>(n)) {
        continue;
      }
      EXPECT_EQ(truth[i].box, box);
      const auto at = sample.boxes[static_cast<std::int64_t>(i)];
      EXPECT_NEAR((at[2] - at[0]).item<double>(), box.Width() * scale, 0.01);
      EXPECT_EQ(sample.malignant[static_cast<std::int64_t>(i)].item<bool>(), node.malignant);
      ++checked;
    }
  }
  EXPECT_EQ(checked, std::ssize(phantom->nodes));
}

TEST(PhantomClassifierData, GivesBothClassesTheSameOnEveryCall) {
  PhantomClassifierData data(Small(), SmallRois(), SharedPool());
  int malignant = 0;
  for (std::int64_t index = 0; index < 40; ++index) {
    const auto sample = data.At(index);
    ASSERT_EQ(sample.roi.sizes(), (torch::IntArrayRef{3, 32, 32}));
    malignant += sample.malignant ? 1 : 0;
    if (index < 4) {
      const auto again = data.At(index);
      EXPECT_TRUE(torch::equal(sample.roi, again.roi));
      EXPECT_EQ(sample.malignant, again.malignant);
    }
  }
  EXPECT_GE(malignant, 8);
  EXPECT_LE(malignant, 32);
}

}  // namespace
}  // namespace necknode::training
