#include "training/training_record.h"

#include <fstream>

#include <gtest/gtest.h>

#include "core/error.h"
#include "models/config_json.h"
#include "tests/support/temp_folder.h"
#include "training/training_sets.h"

namespace necknode::training {
namespace {

TEST(TrainingRecord, ArchitecturesComeBackAsTheyWere) {
  auto detector = SmallDetector();
  detector.anchor_sizes = {8, 12, 18, 27, 40};
  const auto back = DetectorConfigFrom(ToJson(detector));
  EXPECT_EQ(back.base_width, 16);
  EXPECT_EQ(back.norm, "group");
  EXPECT_EQ(back.anchor_sizes, detector.anchor_sizes);
  const auto classifier = ClassifierConfigFrom(ToJson(SmallClassifier()));
  EXPECT_EQ(classifier.roi_size, SmallClassifier().roi_size);
  EXPECT_TRUE(classifier.attention);
}

TEST(TrainingRecord, NamesAMissingField) {
  auto json = ToJson(SmallClassifier());
  json.erase("roi_size");
  try {
    (void)ClassifierConfigFrom(json);
    FAIL() << "taken without roi_size";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kModel);
    EXPECT_NE(std::string(error.what()).find("roi_size"), std::string::npos);
  }
}

TEST(TrainingRecord, SaysWhatWasTrainedOn) {
  TrainingRequest request;
  request.data = "phantom:seeds 1-40";
  request.validation = "phantom:seeds 50-60";
  models::TrainingReport last;
  last.step = 9;
  last.validation = {{"ap50", 0.5}};
  last.seconds = 12.4;
  const auto record = RecordOf(request, TrainingSets(request).Record(), "random weights", last);
  EXPECT_EQ(record["seconds"], 12);
  EXPECT_EQ(record["trainer"]["autocast"], false) << "never on the CPU";
  EXPECT_EQ(record["data"]["seeds"], "1-40");
  EXPECT_EQ(record["data"]["validation_seeds"], "50-60");
  EXPECT_EQ(record["last_report"]["validation"]["ap50"], 0.5);
  EXPECT_EQ(record["trainer"]["learning_rate"], 0.02);
}

TEST(RunDetectorTraining, RefusesOverlappingSeeds) {
  TrainingRequest request;
  request.data = "phantom:seeds 1-100";
  request.validation = "phantom:seeds 100-120";
  EXPECT_THROW(RunDetectorTraining(request, SmallDetector(), nullptr), Error);
}

TEST(WriteJson, IsReadBackAndBadFilesAreRefused) {
  const tests::TempFolder folder;
  const auto path = folder.path() / "a.json";
  WriteJson(path, {{"x", 1}});
  EXPECT_EQ(ReadJson(path)["x"], 1);
  std::ofstream(path) << "{";
  EXPECT_THROW((void)ReadJson(path), Error);
  EXPECT_THROW((void)ReadJson(folder.path() / "absent.json"), Error);
}

}  // namespace
}  // namespace necknode::training
