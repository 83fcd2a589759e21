#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "models/dataset.h"
#include "models/package.h"
#include "phantom/random.h"
#include "training/augmentation.h"
#include "training/phantom_pool.h"

namespace necknode::training {

/// How phantoms become samples.
struct PhantomDataOptions {
  SeedRange seeds{1, 400};
  int slices = 80;         ///< of each phantom
  std::uint64_t seed = 1;  ///< of the choice and the augmentation
  int phantoms_in_memory = 48;
  int samples_per_phantom =
      40;  ///< after so many samples the oldest phantom in memory makes way for a new one
  double share_with_nodes = 0.85;  ///< slices that hold a node (detector)
  int crop = 0;  ///< side of the detector's square images in pixels; 0: the whole body
  bool augment = true;
  AugmentationOptions augmentation;
  double jitter = 0.15;  ///< of a RoI's position, over the box's sides (classifier)
  double min_size = 0.8, max_size = 1.3;  ///< of a RoI's box over the true one (classifier)
  models::Preprocessing preprocessing;
};

/// Which phantom sample `index` comes from: a window of phantoms_in_memory seeds moves on by one
/// every samples_per_phantom samples and wraps around; at the start it grows from one, so that
/// training need not wait for all.
[[nodiscard]] std::uint64_t PhantomSeedOf(const PhantomDataOptions& options,
                                          std::int64_t index,
                                          phantom::Random& random);

/// Slices of phantoms for the detector. The patient is the seed.
class PhantomDetectorData : public models::DetectorDataset {
 public:
  PhantomDetectorData(const PhantomDataOptions& options,
                      int channels,
                      std::shared_ptr<PhantomPool> pool);
  [[nodiscard]] models::DetectorSample At(std::int64_t index) override;

 private:
  PhantomDataOptions options_;
  int channels_;
  std::shared_ptr<PhantomPool> pool_;
};

/// RoIs about true boxes, moved and resized as a detector's boxes are, half of them malignant.
class PhantomClassifierData : public models::ClassifierDataset {
 public:
  PhantomClassifierData(const PhantomDataOptions& options,
                        const models::ClassifierConfig& config,
                        std::shared_ptr<PhantomPool> pool);
  [[nodiscard]] models::ClassifierSample At(std::int64_t index) override;

 private:
  PhantomDataOptions options_;
  models::ClassifierConfig config_;
  std::shared_ptr<PhantomPool> pool_;
};

/// A pool for `options`.
[[nodiscard]] std::shared_ptr<PhantomPool> PoolFor(const PhantomDataOptions& options);

/// Boxes of the truth on slice `z`, with their nodes.
struct SliceTruth {
  Box box;
  const phantom::TrueNode* node = nullptr;  ///< of the phantom, which must outlive it
};
[[nodiscard]] std::vector<SliceTruth> TruthOfSlice(const phantom::Phantom& phantom, int z);

/// Slice `z` of a phantom as the detector's sample, whole body, not augmented.
[[nodiscard]] models::DetectorSample SampleOfSlice(const phantom::Phantom& phantom,
                                                   int z,
                                                   int channels,
                                                   const models::Preprocessing& preprocessing);

}  // namespace necknode::training
