#include "training/training_record.h"

#include <cmath>
#include <fstream>
#include <string>
#include <utility>

#include <ATen/Parallel.h>
#include <torch/version.h>

#include "core/error.h"
#include "models/config_json.h"
#include "models/replaced_file.h"

namespace necknode::training {
namespace {

using Json = nlohmann::ordered_json;

/// A part of a record, read by one of models/config_json.h.
template <typename Value>
Value ReadPart(const Json& json, const char* name, Value (*read)(models::StrictObject&)) {
  const nlohmann::json unordered = json;
  models::StrictObject object(unordered, name);
  Value value = read(object);
  object.Finish();
  return value;
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

/// What DrawClassifierSample applies.
Json RoisOf(const SampleOptions& options) {
  Json json = {
      {"jitter", options.jitter}, {"min_size", options.min_size}, {"max_size", options.max_size}};
  if (!options.augment) {
    json["more"] = "none";
    return json;
  }
  json["quarter_turns"] = options.quarter_turns;
  json["mirror"] = options.augmentation.mirror;
  json["brightness"] = options.augmentation.brightness;
  json["contrast"] = options.augmentation.contrast;
  json["noise"] = options.augmentation.noise;
  return json;
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

Json RecordOf(const TrainingRequest& request,
              Json data,
              Json started_from,
              const models::TrainingReport& last) {
  const auto& options = request.data_options;
  Json result = {{"step", last.step}, {"loss", last.loss}};
  for (const auto& [name, value] : last.losses) {
    result["losses"][name] = value;
  }
  for (const auto& [name, value] : last.validation) {
    result["validation"][name] = value;
  }
  Json trainer = ToJson(request.trainer);
  if (request.smoothing) {
    trainer["label_smoothing"] = *request.smoothing;
  }
  return {{"trainer", std::move(trainer)},
          {"data", std::move(data)},
          {"augmentation",
           request.smoothing ? RoisOf(options)
           : options.augment ? ToJson(options.augmentation)
                             : Json("none")},
          {"started_from", std::move(started_from)},
          {"last_report", result},
          {"seconds", std::round(last.seconds)},
          {"threads", at::get_num_threads()},
          {"necknode", NECKNODE_VERSION},
          {"libtorch", TORCH_VERSION}};
}

models::DetectorConfig DetectorConfigFrom(const Json& json) {
  return ReadPart(json, "network", models::ReadDetectorConfig);
}

models::ClassifierConfig ClassifierConfigFrom(const Json& json) {
  return ReadPart(json, "network", models::ReadClassifierConfig);
}

models::Preprocessing PreprocessingFrom(const Json& json) {
  return ReadPart(json, "preprocessing", models::ReadPreprocessing);
}

void RequireWritable(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const auto probe = folder / ".probe";
  if (error || !std::ofstream(probe)) {
    throw Error(ErrorCode::kStorageFailed, "no file can be made in " + folder.string());
  }
  std::filesystem::remove(probe, error);
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
