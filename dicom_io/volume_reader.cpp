#include "dicom_io/volume_reader.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "core/digest.h"
#include "core/error.h"
#include "dicom_io/ct_instance.h"
#include "dicom_io/slice_stack.h"
#include "dicom_io/value_text.h"

namespace necknode::dicom_io {

namespace {

// Together 4 GB of int16, more than any CT series; a false size must not take the machine's memory.
constexpr std::size_t kMaxVoxels = std::size_t{1} << 31;

// Of one instance in a report of a failure; a false number must not take the machine's memory.
constexpr int kMaxNamedFrames = 10'000;

// The datasets of the instances that may hold the first slice, which is known only when all have
// been read.
class ReferenceChoice {
 public:
  void Offer(CtInstanceReader& reader, const std::vector<CtFrame>& frames, std::size_t source) {
    if (!normal_) {
      normal_ = frames.front().placement.plane.Normal();
    }
    double lowest = std::numeric_limits<double>::infinity();
    for (const auto& frame : frames) {
      lowest = std::min(lowest, Dot(frame.placement.plane.position, *normal_));
    }
    lowest_ = std::min(lowest_, lowest);
    if (lowest <= lowest_ + kMargin) {
      offered_.push_back({source, lowest, reader.TakeReference()});
      std::erase_if(offered_, [&](const Offered& o) { return o.lowest > lowest_ + kMargin; });
    }
  }

  [[nodiscard]] std::vector<std::byte> Take(std::size_t source) {
    const auto found = std::find_if(
        offered_.begin(), offered_.end(), [&](const Offered& o) { return o.source == source; });
    if (found == offered_.end()) {
      throw Error(ErrorCode::kInternal, "the first slice's dataset was not kept");
    }
    return std::move(found->bytes);
  }

 private:
  // Duplicates of the first position are candidates too; the newest is chosen at the end.
  static constexpr double kMargin = 2 * kSamePositionMm;
  struct Offered {
    std::size_t source;
    double lowest;
    std::vector<std::byte> bytes;
  };
  std::optional<Vec3> normal_;
  double lowest_ = std::numeric_limits<double>::infinity();
  std::vector<Offered> offered_;
};

struct ReadSlice {
  CtFrame frame;
  std::size_t source = 0;
};

std::vector<CtFrame> ReadSource(CtInstanceReader& reader, const SliceSource& source) {
  try {
    const std::vector<std::byte> bytes = source.read();
    return reader.Read(source.name, bytes);
  } catch (const Error& error) {
    throw Error(error.code(), source.name + ": " + error.what());
  }
}

void Describe(const VolumeGrid& grid, Sha256& digest) {
  const auto number = [&](double value) { digest.Update(DecimalText(value, 4) + "\n"); };
  digest.Update("necknode analysis 1\n");
  number(grid.columns);
  number(grid.rows);
  number(grid.slices);
  number(grid.column_spacing_mm);
  number(grid.row_spacing_mm);
  number(grid.slice_spacing_mm);
  for (const Vec3& v :
       {grid.first.position, grid.first.row_direction, grid.first.column_direction}) {
    number(v.x);
    number(v.y);
    number(v.z);
  }
}

}  // namespace

CtVolume ReadVolume(
    const std::vector<SliceSource>& sources,
    const std::function<void(int done, int of, const std::string& name)>& on_slice) {
  CtInstanceReader reader;
  ReferenceChoice references;
  std::vector<ReadSlice> slices;
  std::size_t voxels = 0;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (on_slice) {
      on_slice(static_cast<int>(i), static_cast<int>(sources.size()), sources[i].name);
    }
    auto frames = ReadSource(reader, sources[i]);
    references.Offer(reader, frames, i);
    for (auto& frame : frames) {
      voxels += frame.hu.size();
      slices.push_back({std::move(frame), i});
    }
    if (voxels > kMaxVoxels) {
      throw Error(ErrorCode::kUnsupported,
                  "the series has more than " + std::to_string(kMaxVoxels) + " voxels");
    }
  }

  std::vector<SlicePlacement> placements;
  placements.reserve(slices.size());
  for (const auto& slice : slices) {
    placements.push_back(slice.frame.placement);
  }
  SliceStack stack = StackSlices(placements);

  CtVolume result;
  result.notes = reader.Notes();
  result.notes.insert(result.notes.end(), stack.notes.begin(), stack.notes.end());
  result.reference_dataset = references.Take(slices[stack.order.front()].source);
  result.volume = Volume(stack.grid);
  Sha256 digest;
  Describe(stack.grid, digest);
  for (std::size_t z = 0; z < stack.order.size(); ++z) {
    CtFrame& frame = slices[stack.order[z]].frame;
    digest.Update(std::as_bytes(std::span<const std::int16_t>(frame.hu)));
    digest.Update(DecimalText(frame.evidence.rescale_slope, 6) + " " +
                  DecimalText(frame.evidence.rescale_intercept, 6) + "\n");
    std::copy(frame.hu.begin(), frame.hu.end(), result.volume.Slice(static_cast<int>(z)).begin());
    // Freed at once: the volume and the slices need not fit into memory together.
    std::vector<std::int16_t>().swap(frame.hu);
    result.slices.push_back(std::move(frame.evidence));
  }
  result.analysis_digest = digest.Finish();
  return result;
}

std::optional<CtVolume> ReadHeaders(const std::vector<SliceSource>& sources) {
  CtInstanceReader reader;
  CtVolume result;
  for (const SliceSource& source : sources) {
    try {
      const InstanceHeader header = reader.ReadHeader(source.read());
      const int frames = std::min(header.number_of_frames.value_or(1), kMaxNamedFrames);
      if (result.reference_dataset.empty()) {
        result.reference_dataset = reader.TakeReference();
      }
      for (int frame = 1; frame <= frames; ++frame) {
        SliceEvidence& slice = result.slices.emplace_back();
        slice.header = header;
        slice.frame = IsMultiFrameClass(header.sop_class_uid) ? frame : 0;
      }
    } catch (const Error&) {
      // Unreadable sources are what the report is about; it names the others.
    }
  }
  return result.slices.empty() ? std::nullopt : std::optional(std::move(result));
}

}  // namespace necknode::dicom_io
