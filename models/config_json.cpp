#include "models/config_json.h"

#include <nlohmann/json.hpp>

#include "models/classifier_registry.h"
#include "models/detector_architectures.h"

namespace necknode::models {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kBig = 1'000'000;  // the range proper is CheckConfig's
constexpr double kBigNumber = 1e6;

}  // namespace

DetectorConfig ReadDetectorConfig(StrictObject& object) {
  DetectorConfig config;
  config.architecture = object.Choice("architecture", DetectorNames());
  config.in_channels = object.Integer("in_channels", 1, 9);
  config.base_width = object.Integer("base_width", 1, kBig);
  config.fpn_channels = object.Integer("fpn_channels", 1, kBig);
  config.head_channels = object.Integer("head_channels", 1, kBig);
  config.norm = object.Choice("norm", {"batch", "frozen", "group"});
  config.classes = object.Integer("classes", 2, 2);
  config.anchor_sizes = object.Numbers("anchor_sizes");
  config.anchor_ratios = object.Numbers("anchor_ratios");
  config.pre_nms_top_n = object.Integer("pre_nms_top_n", 1, kBig);
  config.post_nms_top_n = object.Integer("post_nms_top_n", 1, kBig);
  config.rpn_nms = object.Number("rpn_nms", 0, 1);
  config.box_nms = object.Number("box_nms", 0, 1);
  config.max_detections = object.Integer("max_detections", 1, kBig);
  if (object.Has("image_scale"))  // packages and records made before it was there
    config.image_scale = object.Number("image_scale", 0, kBigNumber);
  CheckConfig(config);
  return config;
}

Json ToJson(const DetectorConfig& config) {
  return {{"architecture", config.architecture},
          {"in_channels", config.in_channels},
          {"base_width", config.base_width},
          {"fpn_channels", config.fpn_channels},
          {"head_channels", config.head_channels},
          {"norm", config.norm},
          {"classes", config.classes},
          {"anchor_sizes", config.anchor_sizes},
          {"anchor_ratios", config.anchor_ratios},
          {"pre_nms_top_n", config.pre_nms_top_n},
          {"post_nms_top_n", config.post_nms_top_n},
          {"rpn_nms", config.rpn_nms},
          {"box_nms", config.box_nms},
          {"max_detections", config.max_detections},
          {"image_scale", config.image_scale}};
}

ClassifierConfig ReadClassifierConfig(StrictObject& object) {
  ClassifierConfig config;
  config.architecture = object.Choice("architecture", ClassifierNames());
  config.in_channels = object.Integer("in_channels", 1, 9);
  config.base_width = object.Integer("base_width", 1, kBig);
  config.width_factor = object.Integer("width_factor", 1, kBig);
  config.attention = object.Flag("attention");
  config.norm = object.Choice("norm", {"batch", "frozen", "group"});
  config.roi_size = object.Integer("roi_size", 1, kBig);
  config.roi_context = object.Number("roi_context", 0, kBigNumber);
  CheckConfig(config);
  return config;
}

Json ToJson(const ClassifierConfig& config) {
  return {{"architecture", config.architecture},
          {"in_channels", config.in_channels},
          {"base_width", config.base_width},
          {"width_factor", config.width_factor},
          {"attention", config.attention},
          {"norm", config.norm},
          {"roi_size", config.roi_size},
          {"roi_context", config.roi_context}};
}

Preprocessing ReadPreprocessing(StrictObject& object) {
  Preprocessing preprocessing;
  preprocessing.window_center = object.Number("window_center", -1024, 3071);
  preprocessing.window_width = object.Number("window_width", 1, 8192);
  preprocessing.pixel_spacing_mm = object.Number("pixel_spacing_mm", 0.1, 5);
  return preprocessing;
}

Json ToJson(const Preprocessing& preprocessing) {
  return {{"window_center", preprocessing.window_center},
          {"window_width", preprocessing.window_width},
          {"pixel_spacing_mm", preprocessing.pixel_spacing_mm}};
}

}  // namespace necknode::models
