#pragma once

#include <cstdint>
#include <vector>

#include <torch/types.h>

#include "core/detection.h"
#include "core/volume.h"
#include "models/package.h"

namespace necknode::models {

/// Where an image tensor lies on its slice: tensor pixel edge (i, j) is the slice's pixel edge
/// (x0 + i * step_x, y0 + j * step_y).
struct Placement {
  double x0 = 0, y0 = 0;          ///< slice pixel edges
  double step_x = 1, step_y = 1;  ///< slice pixels per tensor pixel
  [[nodiscard]] Box ToSlice(const Box& in_image) const;
  [[nodiscard]] Box ToImage(const Box& in_slice) const;
};

struct SliceImage {
  torch::Tensor image;  ///< [C, H, W] float32, -1..1; H and W multiples of kImageMultiple
  Placement placement;
};

/// -1..1 from HU through the window, clipped.
[[nodiscard]] float Windowed(double hu, const Preprocessing& preprocessing);

/// The part of slice `z` that is not air, in slice pixels: bounding box of voxels above -300 HU
/// with a margin of `margin_mm`, clipped to the slice. An empty Box where there are none.
[[nodiscard]] Box BodyRegion(const Volume& volume, int z, double margin_mm = 8);

/// Cuts `region` (slice pixels; may reach beyond the slice, where it is air) out of slice `z` at
/// the package's pixel spacing, with the slices z - channels/2 .. z + channels/2 as channels
/// (beyond the volume its first or last slice again). H and W are rounded up to a multiple of
/// kImageMultiple:
/// the region grows to the right and downwards. Bilinear on HU, then windowed. Training and
/// inference both use this. Throws Error(kInvalidArgument) where `z`, `channels` or `region` is out
/// of range. Thread safe.
[[nodiscard]] SliceImage CutSlice(const Volume& volume,
                                  int z,
                                  int channels,
                                  const Preprocessing& preprocessing,
                                  const Box& region);

/// What the classifier sees of `box` (slice pixels): a square of side roi_context x the longer side
/// of the box, at least kMinRoiMm, about the box's centre, resampled to roi_size. [C, S, S]
/// float32, -1..1; channels as in CutSlice. Training and inference both use this. Throws
/// Error(kInvalidArgument) where `z` or `box` is out of range.
[[nodiscard]] torch::Tensor CutRoi(const Volume& volume,
                                   int z,
                                   const Box& box,
                                   const ClassifierConfig& config,
                                   const Preprocessing& preprocessing);

/// Sides of image tensors: with multiples of the coarsest level's stride the anchors of every level
/// lie on a grid of exactly that stride, whatever the size of the image.
inline constexpr std::int64_t kImageMultiple = 64;

/// Smallest side of a classifier's RoI: a tiny node keeps its surroundings.
inline constexpr double kMinRoiMm = 10;

}  // namespace necknode::models
