#include "training/phantom_dataset.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "core/error.h"
#include "training/phantom_studies.h"
#include "training/study_samples.h"

namespace necknode::training {
namespace {

int ChooseSlice(const LabelledStudy& study, double share_with_nodes, phantom::Random& random) {
  std::vector<int> with, without;
  auto box = study.boxes.begin();
  for (const int z : study.slices) {
    box = std::find_if(
        box, study.boxes.end(), [z](const LabelledBox& other) { return other.slice >= z; });
    (box != study.boxes.end() && box->slice == z ? with : without).push_back(z);
  }
  const bool wants_node = random.Chance(share_with_nodes);
  const auto& from = without.empty() || (wants_node && !with.empty()) ? with : without;
  return from[IndexBelow(random, from.size())];
}

/// Boxes of each node of one class, in the order of the nodes.
std::vector<std::vector<LabelledBox>> NodesOfClass(const LabelledStudy& study, bool malignant) {
  std::map<int, std::vector<LabelledBox>> by_node;
  for (const LabelledBox& box : study.boxes) {
    if (box.malignant == malignant) {
      by_node[box.node].push_back(box);
    }
  }
  std::vector<std::vector<LabelledBox>> nodes;
  for (auto& [node, boxes] : by_node) {
    nodes.push_back(std::move(boxes));
  }
  return nodes;
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

PhantomDetectorData::PhantomDetectorData(const PhantomDataOptions& options,
                                         int channels,
                                         std::shared_ptr<PhantomPool> pool)
    : options_(options), channels_(channels), pool_(std::move(pool)) {}

models::DetectorSample PhantomDetectorData::At(std::int64_t index) {
  torch::NoGradGuard no_grad;
  phantom::Random random(options_.seed, static_cast<std::uint64_t>(index));
  const auto study = AsLabelledStudy(pool_->Get(PhantomSeedOf(options_, index, random)));
  const int z = ChooseSlice(*study, options_.share_with_nodes, random);
  return DrawDetectorSample(*study, z, channels_, options_, random);
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
    const auto study =
        AsLabelledStudy(pool_->Get(PhantomSeedOf(options_, index + 4 * draw, random)));
    const auto nodes = NodesOfClass(*study, random.Chance(0.5));
    if (nodes.empty()) {
      continue;
    }
    const auto& boxes = nodes[IndexBelow(random, nodes.size())];
    const LabelledBox& box = boxes[IndexBelow(random, boxes.size())];
    return DrawClassifierSample(*study, box, config_, options_, random);
  }
  throw Error(ErrorCode::kInvalidArgument,
              "phantoms of seeds " + options_.seeds.ToString() + " have no nodes to classify");
}

}  // namespace necknode::training
