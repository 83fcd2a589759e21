#pragma once

#include <cstdint>
#include <string>

#include "models/package.h"

namespace necknode::training {

/// Phantoms of seeds first .. last, both included.
struct SeedRange {
  std::uint64_t first = 1, last = 1;
  [[nodiscard]] std::uint64_t Count() const { return last - first + 1; }
  [[nodiscard]] std::string ToString() const;
};

/// Reads "phantom" (`fallback`), "phantom:seeds 1-300" or "phantom:1-300". Throws
/// Error(kInvalidArgument) otherwise.
[[nodiscard]] SeedRange ParsePhantomData(const std::string& text, const SeedRange& fallback);

/// Ranges of the paper's augmentation (rotation, mirror, brightness, Gaussian noise) with a small
/// change of size. Values are those of the networks' input, -1..1.
struct AugmentationOptions {
  double geometric = 0.5;  ///< chance of a rotation and scaling, which blur; mirroring does not
  double max_rotation_degrees = 12;
  double min_scale = 0.88, max_scale = 1.14;
  double mirror = 0.5;      ///< chance
  double brightness = 0.1;  ///< largest shift
  double contrast = 0.1;    ///< largest relative change
  double noise = 0.04;      ///< largest standard deviation
};

/// How labelled slices become samples.
struct SampleOptions {
  std::uint64_t seed = 1;          ///< of the choice and the augmentation
  double share_with_nodes = 0.85;  ///< slices that hold a node (detector)
  int crop = 0;  ///< side of the detector's square images in pixels; 0: the whole body
  bool augment = true;
  AugmentationOptions augmentation;
  bool quarter_turns = true;  ///< of a RoI, by 0 to 3 (classifier)
  double jitter = 0.15;       ///< of a RoI's position, over the box's sides (classifier)
  double min_size = 0.8, max_size = 1.3;  ///< of a RoI's box over the true one (classifier)
  models::Preprocessing preprocessing;
};

/// How often the images of a folder are drawn.
struct EpochOptions {
  int augmentation_factor = 20;  ///< draws of each image an epoch (the paper's "x20")
  int studies_at_once = 48;      ///< whose volumes an epoch needs in memory at a time
};

/// Which phantoms, and how they become samples.
struct PhantomDataOptions : SampleOptions {
  SeedRange seeds{1, 400};
  int slices = 80;  ///< of each phantom
  int phantoms_in_memory = 48;
  int samples_per_phantom =
      40;  ///< after so many samples the oldest phantom in memory makes way for a new one
};

}  // namespace necknode::training
