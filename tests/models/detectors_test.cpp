#include "models/detector.h"
#include "models/detector_architectures.h"
#include "models/detector_trainer.h"
#include "models/inference.h"
#include "models/safetensors.h"
#include "models/ssd.h"
#include "models/yolo_v3.h"
#include "tests/models/expect_tensor.h"
#include "tests/support/temp_folder.h"

namespace necknode::models {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

DetectorConfig Tiny(const std::string& architecture) {
  DetectorConfig config = FindDetector(architecture).published;
  config.base_width = 8;
  config.fpn_channels = 16;
  config.head_channels = 32;
  config.norm = "group";
  config.post_nms_top_n = 40;
  config.max_detections = 20;
  return config;
}

/// One bright square on a dark ground.
class OneSquare : public DetectorDataset {
 public:
  DetectorSample At(std::int64_t) override {
    auto image = torch::full({1, 96, 96}, -0.8F);
    image.slice(1, 28, 60).slice(2, 36, 66).fill_(0.8);
    return {
        image, torch::tensor({{36.0F, 28.0F, 66.0F, 60.0F}}), torch::ones({1}, torch::kBool), "1"};
  }
};

class EveryDetector : public testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Architectures,
                         EveryDetector,
                         testing::ValuesIn(DetectorNames()),
                         [](const auto& name) { return name.param; });

TEST_P(EveryDetector, LearnsSavesLoadsAndPredictsTheSame) {
  const tests::TempFolder folder;
  const DetectorConfig config = Tiny(GetParam());
  torch::manual_seed(1);
  const auto network = MakeDetector(config);
  OneSquare data;
  TrainerOptions options;
  options.steps = 40;
  options.batch = 1;
  options.warmup_steps = 4;
  options.report_every = 4;
  options.validate_every = options.checkpoint_every = 0;
  options.loader_threads = 0;
  options.folder = folder.path();
  double first = -1;
  const auto last =
      TrainDetector(*network, data, data, 0, options, [&](const TrainingReport& report) {
        first = first < 0 ? report.loss : first;
      });
  EXPECT_LT(last.loss, 0.8 * first);

  const auto file = folder.path() / "detector.safetensors";
  SaveModule(*network, file);
  torch::manual_seed(2);
  const auto loaded = MakeDetector(config);
  LoadModule(*loaded, file);
  network->eval();
  loaded->eval();
  const torch::Tensor images = StackImages({data.At(0)}, torch::kCPU);
  const auto before = network->Predict(images, 0), after = loaded->Predict(images, 0);
  ASSERT_EQ(before.size(), 1U);
  ASSERT_GT(before[0].boxes.size(0), 0);
  EXPECT_TRUE(torch::equal(before[0].boxes, after[0].boxes));
  EXPECT_TRUE(torch::equal(before[0].scores, after[0].scores));
  EXPECT_GE(before[0].boxes.min().item<double>(), 0);
  EXPECT_LE(before[0].boxes.max().item<double>(), 96);
  EXPECT_FALSE(before[0].scores.requires_grad());
}

TEST_P(EveryDetector, TakesImagesWithoutNodesAndFoldsItsNorms) {
  DetectorConfig config = Tiny(GetParam());
  config.norm = "batch";
  config.in_channels = 3;
  torch::manual_seed(3);
  const auto network = MakeDetector(config);
  const torch::Tensor images = torch::randn({2, 3, 64, 96});
  const torch::Tensor truth = Boxes({{10, 10, 40, 42}});
  torch::Tensor sum = torch::zeros({});
  for (const auto& [name, loss] : network->Losses(images, {torch::zeros({0, 4}), truth}, 1)) {
    EXPECT_TRUE(torch::isfinite(loss).item<bool>()) << name;
    sum = sum + loss;
  }
  sum.backward();
  for (const auto& item : network->named_parameters())
    EXPECT_TRUE(item.value().grad().defined()) << item.key();
  network->eval();
  const auto before = network->Predict(images, 0);
  network->Fold();
  const auto after = network->Predict(images, 0);
  ASSERT_GT(before[0].scores.numel(), 0);
  ASSERT_EQ(before[0].scores.sizes(), after[0].scores.sizes());
  EXPECT_LT((before[0].scores - after[0].scores).abs().max().item<double>(), 1e-3);
}

TEST(Detector, NamesTruthsThatDoNotFitTheImages) {
  const auto network = MakeDetector(Tiny("ssd_resnet50"));
  EXPECT_THAT(ErrorOf([&] {
                (void)network->Losses(torch::zeros({2, 1, 64, 64}), {}, 1);
              }),
              HasSubstr("true boxes of 0 images for 2"));
  EXPECT_THAT(ErrorOf([&] {
                (void)network->Predict(torch::zeros({1, 2, 64, 64}), 0.5);
              }),
              HasSubstr("expected floating [N, 1, H, W]"));
}

/// Says what it was shown, and finds one box on it.
class Probe : public Detector {
 public:
  using Detector::Detector;
  torch::Tensor seen, truth;
  void Fold() override {}

 protected:
  NamedLosses LossesOf(const torch::Tensor& images,
                       const std::vector<torch::Tensor>& truths,
                       std::uint64_t /*seed*/) override {
    seen = images;
    truth = truths.front();
    return {};
  }
  std::vector<ImageDetections> Find(const torch::Tensor& images, double /*score*/) override {
    seen = images;
    return {{Boxes({{15, 30, 45, 60}, {151, 30, 180, 60}}),
             torch::tensor({0.9F, 0.8F}),
             torch::ones({2}, torch::kLong)}};
  }
};

TEST(Detector, ShowsItsNetworkEnlargedImagesAndGivesBoxesInThoseThatCameIn) {
  DetectorConfig config;
  config.image_scale = 1.5;
  Probe probe(config);
  const auto found = probe.Predict(torch::full({1, 1, 64, 100}, 0.5F), 0.5);
  EXPECT_EQ(probe.seen.sizes(), (std::vector<std::int64_t>{1, 1, 128, 192}));
  EXPECT_EQ(probe.seen[0][0][95][149].item<float>(), 0.5F);
  EXPECT_EQ(probe.seen[0][0][96][10].item<float>(), -1.0F) << "air below";
  EXPECT_EQ(probe.seen[0][0][10][150].item<float>(), -1.0F) << "air to the right";
  // The second box lies in the air.
  EXPECT_THAT(ValuesOf(found[0].boxes), ElementsAre(10, 20, 30, 40));
  EXPECT_EQ(found[0].scores.size(0), 1);
  (void)probe.Losses(torch::zeros({1, 1, 64, 100}), {Boxes({{10, 20, 30, 40}})}, 1);
  EXPECT_THAT(ValuesOf(probe.truth), ElementsAre(15, 30, 45, 60));
}

TEST(Ssd, HasALevelForEachAnchorSizeAndBoxesAboutTheirPlaces) {
  DetectorConfig config = Tiny("ssd_resnet50");
  config.anchor_sizes = {16, 24, 36};
  config.anchor_ratios = {1};
  const SsdOutput output = Ssd(config)->Forward(torch::zeros({1, 1, 64, 128}));
  EXPECT_EQ(output.logits.sizes(), (std::vector<std::int64_t>{1, 8 * 16 + 4 * 8 + 2 * 4, 2}));
  EXPECT_THAT(ValuesOf(output.anchors[1]), ElementsAre(4, -4, 20, 12));
  EXPECT_THAT(ValuesOf(output.anchors[128]), ElementsAre(-4, -4, 20, 20));
  EXPECT_THAT(ValuesOf(output.anchors[160]), ElementsAre(-2, -2, 34, 34));
}

TEST(YoloV3, GivesThreeLevelsAndAsksForSidesOf32) {
  YoloV3 network(Tiny("yolov3_darknet53"));
  EXPECT_EQ(network->Forward(torch::zeros({2, 1, 64, 96})).sizes(),
            (std::vector<std::int64_t>{2, 3 * (8 * 12 + 4 * 6 + 2 * 3), 6}));
  EXPECT_THAT(ErrorOf([&] {
                (void)network->Forward(torch::zeros({1, 1, 64, 80}));
              }),
              HasSubstr("expected sides of multiples of 32"));
}

TEST(Detector, TheShippedPackageIsReadAsBefore) {
  const Package package = LoadPackage(NECKNODE_SOURCE_DIR "/models/packages/phantom/2");
  EXPECT_EQ(package.detector.architecture, kDetectorArchitecture);
  EXPECT_EQ(package.detector.image_scale, 1);
  EXPECT_EQ(ErrorOf([&] { const Inference inference(package, "cpu"); }), "");
}

}  // namespace
}  // namespace necknode::models
