#include "phantom/sparse_field.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace necknode::phantom {
namespace {

bool InGrid(int x, int y, int z) {
  return x >= 0 && y >= 0 && z >= 0 && x < kGridX && y < kGridY && z < kGridZ;
}

std::size_t GridIndex(int x, int y, int z) {
  return static_cast<std::size_t>((z * kGridY + y) * kGridX + x);
}

}  // namespace

DenseField::DenseField() : values_(static_cast<std::size_t>(kGridX) * kGridY * kGridZ) {}

void DenseField::Raise(int x, int y, int z, float distance_mm) {
  x += kMargin;
  y += kMargin;
  if (distance_mm <= -kReachMm || !InGrid(x, y, z)) {
    return;
  }
  const float coded = std::min(kZero + kStepsPerMm * distance_mm, 255.0F);
  auto& value = values_[GridIndex(x, y, z)];
  value = std::max(value, static_cast<std::uint8_t>(coded + 0.5F));
  first_slice_ = std::min(first_slice_, z);
  last_slice_ = std::max(last_slice_, z);
}

float DenseField::At(int x, int y, int z) const {
  x += kMargin;
  y += kMargin;
  if (!InGrid(x, y, z)) {
    return -kReachMm;
  }
  return (static_cast<float>(values_[GridIndex(x, y, z)]) - kZero) / kStepsPerMm;
}

void DenseField::Clear() {
  std::fill(values_.begin(), values_.end(), std::uint8_t{0});
  first_slice_ = kGridZ;
  last_slice_ = -1;
}

const std::uint8_t* DenseField::Row(int y, int z) const { return &values_[GridIndex(0, y, z)]; }

void SparseField::Add(Channel channel, const DenseField& field) {
  std::array<std::uint8_t, kPlane> plane{};
  std::uint32_t block = 0;
  for (int bz = 0; bz < kGridZ; bz += kBlock) {
    for (int by = 0; by < kGridY; by += kBlock) {
      for (int bx = 0; bx < kGridX; bx += kBlock, ++block) {
        if (bz > field.last_slice() || bz + kBlock < field.first_slice() ||
            !CopyBlock(field, bx, by, bz, plane)) {
          continue;
        }
        pieces_.push_back({block,
                           static_cast<std::uint32_t>(channel),
                           static_cast<std::uint32_t>(planes_.size() / kPlane)});
        planes_.insert(planes_.end(), plane.begin(), plane.end());
      }
    }
  }
}

bool SparseField::CopyBlock(
    const DenseField& field, int bx, int by, int bz, std::array<std::uint8_t, kPlane>& plane) {
  const int last = std::min(bx + kBlock, kGridX - 1) - bx;  // the next block's first column, if any
  std::uint64_t any = 0;
  std::size_t to = 0;
  for (int z = 0; z <= kBlock; ++z) {
    for (int y = 0; y <= kBlock; ++y, to += kBlock + 1) {
      const std::uint8_t* row =
          field.Row(std::min(by + y, kGridY - 1), std::min(bz + z, kGridZ - 1)) + bx;
      std::uint64_t eight = 0;
      std::memcpy(&eight, row, sizeof(eight));
      std::memcpy(&plane[to], row, sizeof(eight));
      plane[to + kBlock] = row[last];
      any |= eight | row[last];
    }
  }
  return any != 0;
}

void SparseField::Finish() {
  std::sort(pieces_.begin(), pieces_.end(), [](const Piece& a, const Piece& b) {
    return a.block != b.block ? a.block < b.block : a.channel < b.channel;
  });
  std::vector<std::uint8_t> sorted(planes_.size());
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const Piece& piece = pieces_[i];
    std::memcpy(&sorted[i * kPlane], &planes_[std::size_t{piece.plane} * kPlane], kPlane);
    Block& block = blocks_[piece.block];
    if (block.present == 0) {
      block.first = static_cast<std::uint32_t>(i);
    }
    block.present |= 1U << piece.channel;
  }
  planes_ = std::move(sorted);
  pieces_ = {};
}

float SparseField::Interpolate(const std::uint8_t* plane,
                               std::array<int, 3> at,
                               std::array<float, 3> part) {
  const std::uint8_t* p = plane + (at[2] * 9 + at[1]) * 9 + at[0];
  const auto lerp_x = [&](const std::uint8_t* q) {
    const auto a = static_cast<float>(q[0]), b = static_cast<float>(q[1]);
    return a + (b - a) * part[0];
  };
  const float near_low = lerp_x(p), near_high = lerp_x(p + 9);
  const float far_low = lerp_x(p + 81), far_high = lerp_x(p + 90);
  const float near = near_low + (near_high - near_low) * part[1];
  const float far = far_low + (far_high - far_low) * part[1];
  return ((near + (far - near) * part[2]) - DenseField::kZero) * (1 / DenseField::kStepsPerMm);
}

void SparseField::At(float x, float y, float z, Sample& sample) const {
  sample.present = 0;
  x += kMargin;
  y += kMargin;
  if (!(x >= 0 && y >= 0 && z >= 0 && x < kGridX - 1 && y < kGridY - 1 && z < kGridZ - 1)) {
    return;
  }
  const int ix = static_cast<int>(x), iy = static_cast<int>(y), iz = static_cast<int>(z);
  const Block& block = blocks_[static_cast<std::size_t>(
      ((iz / kBlock) * (kGridY / kBlock) + iy / kBlock) * (kGridX / kBlock) + ix / kBlock)];
  sample.present = block.present;
  const std::uint8_t* plane = planes_.data() + std::size_t{block.first} * kPlane;
  const std::array<int, 3> at = {ix % kBlock, iy % kBlock, iz % kBlock};
  const std::array<float, 3> part = {
      x - static_cast<float>(ix), y - static_cast<float>(iy), z - static_cast<float>(iz)};
  for (std::uint32_t left = block.present; left != 0; left &= left - 1) {
    sample.distance_mm[static_cast<std::size_t>(std::countr_zero(left))] =
        Interpolate(plane, at, part);
    plane += kPlane;
  }
}

float SparseField::DistanceTo(Channel channel, float x, float y, float z) const {
  Sample sample;
  At(x, y, z, sample);
  const auto index = IndexOf(channel);
  return (sample.present >> index & 1U) != 0 ? sample.distance_mm[index] : -DenseField::kReachMm;
}

}  // namespace necknode::phantom
