#include "training/make_package.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "tests/support/temp_folder.h"
#include "training/run_training.h"

namespace necknode::training {
namespace {

models::DetectorConfig TinyDetector() {
  auto config = SmallDetector();
  config.in_channels = 1;
  config.base_width = 8;
  config.fpn_channels = 16;
  config.head_channels = 32;
  return config;
}

models::ClassifierConfig TinyClassifier() {
  auto config = SmallClassifier();
  config.in_channels = 1;
  config.roi_size = 32;
  return config;
}

TrainingRequest Short(const std::filesystem::path& folder) {
  TrainingRequest request;
  request.data = "phantom:seeds 1-2";
  request.validation = "phantom:seeds 101-101";
  request.validation_samples = 2;
  request.data_options.slices = 40;
  request.data_options.crop = 128;
  request.trainer.steps = 2;
  request.trainer.batch = 2;
  request.trainer.folder = folder;
  return request;
}

TEST(MakePackage, GoesFromTrainingToAMeasuredPackage) {
  const tests::TempFolder folder;
  RunDetectorTraining(Short(folder.path() / "d"), TinyDetector(), nullptr);
  RunClassifierTraining(Short(folder.path() / "c"), TinyClassifier(), 0, nullptr);
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "d" / "curve.png"));
  auto resumed = Short(folder.path() / "d");
  resumed.trainer.resume = true;
  EXPECT_NO_THROW(RunDetectorTraining(resumed, TinyDetector(), nullptr)) << "nothing left to do";
  resumed.data_options.crop = 192;
  EXPECT_THROW(RunDetectorTraining(resumed, TinyDetector(), nullptr), Error) << "other data";

  PackageRequest request;
  request.detector = folder.path() / "d" / "detector.safetensors";
  request.classifier = folder.path() / "c" / "classifier.safetensors";
  request.out = folder.path() / "packages";
  request.validation = {{101, 101}, 2, 40, "cpu"};
  request.test = {{201, 201}, 2, 40, "cpu"};
  const auto package = MakePackage(request, nullptr);
  EXPECT_EQ(package.warning, "PHANTOM MODEL, NOT FOR CLINICAL USE");
  EXPECT_FALSE(package.clinical);
  EXPECT_LT(std::filesystem::file_size(package.detector_weights), 1.1e6) << "float16";
  const auto figures = nlohmann::json::parse(package.figures_json);
  EXPECT_EQ(figures["data"]["seeds"], "201-201");
  EXPECT_EQ(figures["data"]["slices"], 2);
  EXPECT_EQ(figures["thresholds_chosen_on"]["seeds"], "101-101");
  const auto record = nlohmann::json::parse(package.training_json);
  EXPECT_EQ(record["detector"]["trainer"]["steps"], 2);
  EXPECT_GT(record["detector"]["last_report"]["loss"].get<double>(), 0)
      << "although the last process had nothing to do";
  EXPECT_TRUE(record["detector"].contains("seconds"));

  request.test.seeds = {2, 5};
  EXPECT_THROW((void)MakePackage(request, nullptr), Error) << "seeds that were trained on";
}

}  // namespace
}  // namespace necknode::training
