#include "models/import_weights.h"

#include <algorithm>

#include "models/classifier.h"
#include "models/classifier_registry.h"
#include "models/detector_architectures.h"
#include "models/faster_rcnn.h"
#include "models/import_package.h"
#include "tests/models/expect_tensor.h"
#include "tests/support/temp_folder.h"

namespace necknode::models {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

/// torchvision's fasterrcnn_resnet50_fpn with the 91 classes of COCO, narrow.
DetectorConfig Torchvision() {
  DetectorConfig config;
  config.in_channels = 3;
  config.base_width = 8;
  config.fpn_channels = 16;
  config.head_channels = 32;
  config.norm = "frozen";
  config.classes = 91;
  return config;
}

DetectorConfig Ours(const std::string& architecture = kDetectorArchitecture) {
  DetectorConfig config = Torchvision();
  config.architecture = architecture;
  config.anchor_sizes = FindDetector(architecture).published.anchor_sizes;
  config.in_channels = 1;
  config.classes = 2;
  return config;
}

ClassifierConfig Ours(const std::string& architecture, int channels) {
  ClassifierConfig config;
  config.in_channels = channels;
  config.base_width = 8;
  config.roi_size = 64;
  SetArchitecture(config, architecture);
  return config;
}

class ImportWeightsTest : public testing::Test {
 protected:
  void SetUp() override {
    torch::manual_seed(1);
    weights_ = StateOf(*FasterRcnn(Torchvision()));
    weights_["backbone.body.bn1.running_mean"] = torch::randn({8});
  }
  ImportReport Import(torch::nn::Module& network) {
    WriteSafetensors(path(), weights_);
    return ImportWeights(network, SafetensorsFile(path()));
  }
  [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "torchvision"; }
  tests::TempFolder folder_;
  std::map<std::string, torch::Tensor> weights_;
};

TEST_F(ImportWeightsTest, TakesAllButTheClassesAndSaysSo) {
  FasterRcnn network(Ours());
  const torch::Tensor own_scores =
      StateOf(*network).at("roi_heads.box_predictor.cls_score.weight").clone();
  const ImportReport report = Import(*network);
  const auto state = StateOf(*network);
  EXPECT_THAT(report.adapted,
              ElementsAre("backbone.body.conv1.weight", "backbone.body.bn1.running_mean"));
  EXPECT_THAT(report.initialised, Each(StartsWith("roi_heads.box_predictor.")));
  EXPECT_EQ(report.initialised.size(), 4U);
  EXPECT_THAT(report.dropped, Each(StartsWith("roi_heads.box_predictor.")));
  EXPECT_EQ(report.dropped.size(), 4U);
  EXPECT_EQ(report.taken.size() + report.adapted.size() + report.initialised.size(), state.size());
  for (const char* name : {"backbone.body.layer4.2.conv3.weight",
                           "rpn.head.cls_logits.weight",
                           "roi_heads.box_head.fc6.weight"})
    EXPECT_TRUE(torch::equal(state.at(name), weights_.at(name))) << name;
  EXPECT_TRUE(torch::equal(state.at("roi_heads.box_predictor.cls_score.weight"), own_scores));
}

TEST_F(ImportWeightsTest, AGreyPictureGivesWhatTorchvisionGivesForItInColour) {
  // torchvision: 0..1, less the means, over the deviations; ours: -1..1 in each slice.
  const torch::Tensor grey = torch::rand({1, 1, 32, 32});
  const torch::Tensor mean = torch::tensor({0.485, 0.456, 0.406}).view({1, 3, 1, 1});
  const torch::Tensor deviation = torch::tensor({0.229, 0.224, 0.225}).view({1, 3, 1, 1});
  const auto after_stem = [](const torch::Tensor& x,
                             const std::map<std::string, torch::Tensor>& of) {
    return torch::conv2d(x.to(torch::kFloat32), of.at("backbone.body.conv1.weight")) -
           of.at("backbone.body.bn1.running_mean").view({1, -1, 1, 1});
  };
  const torch::Tensor wanted =
      after_stem((grey.expand({1, 3, 32, 32}) - mean) / deviation, weights_);
  for (const int channels : {1, 3, 5}) {
    DetectorConfig config = Ours();
    config.in_channels = channels;
    FasterRcnn network(config);
    (void)Import(*network);
    const torch::Tensor slices = (2 * grey - 1).expand({1, channels, 32, 32});
    EXPECT_LT((after_stem(slices, StateOf(*network)) - wanted).abs().max().item<double>(), 1e-3)
        << channels << " slices";
  }
}

TEST_F(ImportWeightsTest, KnowsTheNamesOfTorchvisionsOlderFiles) {
  for (const char* part : {"weight", "bias"}) {
    const auto rename = [&](const std::string& present, const std::string& old) {
      auto node = weights_.extract(present + part);
      ASSERT_FALSE(node.empty()) << present;
      node.key() = old + part;
      weights_.insert(std::move(node));
    };
    rename("rpn.head.conv.0.0.", "rpn.head.conv.");
    for (const char* i : {"0", "1", "2", "3"}) {
      rename(std::string("backbone.fpn.inner_blocks.") + i + ".0.",
             std::string("backbone.fpn.inner_blocks.") + i + ".");
      rename(std::string("backbone.fpn.layer_blocks.") + i + ".0.",
             std::string("backbone.fpn.layer_blocks.") + i + ".");
    }
  }
  FasterRcnn network(Ours());
  const ImportReport report = Import(*network);
  EXPECT_THAT(report.taken, Contains("rpn.head.conv.0.0.weight"));
  EXPECT_THAT(report.taken, Contains("backbone.fpn.layer_blocks.3.0.bias"));
  EXPECT_EQ(report.dropped.size(), 4U);
}

TEST_F(ImportWeightsTest, TheOtherFormsTakeTheBackboneAndTheHeadsThatFit) {
  FasterRcnn single(Ours("fasterrcnn_resnet50"));
  ImportReport report = Import(*single);
  EXPECT_THAT(report.taken, Contains("backbone.body.layer4.2.conv3.weight"));
  EXPECT_THAT(report.taken, Not(Contains(StartsWith("rpn."))));
  EXPECT_THAT(report.taken, Not(Contains("roi_heads.box_head.fc7.weight"))) << "fc6 does not fit";
  EXPECT_THAT(report.dropped, Contains("backbone.fpn.inner_blocks.0.0.weight"));
  const auto ssd = MakeDetector(Ours("ssd_resnet50"));
  report = Import(*ssd);
  EXPECT_THAT(report.initialised, Contains("extra.0.0.0.weight"));
  EXPECT_THAT(report.dropped, Contains("backbone.body.layer4.0.conv1.weight"));
  const auto yolo = MakeDetector(Ours("yolov3_darknet53"));
  EXPECT_THAT(ErrorOf([&] { (void)Import(*yolo); }), HasSubstr("'backbone.stage1"));
}

TEST_F(ImportWeightsTest, GoesBetweenClassificationAndDetection) {
  const auto classifier = MakeClassifier(Ours("a_resnet50_w", 1));
  weights_ = StateOf(*MakeClassifier(Ours("resnet50_w", 3), 1000));
  ImportReport report = Import(*classifier);
  EXPECT_THAT(report.dropped, ElementsAre("fc.bias", "fc.weight"));
  EXPECT_THAT(report.initialised, Contains("fc.weight"));
  EXPECT_THAT(report.initialised, Contains("layer1.0.attention.conv1.weight"));
  EXPECT_THAT(report.taken, Contains("layer4.2.bn3.running_var"));

  weights_ = StateOf(*MakeClassifier(Ours("resnet50", 3), 1000));
  FasterRcnn detector(Ours());
  report = Import(*detector);
  EXPECT_THAT(report.taken, Contains("backbone.body.layer4.2.bn3.running_var"));
  EXPECT_THAT(report.initialised, Contains("backbone.fpn.inner_blocks.0.0.weight"));
  EXPECT_THAT(report.initialised, Contains("rpn.head.conv.0.0.weight"));
}

TEST_F(ImportWeightsTest, EveryClassifierTakesItsPublishedNetwork) {
  for (const std::string& name : ClassifierNames()) {
    const ClassifierConfig config = Ours(name, 5);
    // As published: three colours, a thousand classes, no attention.
    ClassifierConfig published = config;
    published.in_channels = 3;
    if (config.attention)
      SetArchitecture(published, name == "a_resnet50_w" ? "resnet50_w" : "resnet50");
    weights_ = StateOf(*FindClassifier(published.architecture).make(published, 1000));
    const auto network = MakeClassifier(config);
    const ImportReport report = Import(*network);
    const auto state = StateOf(*network);
    EXPECT_EQ(report.adapted.size(), 2U) << name;
    EXPECT_EQ(report.taken.size() + 2, weights_.size() - report.dropped.size()) << name;
    EXPECT_THAT(report.dropped, Each(testing::AnyOf(StartsWith("fc."), StartsWith("classifier."))))
        << name;
    EXPECT_EQ(report.dropped.size(), 2U) << name;
    EXPECT_EQ(report.initialised.size(), state.size() - report.taken.size() - report.adapted.size())
        << name;
    if (!config.attention) {
      EXPECT_THAT(report.initialised, testing::UnorderedElementsAreArray(report.dropped)) << name;
    }
    EXPECT_TRUE(torch::equal(state.at(report.taken.front()), weights_.at(report.taken.front())))
        << name;
  }
}

TEST_F(ImportWeightsTest, NamesWhatDoesNotFitAndChangesNothing) {
  weights_.erase("backbone.body.layer3.1.conv2.weight");
  weights_["backbone.body.layer2.0.conv1.weight"] = torch::zeros({16, 32, 3, 3});
  weights_["backbone.body.layer4.0.bn1.bias"] = torch::full({64}, std::nanf(""));
  FasterRcnn network(Ours());
  const torch::Tensor before = network->parameters().front().clone();
  const std::string error = ErrorOf([&] { (void)Import(*network); });
  EXPECT_THAT(error, HasSubstr("'backbone.body.layer3.1.conv2.weight' is missing"));
  EXPECT_THAT(error,
              HasSubstr("'backbone.body.layer2.0.conv1.weight' has shape [16, 32, 3, 3], expected "
                        "[16, 32, 1, 1]"));
  EXPECT_THAT(error,
              HasSubstr("'backbone.body.layer4.0.bn1.bias' holds values that are not finite"));
  EXPECT_TRUE(torch::equal(before, network->parameters().front()));
}

TEST_F(ImportWeightsTest, RefusesANetworkWithoutBatchNorms) {
  DetectorConfig config = Ours();
  config.norm = "group";
  FasterRcnn network(config);
  EXPECT_THAT(ErrorOf([&] { (void)Import(*network); }),
              HasSubstr("torchvision's weights are for batch norms"));
}

TEST_F(ImportWeightsTest, APairBecomesAPackageThatIsNotClinical) {
  WriteSafetensors(path(), weights_);
  const auto classifier = folder_.path() / "wide_resnet50_2";
  SaveModule(*MakeClassifier(Ours("resnet50_w", 3), 1000), classifier);
  Package package;
  package.name = "coco";
  package.version = "1";
  package.manufacturer = "necknode";
  package.folder = folder_.path() / "packages" / "coco" / "1";
  package.detector = Ours();
  package.classifier = Ours("a_resnet50_w", 1);
  const ImportedPackage imported = ImportPackage(path(), classifier, 1, package);
  EXPECT_FALSE(imported.package.clinical);
  EXPECT_EQ(imported.package.warning, kNonClinicalWarning);
  EXPECT_THAT(imported.package.training_json, HasSubstr(DigestOfFile(classifier)));
  EXPECT_THAT(imported.classifier.adapted, Contains("conv1.weight"));
  EXPECT_EQ(ListPackages(folder_.path() / "packages").size(), 1U);
  EXPECT_THAT(ErrorOf([&] { (void)ImportPackage(path(), classifier, 1, package); }),
              HasSubstr("conflict: "));
}

}  // namespace
}  // namespace necknode::models
