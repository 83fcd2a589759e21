#include "models/inference.h"

#include <algorithm>

#include "models/classifier.h"
#include "models/classifier_registry.h"
#include "models/faster_rcnn.h"
#include "models/preprocess.h"
#include "models/safetensors.h"
#include "tests/models/expect_tensor.h"
#include "tests/models/tiny_package.h"
#include "tests/support/temp_folder.h"

namespace necknode::models {
namespace {

using testing::HasSubstr;

/// A disc of tissue in air with a bright node in it.
Volume Neck(double spacing_mm) {
  VolumeGrid grid;
  grid.columns = 200;
  grid.rows = 160;
  grid.slices = 3;
  grid.column_spacing_mm = grid.row_spacing_mm = spacing_mm;
  grid.slice_spacing_mm = 2;
  grid.first.row_direction = {1, 0, 0};
  grid.first.column_direction = {0, 1, 0};
  Volume volume(grid);
  for (int z = 0; z < 3; ++z) {
    for (int y = 0; y < grid.rows; ++y) {
      for (int x = 0; x < grid.columns; ++x) {
        const double dx = x - 90, dy = y - 80;
        if (dx * dx + dy * dy < 60 * 60)
          volume.At(x, y, z) = 50;
        if ((dx - 20) * (dx - 20) + dy * dy < 10 * 10)
          volume.At(x, y, z) = 150;
      }
    }
  }
  return volume;
}

class InferenceTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new tests::TempFolder;
    package_ = new Package(WriteTinyPackage(folder_->path()));
  }
  static void TearDownTestSuite() {
    delete package_;
    delete folder_;
  }
  static tests::TempFolder* folder_;
  static Package* package_;
};
tests::TempFolder* InferenceTest::folder_ = nullptr;
Package* InferenceTest::package_ = nullptr;

TEST_F(InferenceTest, GivesBoxesInTheVolumesPixelsBestFirst) {
  const Volume volume =
      Neck(0.9);  // the package's spacing is 0.45: the image is twice the slice's size
  Inference inference(*package_, "cpu");
  EXPECT_THAT(inference.device(), HasSubstr("cpu ("));
  const auto detections = inference.Analyse(volume, 1);
  ASSERT_FALSE(detections.empty());
  EXPECT_LE(detections.size(), 10U);
  EXPECT_TRUE(std::is_sorted(detections.begin(),
                             detections.end(),
                             [](const auto& a, const auto& b) { return a.score > b.score; }));
  for (const Detection& detection : detections) {
    EXPECT_EQ(detection.slice, 1);
    EXPECT_GE(detection.score, package_->detection_score);
    EXPECT_GE(detection.box.x0, 0);
    EXPECT_LE(detection.box.x1, 200);
    EXPECT_LE(detection.box.y1, 160);
    EXPECT_GT(detection.box.Area(), 0);
    EXPECT_TRUE(std::isfinite(detection.malignant_logit));
  }
}

TEST_F(InferenceTest, AgreesWithTheNetworksRunByHand) {
  const Volume volume = Neck(0.45);
  const auto detections = Inference(*package_, "cpu").Analyse(volume, 0);
  ASSERT_FALSE(detections.empty());
  FasterRcnn detector(package_->detector);
  LoadModule(*detector, package_->detector_weights);
  detector->eval();
  const auto classifier = MakeClassifier(package_->classifier);
  LoadModule(*classifier, package_->classifier_weights);
  classifier->eval();
  const torch::NoGradGuard no_grad;
  const SliceImage cut = CutSlice(volume, 0, 3, package_->preprocessing, BodyRegion(volume, 0));
  const auto found = detector->Predict(cut.image.unsqueeze(0), package_->detection_score).front();
  EXPECT_NEAR(detections[0].score, found.scores[0].item<double>(), 1e-4);
  const Detection& first = detections[0];
  const torch::Tensor roi =
      CutRoi(volume, 0, first.box, package_->classifier, package_->preprocessing);
  EXPECT_NEAR(
      first.malignant_logit, classifier->MalignantLogit(roi.unsqueeze(0)).item<double>(), 1e-3);
}

TEST_F(InferenceTest, TheSameSliceGivesTheSameDetections) {
  const Volume volume = Neck(0.45);
  Inference inference(*package_, "cpu");
  const auto first = inference.Analyse(volume, 2), second = inference.Analyse(volume, 2);
  ASSERT_EQ(first.size(), second.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].box, second[i].box);
    EXPECT_EQ(first[i].malignant_logit, second[i].malignant_logit);
  }
}

TEST_F(InferenceTest, FindsNothingInAir) {
  VolumeGrid grid = Neck(0.45).grid();
  EXPECT_TRUE(Inference(*package_, "cpu").Analyse(Volume(grid), 0).empty());
}

TEST_F(InferenceTest, RefusesASliceThatIsNotThere) {
  Inference inference(*package_, "cpu");
  EXPECT_THAT(ErrorOf([&] { (void)inference.Analyse(Neck(0.45), 3); }),
              HasSubstr("slice 3 of a volume of 3"));
}

TEST_F(InferenceTest, RefusesWeightsThatDoNotFitTheArchitecture) {
  Package package = *package_;
  SetArchitecture(package.classifier, "resnet50_w");
  EXPECT_THAT(
      ErrorOf([&] { const Inference inference(package, "cpu"); }),
      HasSubstr(
          "classifier.safetensors: weights do not fit the architecture: 'layer1.0.attention"));
  package = *package_;
  package.detector.fpn_channels = 24;
  EXPECT_THAT(
      ErrorOf([&] { const Inference inference(package, "cpu"); }),
      HasSubstr("detector.safetensors: weights do not fit the architecture: 'backbone.fpn"));
}

TEST(ShippedPackages, AreUsable) {
  const auto states =
      ListPackages(std::filesystem::path(NECKNODE_SOURCE_DIR) / "models" / "packages");
  ASSERT_FALSE(states.empty());
  for (const PackageState& state : states) {
    ASSERT_TRUE(state.package) << state.name << "/" << state.version << ": " << state.reason;
    Inference inference(*state.package, "cpu");
    EXPECT_EQ(ErrorOf([&] { (void)inference.Analyse(Neck(0.45), 1); }), "");
  }
}

TEST_F(InferenceTest, RefusesADeviceThatIsNotThere) {
  EXPECT_THAT(ErrorOf([&] { const Inference inference(*package_, "cuda:99"); }),
              HasSubstr("unsupported: "));
}

}  // namespace
}  // namespace necknode::models
