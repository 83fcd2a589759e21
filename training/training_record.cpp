#include "training/training_record.h"

#include <cmath>
#include <fstream>
#include <string>
#include <utility>

#include <ATen/Parallel.h>
#include <torch/version.h>

#include "core/error.h"
#include "models/replaced_file.h"

namespace necknode::training {
namespace {

using Json = nlohmann::ordered_json;

template <typename Value>
void Read(const Json& json, const char* name, Value& value) {
  try {
    value = json.at(name).get<Value>();
  } catch (const nlohmann::json::exception&) {
    throw Error(ErrorCode::kModel,
                std::string("training record: ") + name + " is missing or of another type");
  }
}

Json ToJson(const AugmentationOptions& options) {
  return {{"geometric", options.geometric},
          {"max_rotation_degrees", options.max_rotation_degrees},
          {"min_scale", options.min_scale},
          {"max_scale", options.max_scale},
          {"mirror", options.mirror},
          {"brightness", options.brightness},
          {"contrast", options.contrast},
          {"noise", options.noise}};
}

Json ToJson(const models::TrainerOptions& options) {
  return {{"steps", options.steps},
          {"batch", options.batch},
          {"optimiser", "sgd"},
          {"learning_rate", options.learning_rate},
          {"momentum", options.momentum},
          {"weight_decay", options.weight_decay},
          {"gradient_norm", options.gradient_norm},
          {"warmup_steps", options.warmup_steps},
          {"schedule", options.schedule},
          {"seed", options.seed},
          {"device", options.device},
          {"autocast", options.autocast && options.device.starts_with("cuda")}};
}

}  // namespace

Json ToJson(const models::DetectorConfig& config) {
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

Json ToJson(const models::ClassifierConfig& config) {
  return {{"architecture", config.architecture},
          {"in_channels", config.in_channels},
          {"base_width", config.base_width},
          {"width_factor", config.width_factor},
          {"attention", config.attention},
          {"norm", config.norm},
          {"roi_size", config.roi_size},
          {"roi_context", config.roi_context}};
}

Json ToJson(const models::Preprocessing& preprocessing) {
  return {{"window_center", preprocessing.window_center},
          {"window_width", preprocessing.window_width},
          {"pixel_spacing_mm", preprocessing.pixel_spacing_mm}};
}

Json RecordOf(const TrainingRequest& request, Json data, const models::TrainingReport& last) {
  const auto& options = request.data_options;
  Json result = {{"step", last.step}, {"loss", last.loss}};
  for (const auto& [name, value] : last.losses) {
    result["losses"][name] = value;
  }
  for (const auto& [name, value] : last.validation) {
    result["validation"][name] = value;
  }
  return {{"trainer", ToJson(request.trainer)},
          {"data", std::move(data)},
          {"augmentation", options.augment ? ToJson(options.augmentation) : Json("none")},
          {"started_from", request.start_from.empty() ? "random weights" : "earlier weights"},
          {"last_report", result},
          {"seconds", std::round(last.seconds)},
          {"threads", at::get_num_threads()},
          {"necknode", NECKNODE_VERSION},
          {"libtorch", TORCH_VERSION}};
}

models::DetectorConfig DetectorConfigFrom(const Json& json) {
  models::DetectorConfig config;
  Read(json, "architecture", config.architecture);
  Read(json, "in_channels", config.in_channels);
  Read(json, "base_width", config.base_width);
  Read(json, "fpn_channels", config.fpn_channels);
  Read(json, "head_channels", config.head_channels);
  Read(json, "norm", config.norm);
  Read(json, "classes", config.classes);
  Read(json, "anchor_sizes", config.anchor_sizes);
  Read(json, "anchor_ratios", config.anchor_ratios);
  Read(json, "pre_nms_top_n", config.pre_nms_top_n);
  Read(json, "post_nms_top_n", config.post_nms_top_n);
  Read(json, "rpn_nms", config.rpn_nms);
  Read(json, "box_nms", config.box_nms);
  Read(json, "max_detections", config.max_detections);
  if (json.contains("image_scale"))  // records made before it was there
    Read(json, "image_scale", config.image_scale);
  return config;
}

models::ClassifierConfig ClassifierConfigFrom(const Json& json) {
  models::ClassifierConfig config;
  Read(json, "architecture", config.architecture);
  Read(json, "in_channels", config.in_channels);
  Read(json, "base_width", config.base_width);
  Read(json, "width_factor", config.width_factor);
  Read(json, "attention", config.attention);
  Read(json, "norm", config.norm);
  Read(json, "roi_size", config.roi_size);
  Read(json, "roi_context", config.roi_context);
  return config;
}

models::Preprocessing PreprocessingFrom(const Json& json) {
  models::Preprocessing preprocessing;
  Read(json, "window_center", preprocessing.window_center);
  Read(json, "window_width", preprocessing.window_width);
  Read(json, "pixel_spacing_mm", preprocessing.pixel_spacing_mm);
  return preprocessing;
}

Json ReadJson(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) {
    throw Error(ErrorCode::kNotFound, "cannot open " + path.string());
  }
  try {
    return Json::parse(file);
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::kModel, path.string() + " is not JSON: " + error.what());
  }
}

void WriteJson(const std::filesystem::path& path, const Json& json) {
  models::ReplaceFile(path, json.dump(2) + '\n');
}

}  // namespace necknode::training
