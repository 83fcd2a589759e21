#include "models/classifier_registry.h"

#include <algorithm>

#include "core/error.h"
#include "models/classifier.h"
#include "models/count_macs.h"
#include "models/densenet.h"
#include "models/efficientnet.h"
#include "models/mobilenet_v2.h"
#include "models/regnet.h"
#include "models/resnet_classifier.h"
#include "models/shufflenet_v2.h"

namespace necknode::models {
namespace {

constexpr int kRoiChannels = 3;
constexpr std::int64_t kPaperRoi = 224;

NetworkCost MeasureClassifier(const std::string& name, int base_width) {
  ClassifierConfig config;
  SetArchitecture(config, name);
  config.in_channels = kRoiChannels;
  config.base_width = base_width;
  const auto network = MakeClassifier(config);
  network->eval();
  const torch::NoGradGuard no_grad;
  const torch::Tensor roi = torch::zeros({1, kRoiChannels, kPaperRoi, kPaperRoi});
  return {{kRoiChannels, kPaperRoi, kPaperRoi}, CountParameters(*network), CountMacs([&] {
            (void)network->forward(roi);
          })};
}

ClassifierArchitecture Row(const std::string& name,
                           const std::string& title,
                           const std::string& place,
                           const std::vector<double>& acc_tpr_tnr,
                           const std::string& description,
                           decltype(ClassifierArchitecture::make) make) {
  ClassifierArchitecture row;
  row.about = {name,
               title,
               ArchitectureKind::kClassifier,
               place,
               {{"ACC", acc_tpr_tnr[0]}, {"TPR", acc_tpr_tnr[1]}, {"TNR", acc_tpr_tnr[2]}},
               description,
               MeasureClassifier};
  row.make = make;
  return row;
}

/// With what the paper varies in ResNet50.
ClassifierArchitecture Ablation(ClassifierArchitecture row, int width_factor, bool attention) {
  row.width_factor = width_factor;
  row.attention = attention;
  return row;
}

std::vector<ClassifierArchitecture> MakeTable() {
  constexpr const char* kAblations = "Table 4";
  constexpr const char* kOthers = "Figure 8";
  std::vector<ClassifierArchitecture> table = {
      Row("resnet50",
          "ResNet50",
          kAblations,
          {95.0, 97.7, 80.0},
          "3, 4, 6, 3 bottlenecks",
          MakeResNet50),
      Ablation(Row("a_resnet50",
                   "A-ResNet50",
                   kAblations,
                   {95.5, 98.8, 76.0},
                   "ResNet50 with coordinate attention in each bottleneck",
                   MakeResNet50),
               1,
               true),
      Ablation(Row("resnet50_w",
                   "ResNet50-W",
                   kAblations,
                   {95.5, 97.7, 83.3},
                   "ResNet50 with twice the channels inside each bottleneck",
                   MakeResNet50),
               2,
               false),
      Ablation(Row("a_resnet50_w",
                   "A-ResNet50-W",
                   kAblations,
                   {96.0, 98.8, 80.0},
                   "the paper's own: coordinate attention and twice the channels",
                   MakeResNet50),
               2,
               true),
      Row("mobilenet_v2",
          "MobileNetV2",
          kOthers,
          {93.1, 98.3, 63.3},
          "inverted residuals, depthwise convolutions",
          MakeMobileNetV2),
      Row("shufflenet_v2",
          "ShuffleNetV2",
          kOthers,
          {93.1, 97.7, 66.7},
          "x1.0: half of the channels pass each unit, shuffled behind it",
          MakeShuffleNetV2),
      Row("densenet121",
          "DenseNet121",
          kOthers,
          {93.1, 95.9, 76.7},
          "each layer sees all earlier ones of its block",
          MakeDenseNet121),
      Row("efficientnet_b0",
          "EfficientNet",
          kOthers,
          {94.1, 99.4, 63.3},
          "B0: inverted residuals with squeeze and excitation",
          MakeEfficientNetB0),
      Row("resnet34",
          "ResNet34",
          kOthers,
          {92.6, 97.1, 66.7},
          "3, 4, 6, 3 blocks of two 3x3",
          MakeResNet34),
      Row("resnext50",
          "ResNeXt50",
          kOthers,
          {94.5, 97.7, 76.7},
          "32x4d: bottlenecks whose 3x3 has 32 groups",
          MakeResNext50),
      Row("regnet_y_400mf",
          "RegNet",
          kOthers,
          {94.5, 99.4, 66.7},
          "Y-400MF: grouped bottlenecks with squeeze and excitation",
          MakeRegNetY400MF)};
  for (ClassifierArchitecture& row : table) {
    if (row.about.name == kClassifierArchitecture)
      row.about.figures.push_back({"AUC", 0.894});
  }
  return table;
}

}  // namespace

const std::vector<ClassifierArchitecture>& ClassifierArchitectures() {
  static const std::vector<ClassifierArchitecture> table = MakeTable();
  return table;
}

std::vector<std::string> ClassifierNames() {
  std::vector<std::string> names;
  for (const ClassifierArchitecture& row : ClassifierArchitectures())
    names.push_back(row.about.name);
  return names;
}

const ClassifierArchitecture& FindClassifier(const std::string& name) {
  const auto& table = ClassifierArchitectures();
  const auto found = std::find_if(
      table.begin(), table.end(), [&](const auto& row) { return row.about.name == name; });
  if (found != table.end())
    return *found;
  std::string all;
  for (const std::string& known : ClassifierNames())
    all += (all.empty() ? "" : ", ") + known;
  throw Error(ErrorCode::kModel,
              "classifier.architecture is '" + name + "', expected one of " + all);
}

void SetArchitecture(ClassifierConfig& config, const std::string& name) {
  const ClassifierArchitecture& row = FindClassifier(name);
  config.architecture = name;
  config.width_factor = row.width_factor;
  config.attention = row.attention;
}

std::shared_ptr<Classifier> MakeClassifier(const ClassifierConfig& config, std::int64_t outputs) {
  CheckConfig(config);
  return FindClassifier(config.architecture).make(config, outputs);
}

}  // namespace necknode::models
