#include "training/phantom_dataset.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/error.h"
#include "models/preprocess.h"
#include "training/augmentation.h"

namespace necknode::training {
namespace {

std::size_t IndexBelow(phantom::Random& random, std::size_t count) { return random.Bits() % count; }

/// Slices with and without nodes.
std::pair<std::vector<int>, std::vector<int>> SlicesByNodes(const phantom::Phantom& phantom) {
  const int slices = phantom.volume.grid().slices;
  std::vector<bool> has_node(static_cast<std::size_t>(slices), false);
  for (const auto& node : phantom.nodes) {
    for (const auto& box : node.boxes) {
      has_node[static_cast<std::size_t>(box.slice)] = true;
    }
  }
  std::pair<std::vector<int>, std::vector<int>> result;
  for (int z = 0; z < slices; ++z) {
    (has_node[static_cast<std::size_t>(z)] ? result.first : result.second).push_back(z);
  }
  return result;
}

int ChooseSlice(const phantom::Phantom& phantom, double share_with_nodes, phantom::Random& random) {
  const auto [with, without] = SlicesByNodes(phantom);
  const bool wants_node = random.Chance(share_with_nodes);
  const auto& from = without.empty() || (wants_node && !with.empty()) ? with : without;
  return from[IndexBelow(random, from.size())];
}

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

Box JitterBox(const Box& box, const PhantomDataOptions& options, phantom::Random& random) {
  const double width = box.Width() * random.Uniform(options.min_size, options.max_size);
  const double height = box.Height() * random.Uniform(options.min_size, options.max_size);
  const double x = box.CentreX() + box.Width() * random.Uniform(-options.jitter, options.jitter);
  const double y = box.CentreY() + box.Height() * random.Uniform(-options.jitter, options.jitter);
  return {x - width / 2, y - height / 2, x + width / 2, y + height / 2};
}

}  // namespace

std::uint64_t PhantomSeedOf(const PhantomDataOptions& options,
                            std::int64_t index,
                            phantom::Random& random) {
  const std::uint64_t count = options.seeds.Count();
  const auto most = std::min(static_cast<std::uint64_t>(options.phantoms_in_memory), count);
  const auto per_phantom = static_cast<std::uint64_t>(std::max(1, options.samples_per_phantom));
  const auto at = static_cast<std::uint64_t>(index);
  const auto window = std::min(most, 1 + at / 4);
  const std::uint64_t start = most == count ? 0 : at / per_phantom;
  return options.seeds.first + (start + random.Bits() % window) % count;
}

std::shared_ptr<PhantomPool> PoolFor(const PhantomDataOptions& options) {
  phantom::PhantomOptions base;
  base.slices = options.slices;
  // A few more than the window: threads work ahead of it.
  return std::make_shared<PhantomPool>(base,
                                       static_cast<std::size_t>(options.phantoms_in_memory) + 4);
}

std::vector<SliceTruth> TruthOfSlice(const phantom::Phantom& phantom, int z) {
  std::vector<SliceTruth> truth;
  for (const auto& node : phantom.nodes) {
    for (const auto& box : node.boxes) {
      if (box.slice == z) {
        truth.push_back({box.box, &node});
      }
    }
  }
  return truth;
}

models::DetectorSample SampleOfSlice(const phantom::Phantom& phantom,
                                     int z,
                                     int channels,
                                     const models::Preprocessing& preprocessing) {
  Box region = models::BodyRegion(phantom.volume, z);
  if (region.Area() <= 0) {
    const auto& grid = phantom.volume.grid();
    region = {0, 0, static_cast<double>(grid.columns), static_cast<double>(grid.rows)};
  }
  const auto cut = models::CutSlice(phantom.volume, z, channels, preprocessing, region);
  std::vector<float> edges;
  std::vector<std::int64_t> malignant;
  for (const auto& [box, node] : TruthOfSlice(phantom, z)) {
    const Box placed = cut.placement.ToImage(box);
    for (const double edge : {placed.x0, placed.y0, placed.x1, placed.y1}) {
      edges.push_back(static_cast<float>(edge));
    }
    malignant.push_back(node->malignant ? 1 : 0);
  }
  return {cut.image,
          torch::tensor(edges, torch::kFloat32).reshape({-1, 4}),
          torch::tensor(malignant, torch::kInt64).to(torch::kBool),
          std::to_string(phantom.options.seed)};
}

PhantomDetectorData::PhantomDetectorData(const PhantomDataOptions& options,
                                         int channels,
                                         std::shared_ptr<PhantomPool> pool)
    : options_(options), channels_(channels), pool_(std::move(pool)) {}

models::DetectorSample PhantomDetectorData::At(std::int64_t index) {
  torch::NoGradGuard no_grad;
  phantom::Random random(options_.seed, static_cast<std::uint64_t>(index));
  const auto phantom = pool_->Get(PhantomSeedOf(options_, index, random));
  const int z = ChooseSlice(*phantom, options_.share_with_nodes, random);
  auto sample = SampleOfSlice(*phantom, z, channels_, options_.preprocessing);
  if (!options_.augment && options_.crop <= 0) {
    return sample;
  }
  const auto window = ChooseWindow(sample, options_.crop, random);
  const auto drawn =
      options_.augment ? DrawAugmentation(options_.augmentation, random) : Augmentation();
  return AugmentSample(sample, drawn, window);
}

PhantomClassifierData::PhantomClassifierData(const PhantomDataOptions& options,
                                             const models::ClassifierConfig& config,
                                             std::shared_ptr<PhantomPool> pool)
    : options_(options), config_(config), pool_(std::move(pool)) {}

models::ClassifierSample PhantomClassifierData::At(std::int64_t index) {
  torch::NoGradGuard no_grad;
  phantom::Random random(options_.seed, static_cast<std::uint64_t>(index));
  // A phantom may lack a class, or nodes altogether: then the next draw decides, from a window that
  // grows where it was still small.
  constexpr int kDraws = 100;
  for (int draw = 0; draw < kDraws; ++draw) {
    const auto phantom = pool_->Get(PhantomSeedOf(options_, index + 4 * draw, random));
    const bool malignant = random.Chance(0.5);
    std::vector<const phantom::TrueNode*> nodes;
    for (const auto& node : phantom->nodes) {
      if (node.malignant == malignant && !node.boxes.empty()) {
        nodes.push_back(&node);
      }
    }
    if (nodes.empty()) {
      continue;
    }
    const auto& node = *nodes[IndexBelow(random, nodes.size())];
    const auto& [slice, box] = node.boxes[IndexBelow(random, node.boxes.size())];
    const Box seen = JitterBox(box, options_, random);
    auto roi = models::CutRoi(phantom->volume, slice, seen, config_, options_.preprocessing);
    if (options_.augment) {
      const auto turns = random.Int(0, 3);
      roi = TurnRoi(roi, turns, random.Chance(0.5));
      roi = AugmentValues(roi, DrawAugmentation(options_.augmentation, random));
    }
    return {roi, malignant, std::to_string(phantom->options.seed)};
  }
  throw Error(ErrorCode::kInvalidArgument,
              "phantoms of seeds " + options_.seeds.ToString() + " have no nodes to classify");
}

}  // namespace necknode::training
