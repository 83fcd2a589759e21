#include "models/checkpoint.h"

#include <filesystem>
#include <locale>
#include <sstream>
#include <utility>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "models/safetensors.h"
#include "models/training_curve.h"

namespace necknode::models {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kDifferencesShown = 6;

template <typename Value>
std::string TextOf(const Value& value) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text.precision(12);
  text << value;
  return text.str();
}

Json ToJson(const RunState& state) {
  Json json = {{"step", state.step}, {"seconds", state.seconds}, {"loss_count", state.loss_count}};
  json["loss_sums"] = Json::array();
  for (const auto& [name, sum] : state.loss_sums) {
    json["loss_sums"].push_back({name, sum});
  }
  return json;
}

RunState StateFrom(const Json& json) {
  RunState state;
  state.step = json.at("step").get<std::int64_t>();
  state.seconds = json.at("seconds").get<double>();
  state.loss_count = json.at("loss_count").get<std::int64_t>();
  for (const Json& part : json.at("loss_sums")) {
    state.loss_sums.emplace_back(part.at(0).get<std::string>(), part.at(1).get<double>());
  }
  return state;
}

Json ToJson(const NamedTexts& course) {
  Json json = Json::object();
  for (const auto& [name, value] : course) {
    json[name] = value;
  }
  return json;
}

void CheckCourse(const Json& theirs, const Json& ours) {
  std::vector<std::string> differences;
  for (const auto& [name, value] : ours.items()) {
    const std::string there = theirs.contains(name) ? theirs[name].get<std::string>() : "not set";
    if (there != value.get<std::string>()) {
      differences.push_back(name + " (" + there + " there, " + value.get<std::string>() + " now)");
    }
  }
  for (const auto& [name, value] : theirs.items()) {
    if (!ours.contains(name)) {
      differences.push_back(name + " (" + value.get<std::string>() + " there, not set now)");
    }
  }
  if (differences.empty()) {
    return;
  }
  std::string text = "the checkpoint is of a run with other options: ";
  for (std::size_t i = 0; i < differences.size() && i < kDifferencesShown; ++i) {
    text += i > 0 ? ", " : "";
    text += differences[i];
  }
  if (differences.size() > kDifferencesShown) {
    text += " and " + std::to_string(differences.size() - kDifferencesShown) + " more";
  }
  throw Error(ErrorCode::kInvalidArgument, text);
}

void CopyFrom(const SafetensorsFile& file, const std::string& name, torch::Tensor target) {
  const torch::Tensor source = file.Tensor(name);
  if (source.sizes() != target.sizes()) {
    throw Error(ErrorCode::kModel, "checkpoint: " + name + " has another shape than the network's");
  }
  target.copy_(source);
}

}  // namespace

NamedTexts CourseOf(const TrainerOptions& options) {
  NamedTexts course = {{"steps", TextOf(options.steps)},
                       {"batch", TextOf(options.batch)},
                       {"rate", TextOf(options.learning_rate)},
                       {"momentum", TextOf(options.momentum)},
                       {"weight decay", TextOf(options.weight_decay)},
                       {"gradient norm", TextOf(options.gradient_norm)},
                       {"warm-up", TextOf(options.warmup_steps)},
                       {"schedule", options.schedule},
                       {"seed", TextOf(options.seed)}};
  if (options.schedule == "steps") {
    std::string milestones;
    for (const double milestone : options.milestones) {
      milestones += milestones.empty() ? "" : " ";
      milestones += TextOf(milestone);
    }
    course.emplace_back("milestones", milestones);
    course.emplace_back("gamma", TextOf(options.gamma));
  }
  course.insert(course.end(), options.course.begin(), options.course.end());
  return course;
}

void PrepareFolder(const TrainerOptions& options) {
  const std::string folder = options.folder.string();
  const bool is_there = std::filesystem::exists(options.folder / kCheckpointFile);
  if (options.resume && !is_there) {
    throw Error(ErrorCode::kInvalidArgument,
                "nothing to resume: no " + std::string(kCheckpointFile) + " in " + folder +
                    "; start the run without --resume");
  }
  if (is_there && !options.resume && !options.overwrite) {
    throw Error(ErrorCode::kInvalidArgument,
                folder +
                    " holds the checkpoint of an earlier run: go on with --resume, begin anew "
                    "with --overwrite, or choose another folder");
  }
  std::error_code error;
  std::filesystem::create_directories(options.folder, error);
  if (error) {
    throw Error(ErrorCode::kStorageFailed, folder + " cannot be made: " + error.message());
  }
  if (is_there && !options.resume) {
    std::filesystem::remove(options.folder / kCheckpointFile);
    std::filesystem::remove(options.folder / kCurveFile);
  }
}

void WriteCheckpoint(const TrainerOptions& options,
                     const torch::nn::Module& network,
                     const Momentum& momentum,
                     const RunState& state) {
  std::map<std::string, torch::Tensor> tensors;
  for (const auto& [name, tensor] : StateOf(network)) {
    tensors.emplace("network." + name, tensor);
  }
  for (const auto& [name, tensor] : momentum) {
    tensors.emplace("momentum." + name, tensor);
  }
  WriteSafetensors(options.folder / kCheckpointFile,
                   tensors,
                   {{"state", ToJson(state).dump()}, {"course", ToJson(CourseOf(options)).dump()}});
}

RunState ReadCheckpoint(const TrainerOptions& options,
                        torch::nn::Module& network,
                        Momentum& momentum) {
  const SafetensorsFile file(options.folder / kCheckpointFile);
  RunState state;
  try {
    CheckCourse(Json::parse(file.metadata().at("course")), ToJson(CourseOf(options)));
    state = StateFrom(Json::parse(file.metadata().at("state")));
  } catch (const std::out_of_range&) {
    throw Error(ErrorCode::kModel, "checkpoint: no state or course, of an earlier version?");
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::kModel, std::string("checkpoint: state or course: ") + error.what());
  }
  for (const auto& [name, tensor] : StateOf(network)) {
    if (!file.Has("network." + name)) {
      throw Error(ErrorCode::kModel, "checkpoint: " + name + " is missing");
    }
  }
  torch::NoGradGuard no_grad;
  for (auto& parameter : network.named_parameters()) {
    CopyFrom(file, "network." + parameter.key(), parameter.value());
    const std::string name = "momentum." + parameter.key();
    if (file.Has(name)) {
      momentum[parameter.key()] = torch::zeros_like(parameter.value());
      CopyFrom(file, name, momentum[parameter.key()]);
    }
  }
  for (auto& buffer : network.named_buffers()) {
    if (file.Has("network." + buffer.key())) {
      CopyFrom(file, "network." + buffer.key(), buffer.value());
    }
  }
  return state;
}

}  // namespace necknode::models
