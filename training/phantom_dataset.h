#pragma once

#include <cstdint>
#include <memory>

#include "models/dataset.h"
#include "phantom/random.h"
#include "training/data_options.h"
#include "training/phantom_pool.h"

namespace necknode::training {

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

}  // namespace necknode::training
