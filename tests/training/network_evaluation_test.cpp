#include "training/network_evaluation.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "models/classifier.h"
#include "models/config_json.h"
#include "models/detector.h"
#include "models/safetensors.h"
#include "tests/support/temp_folder.h"
#include "training/phantom_studies.h"
#include "training/run_training.h"
#include "training/training_record.h"

namespace necknode::training {
namespace {

phantom::PhantomOptions Short() {
  phantom::PhantomOptions options;
  options.slices = 40;
  return options;
}

/// A network of random weights in a folder, as training leaves it.
void SaveClassifier(const std::filesystem::path& folder, std::uint64_t seed, int roi_size) {
  auto config = SmallClassifier();
  config.in_channels = 1;
  config.roi_size = roi_size;
  torch::manual_seed(seed);
  const auto network = models::MakeClassifier(config);
  std::filesystem::create_directories(folder);
  models::SaveModule(*network, folder / "classifier.safetensors");
  WriteJson(folder / "classifier.json",
            {{"network", ToJson(config)}, {"preprocessing", ToJson(models::Preprocessing())}});
}

TEST(HexOf, WritesTheFirstBitHighest) {
  EXPECT_EQ(HexOf({true, false, false, true, true}), "98");
  EXPECT_EQ(HexOf({}), "");
}

TEST(EvaluateClassifiers, AllJudgeTheSameRois) {
  const tests::TempFolder folder;
  SaveClassifier(folder.path() / "a", 1, 32);
  SaveClassifier(folder.path() / "b", 2, 32);
  PhantomStudies test({31, 32}, Short()), validation({41, 41}, Short());
  NetworkEvaluation options;
  options.device = "cpu";
  options.rois = 30;
  options.validation_rois = 10;
  const auto results =
      EvaluateClassifiers({folder.path() / "a", folder.path() / "b"}, test, validation, options);
  ASSERT_EQ(results.size(), 2U);
  const auto& a = results[0];
  EXPECT_EQ(a["rois"], 30);
  EXPECT_EQ(a["answers"]["malignant"], results[1]["answers"]["malignant"]);
  EXPECT_NE(a["answers"]["correct"], results[1]["answers"]["correct"]);
  EXPECT_EQ(a["answers"]["correct"].get<std::string>().size(), 8U);
  EXPECT_EQ(a["data"], "phantom:seeds 31-32");
  EXPECT_EQ(a["threshold"]["chosen_on"], "phantom:seeds 41-41");
  const auto& figures = a["figures"];
  EXPECT_EQ(figures["true_positives"].get<int>() + figures["false_negatives"].get<int>() +
                figures["true_negatives"].get<int>() + figures["false_positives"].get<int>(),
            30);
  const auto again = EvaluateClassifiers({folder.path() / "b"}, test, validation, options).front();
  EXPECT_EQ(again["answers"], results[1]["answers"]) << "alone as in company";

  SaveClassifier(folder.path() / "larger", 1, 48);
  EXPECT_THROW((void)EvaluateClassifiers(
                   {folder.path() / "a", folder.path() / "larger"}, test, validation, options),
               Error);
  EXPECT_THROW((void)EvaluateClassifiers({folder.path() / "none"}, test, validation, options),
               Error);
}

TEST(EvaluateDetector, MeasuresDrawnSlices) {
  const tests::TempFolder folder;
  auto config = SmallDetector();
  config.in_channels = 1;
  config.base_width = 8;
  config.fpn_channels = 16;
  config.head_channels = 32;
  torch::manual_seed(1);
  const auto network = models::MakeDetector(config);
  models::SaveModule(*network, folder.path() / "detector.safetensors");
  WriteJson(folder.path() / "detector.json",
            {{"network", ToJson(config)}, {"preprocessing", ToJson(models::Preprocessing())}});
  PhantomStudies test({31, 32}, Short()), validation({41, 41}, Short());
  NetworkEvaluation options;
  options.device = "cpu";
  options.slices = 3;
  options.validation_slices = 2;
  int last = -1;
  options.progress = [&last](int done, int of) {
    EXPECT_EQ(of, 3);
    last = done;
  };
  const auto result = EvaluateDetector(folder.path(), test, validation, options);
  EXPECT_EQ(result["slices"], 3);
  EXPECT_EQ(last, 2);
  EXPECT_LT(result["figures"]["ap50"]["value"].get<double>(), 0.5) << "of random weights";
  EXPECT_TRUE(result["figures"]["ap50"].contains("low"));
}

}  // namespace
}  // namespace necknode::training
