#include "models/architectures.h"

#include <cmath>

#include "models/classifier_registry.h"
#include "models/count_macs.h"
#include "models/detector.h"
#include "models/detector_architectures.h"

namespace necknode::models {
namespace {

constexpr int kSliceChannels = 3;
constexpr std::int64_t kPaperSlice = 512;
constexpr int kPublishedWidth = 64;

// Air gives as many proposals as anything else: the second stage's share is that of a full slice.
NetworkCost MeasureDetector(const std::string& name, int base_width) {
  DetectorConfig config = FindDetector(name).published;
  config.in_channels = kSliceChannels;
  config.base_width = base_width;
  config.fpn_channels = config.fpn_channels * base_width / kPublishedWidth;
  config.head_channels = config.head_channels * base_width / kPublishedWidth;
  const auto network = MakeDetector(config);
  network->eval();
  const torch::Tensor slice = torch::zeros({1, kSliceChannels, kPaperSlice, kPaperSlice});
  return {{kSliceChannels, kPaperSlice, kPaperSlice}, CountParameters(*network), CountMacs([&] {
            (void)network->Predict(slice, /*score_threshold=*/0.5);
          })};
}

std::string DescriptionOf(const DetectorArchitecture& detector) {
  std::string text;
  if (detector.family == DetectorFamily::kFasterRcnn) {
    text = detector.pyramid ? "FPN, " : "a single level, ";
    text += detector.roi_align ? "RoI Align, " : "RoI pooling, ";
  }
  text += "anchors of";
  for (const double size : detector.published.anchor_sizes)
    text.append(" ").append(std::to_string(std::lround(size)));
  return text.append(" pixels");
}

Architecture About(const DetectorArchitecture& detector) {
  Architecture about;
  about.name = detector.name;
  about.title = detector.title;
  about.kind = ArchitectureKind::kDetector;
  about.place = std::string("Table ").append(std::to_string(detector.paper_table));
  about.figures = {{"AP50", detector.paper_ap50}};
  about.description = DescriptionOf(detector);
  about.measure_cost = MeasureDetector;
  return about;
}

}  // namespace

const char* ToString(ArchitectureKind kind) {
  return kind == ArchitectureKind::kDetector ? "detector" : "classifier";
}

std::vector<Architecture> Architectures() {
  std::vector<Architecture> all;
  for (const DetectorArchitecture& detector : DetectorArchitectures())
    all.push_back(About(detector));
  for (const ClassifierArchitecture& classifier : ClassifierArchitectures())
    all.push_back(classifier.about);
  return all;
}

}  // namespace necknode::models
