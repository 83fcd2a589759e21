#include <gtest/gtest.h>

#include "core/error.h"
#include "models/classifier_trainer.h"
#include "models/detector_trainer.h"
#include "models/faster_rcnn.h"
#include "tests/support/temp_folder.h"

namespace necknode::models {
namespace {

DetectorConfig TinyDetector() {
  DetectorConfig config;
  config.base_width = 8;
  config.fpn_channels = 16;
  config.head_channels = 32;
  config.norm = "group";
  return config;
}

/// One bright square on a dark ground.
class OneSquare : public DetectorDataset {
 public:
  DetectorSample At(std::int64_t) override {
    auto image = torch::full({1, 96, 96}, -0.8F);
    image.slice(1, 30, 50).slice(2, 40, 62).fill_(0.8);
    return {
        image, torch::tensor({{40.0F, 30.0F, 62.0F, 50.0F}}), torch::ones({1}, torch::kBool), "1"};
  }
};

/// Bright RoIs are malignant.
class BrightAndDark : public ClassifierDataset {
 public:
  ClassifierSample At(std::int64_t index) override {
    const bool malignant = index % 2 == 0;
    return {torch::full({1, 32, 32}, malignant ? 0.5F : -0.5F), malignant, "1"};
  }
};

TrainerOptions OptionsOf(const std::filesystem::path& folder, std::int64_t steps) {
  TrainerOptions options;
  options.steps = steps;
  options.warmup_steps = 5;
  options.checkpoint_every = 0;
  options.validate_every = 0;
  options.report_every = 5;
  options.loader_threads = 0;
  options.folder = folder;
  return options;
}

TEST(StackImages, FillsUpWithAirToMultiplesOf32) {
  const DetectorSample small{torch::zeros({1, 10, 40}), torch::zeros({0, 4}), {}, ""};
  const DetectorSample large{torch::zeros({1, 64, 33}), torch::zeros({0, 4}), {}, ""};
  const auto batch = StackImages({small, large}, torch::kCPU);
  EXPECT_EQ(batch.sizes(), (torch::IntArrayRef{2, 1, 64, 64}));
  EXPECT_EQ(batch[0].sum().item<float>(), -1.0F * (64 * 64 - 10 * 40));
  EXPECT_THROW((void)StackImages({}, torch::kCPU), Error);
}

TEST(DetectorLosses, AreFiniteWithoutAnyNode) {
  torch::manual_seed(1);
  FasterRcnn network(TinyDetector());
  const DetectorSample empty{torch::zeros({1, 64, 64}), torch::zeros({0, 4}), {}, ""};
  const auto losses = DetectorLosses(*network, {empty}, 1);
  ASSERT_EQ(losses.size(), 4U);
  for (const auto& [name, loss] : losses) {
    EXPECT_TRUE(torch::isfinite(loss).item<bool>()) << name;
  }
  EXPECT_EQ(losses[1].second.item<float>(), 0) << "no box to regress";
  EXPECT_EQ(losses[3].second.item<float>(), 0);
}

TEST(TrainDetector, OverfitsOneImage) {
  const tests::TempFolder folder;
  torch::manual_seed(1);
  FasterRcnn network(TinyDetector());
  OneSquare data;
  double first = -1;
  const auto last = TrainDetector(
      *network, data, data, 0, OptionsOf(folder.path(), 60), [&](const TrainingReport& report) {
        first = first < 0 ? report.loss : first;
      });
  EXPECT_LT(last.loss, 0.3 * first) << "first " << first;
}

TEST(TrainDetector, ResumesToTheSameWeights) {
  const tests::TempFolder one, two;
  OneSquare data;
  torch::manual_seed(1);
  FasterRcnn whole(TinyDetector());
  (void)TrainDetector(*whole, data, data, 0, OptionsOf(one.path(), 6), nullptr);

  auto options = OptionsOf(two.path(), 6);
  options.checkpoint_every = 3;
  torch::manual_seed(1);
  FasterRcnn killed(TinyDetector());
  int reports = 0;
  options.report_every = 1;
  EXPECT_THROW((void)TrainDetector(*killed,
                                   data,
                                   data,
                                   0,
                                   options,
                                   [&](const TrainingReport&) {
                                     if (++reports == 5) {
                                       throw Error(ErrorCode::kInternal, "killed");
                                     }
                                   }),
               Error);
  torch::manual_seed(2);
  FasterRcnn resumed(TinyDetector());
  options.resume = true;
  (void)TrainDetector(*resumed, data, data, 0, options, nullptr);
  for (const auto& parameter : whole->named_parameters()) {
    EXPECT_TRUE(torch::allclose(
        parameter.value(), resumed->named_parameters()[parameter.key()], 1e-4, 1e-6))
        << parameter.key();
  }
}

TEST(TrainClassifier, LearnsToTellBrightFromDark) {
  const tests::TempFolder folder;
  ClassifierConfig config;
  config.base_width = 8;
  config.norm = "group";
  config.roi_size = 32;
  torch::manual_seed(1);
  const auto network = MakeClassifier(config);
  BrightAndDark data;
  auto options = OptionsOf(folder.path(), 40);
  options.batch = 4;
  options.validate_every = 40;
  const auto last = TrainClassifier(*network, data, data, 6, options, 0, nullptr);
  EXPECT_LT(last.loss, 0.2);
  ASSERT_EQ(last.validation.size(), 2U);
  EXPECT_EQ(last.validation[1].first, "auc");
  EXPECT_EQ(last.validation[1].second, 1);
}

}  // namespace
}  // namespace necknode::models
