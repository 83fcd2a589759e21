#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "phantom/channels.h"

namespace necknode::phantom {

// The anatomy's space: voxel indices of the atlas, where an integer is a voxel's centre, with a
// margin around the atlas because the body is larger than its labels.
inline constexpr int kMargin = 32;  ///< voxels before and behind the atlas in x and y
inline constexpr int kGridX = 320, kGridY = 320, kGridZ = 232;
inline constexpr double kVoxelMm = 0.9765625;  ///< in x and y
inline constexpr double kSliceMm = 1.4000244;

/// Signed distances (mm, positive inside) of one channel on the whole grid, while the anatomy is
/// made. One byte each: steps of 1/20 mm up to kReachMm from the surface, 0 for "farther outside".
class DenseField {
 public:
  static constexpr float kStepsPerMm = 20, kZero = 128;
  static constexpr float kReachMm = 6.3F;

  DenseField();
  /// Keeps the larger of what is there and `distance_mm`. Positions outside the grid are ignored.
  void Raise(int x, int y, int z, float distance_mm);
  /// Distance at a voxel, -kReachMm or less where far outside or outside the grid.
  [[nodiscard]] float At(int x, int y, int z) const;
  void Clear();
  /// A row of the grid; y and z count from the grid's own corner.
  [[nodiscard]] const std::uint8_t* Row(int y, int z) const;
  /// Slices outside [first_slice, last_slice] hold nothing.
  [[nodiscard]] int first_slice() const { return first_slice_; }
  [[nodiscard]] int last_slice() const { return last_slice_; }

 private:
  std::vector<std::uint8_t> values_;
  int first_slice_ = kGridZ, last_slice_ = -1;
};

/// All channels' signed distances, kept only in blocks of 8 x 8 x 8 voxels that a surface comes
/// near. Reading is thread safe.
class SparseField {
 public:
  /// Distances of the channels that come near a place; others are "far outside".
  struct Sample {
    std::uint32_t present = 0;                 ///< bit per Channel
    std::array<float, kChannels> distance_mm;  ///< valid where present
  };

  /// Takes one channel; channels must come in ascending order, then Finish.
  void Add(Channel channel, const DenseField& field);
  void Finish();

  /// Trilinear between voxels. Nothing is present outside the grid.
  void At(float x, float y, float z, Sample& sample) const;
  [[nodiscard]] float DistanceTo(Channel channel, float x, float y, float z) const;
  [[nodiscard]] std::size_t bytes() const { return planes_.size(); }

 private:
  static constexpr int kBlock = 8, kPlane = 9 * 9 * 9;
  struct Block {
    std::uint32_t present = 0;
    std::uint32_t first = 0;  ///< index of the first present channel's plane
  };
  struct Piece {
    std::uint32_t block, channel, plane;
  };
  /// Copies a block and the first voxels of the next ones; false where all of it is far outside.
  static bool CopyBlock(
      const DenseField& field, int bx, int by, int bz, std::array<std::uint8_t, kPlane>& plane);
  static float Interpolate(const std::uint8_t* plane,
                           std::array<int, 3> at,
                           std::array<float, 3> part);
  std::vector<Piece> pieces_;
  std::vector<Block> blocks_ = std::vector<Block>(static_cast<std::size_t>(kGridX / kBlock) *
                                                  (kGridY / kBlock) * (kGridZ / kBlock));
  std::vector<std::uint8_t> planes_;
};

}  // namespace necknode::phantom
