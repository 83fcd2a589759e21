#include <algorithm>
#include <string>

#include "core/error.h"
#include "models/classifier_registry.h"
#include "models/detector_architectures.h"
#include "models/package.h"

namespace necknode::models {
namespace {

template <typename Number>
void CheckRange(const char* section, const char* field, Number value, Number low, Number high) {
  if (value >= low && value <= high)
    return;
  throw Error(ErrorCode::kModel,
              std::string(section) + "." + field + " is " + std::to_string(value) + ", expected " +
                  std::to_string(low) + " to " + std::to_string(high));
}

void CheckNorm(const char* section, const std::string& norm) {
  if (norm != "batch" && norm != "frozen" && norm != "group") {
    throw Error(ErrorCode::kModel,
                std::string(section) + ".norm is '" + norm + "', expected batch, frozen or group");
  }
}

void CheckChannels(const char* section, int channels) {
  CheckRange(section, "in_channels", channels, 1, 9);
  if (channels % 2 == 0) {
    throw Error(ErrorCode::kModel,
                std::string(section) + ".in_channels is " + std::to_string(channels) +
                    ", expected an odd number");
  }
}

const char* YesNo(bool value) { return value ? "true" : "false"; }

}  // namespace

void CheckConfig(const DetectorConfig& config) {
  constexpr const char* kSection = "detector";
  const DetectorArchitecture& architecture = FindDetector(config.architecture);
  CheckChannels(kSection, config.in_channels);
  CheckRange(kSection, "base_width", config.base_width, 4, 256);
  CheckRange(kSection, "fpn_channels", config.fpn_channels, 8, 1024);
  CheckRange(kSection, "head_channels", config.head_channels, 8, 8192);
  CheckNorm(kSection, config.norm);
  CheckRange(kSection, "classes", config.classes, 2, 1000);
  CheckRange(kSection,
             "anchor_sizes (their number)",
             config.anchor_sizes.size(),
             architecture.min_sizes,
             architecture.max_sizes);
  for (const double size : config.anchor_sizes)
    CheckRange(kSection, "anchor_sizes", size, 2.0, 2048.0);
  CheckRange<std::size_t>(
      kSection, "anchor_ratios (their number)", config.anchor_ratios.size(), 1, 8);
  for (const double ratio : config.anchor_ratios)
    CheckRange(kSection, "anchor_ratios", ratio, 0.05, 20.0);
  CheckRange(kSection, "pre_nms_top_n", config.pre_nms_top_n, 1, 10000);
  CheckRange(kSection, "post_nms_top_n", config.post_nms_top_n, 1, 10000);
  CheckRange(kSection, "rpn_nms", config.rpn_nms, 0.01, 1.0);
  CheckRange(kSection, "box_nms", config.box_nms, 0.01, 1.0);
  CheckRange(kSection, "max_detections", config.max_detections, 1, 1000);
  CheckRange(kSection, "image_scale", config.image_scale, 0.25, 4.0);
}

void CheckConfig(const ClassifierConfig& config) {
  constexpr const char* kSection = "classifier";
  const ClassifierArchitecture& architecture = FindClassifier(config.architecture);
  CheckChannels(kSection, config.in_channels);
  CheckRange(kSection, "base_width", config.base_width, 4, 256);
  if (config.width_factor != architecture.width_factor ||
      config.attention != architecture.attention) {
    throw Error(ErrorCode::kModel,
                "classifier.width_factor is " + std::to_string(config.width_factor) +
                    " and attention " + YesNo(config.attention) + ", but " + config.architecture +
                    " has width_factor " + std::to_string(architecture.width_factor) +
                    " and attention " + YesNo(architecture.attention));
  }
  CheckNorm(kSection, config.norm);
  CheckRange(kSection, "roi_size", config.roi_size, 32, 1024);
  CheckRange(kSection, "roi_context", config.roi_context, 1.0, 10.0);
}

}  // namespace necknode::models
