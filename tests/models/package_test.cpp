#include "models/package.h"

#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

#include "tests/models/expect_tensor.h"
#include "tests/models/tiny_package.h"
#include "tests/support/temp_folder.h"

namespace necknode::models {
namespace {

using testing::HasSubstr;
using Json = nlohmann::json;

/// Weights are written once for all tests; each gets its own copy of the folder.
class PackageFolder : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    shared_ = new tests::TempFolder;
    WriteTinyPackage(shared_->path());
  }
  static void TearDownTestSuite() {
    delete shared_;
    shared_ = nullptr;
  }
  void SetUp() override {
    std::filesystem::copy(
        shared_->path(), folder_.path(), std::filesystem::copy_options::recursive);
  }

  [[nodiscard]] std::filesystem::path Folder() const { return folder_.path() / "tiny" / "1"; }
  [[nodiscard]] Json Manifest() const {
    std::ifstream in(Folder() / kManifestFile);
    return Json::parse(in);
  }
  void Write(const std::string& text) const { std::ofstream(Folder() / kManifestFile) << text; }
  [[nodiscard]] std::string LoadError() const {
    return ErrorOf([this] { (void)LoadPackage(Folder()); });
  }

  static tests::TempFolder* shared_;
  tests::TempFolder folder_;
};
tests::TempFolder* PackageFolder::shared_ = nullptr;

TEST_F(PackageFolder, LoadsWhatWasWritten) {
  const Package package = LoadPackage(Folder());
  EXPECT_EQ(package.name, "tiny");
  EXPECT_EQ(package.version, "1");
  EXPECT_EQ(package.warning, kPhantomWarning);
  EXPECT_EQ(package.detector.fpn_channels, 16);
  EXPECT_EQ(package.detector.anchor_sizes, (std::vector<double>{16, 24, 36, 40, 56}));
  EXPECT_EQ(package.classifier.roi_size, 64);
  EXPECT_TRUE(package.classifier.attention);
  EXPECT_EQ(package.temperature, 2);
  EXPECT_EQ(package.figures_json, R"({"ap50":0.5})");
  EXPECT_EQ(package.intended_use.text, "Tests of this program.");
  EXPECT_EQ(package.digest.size(), 64U);
  EXPECT_EQ(package.detector_weights, Folder() / kDetectorFile);
}

TEST_F(PackageFolder, TheDigestNamesManifestAndWeights) {
  const std::string before = LoadPackage(Folder()).digest;
  Json manifest = Manifest();
  manifest["thresholds"]["detection_score"] = 0.4;
  Write(manifest.dump());
  EXPECT_NE(LoadPackage(Folder()).digest, before);
}

TEST_F(PackageFolder, AManifestWithoutAnImageScaleMeansOne) {
  Json older = Manifest();
  ASSERT_EQ(older["detector"].erase("image_scale"), 1U);
  Write(older.dump());
  Package package = LoadPackage(Folder());
  EXPECT_EQ(package.detector.image_scale, 1);
  package.detector.image_scale = 1.5625;
  (void)WritePackage(package);
  EXPECT_EQ(LoadPackage(Folder()).detector.image_scale, 1.5625);
}

TEST_F(PackageFolder, WantsAsManyAnchorSizesAsTheArchitectureHasLevels) {
  Json manifest = Manifest();
  manifest["detector"]["architecture"] = "yolov3_darknet53";
  Write(manifest.dump());
  EXPECT_THAT(LoadError(), HasSubstr("anchor_sizes (their number) is 5, expected 3 to 3"));
}

TEST_F(PackageFolder, RefusesChangedWeights) {
  std::fstream file(Folder() / kClassifierFile, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(-1, std::ios::end);
  file.put('x');
  file.close();
  EXPECT_THAT(LoadError(), HasSubstr("classifier.safetensors has SHA-256"));
}

TEST_F(PackageFolder, RefusesAbsentFiles) {
  std::filesystem::remove(Folder() / kDetectorFile);
  EXPECT_THAT(LoadError(), HasSubstr("detector.safetensors is missing"));
  std::filesystem::remove(Folder() / kManifestFile);
  EXPECT_THAT(LoadError(), HasSubstr("package.json is missing or empty"));
}

TEST_F(PackageFolder, RefusesTextThatIsNotAManifest) {
  Write("{");
  EXPECT_THAT(LoadError(), HasSubstr("package.json is not JSON"));
  Write("[]");
  EXPECT_THAT(LoadError(), HasSubstr("not a JSON object"));
  Write(R"({"format":1,"format":1})");
  EXPECT_THAT(LoadError(), HasSubstr("names 'format' twice"));
}

TEST_F(PackageFolder, NamesEachMissingKey) {
  const Json manifest = Manifest();
  const Json flat = manifest.flatten();
  for (const auto& [pointer, value] : flat.items()) {
    const auto slash = pointer.rfind('/');
    const Json::json_pointer parent(pointer.substr(0, slash));
    // Elements of arrays and the free records are not keys of the format.
    if (manifest[parent].is_array() || pointer.starts_with("/figures") ||
        pointer.starts_with("/training") || pointer == "/detector/image_scale")
      continue;
    Json broken = manifest;
    broken[parent].erase(pointer.substr(slash + 1));
    Write(broken.dump());
    std::string key = pointer.substr(1);
    std::replace(key.begin(), key.end(), '/', '.');
    EXPECT_THAT(LoadError(), HasSubstr("'" + key + "' is missing"));
  }
}

TEST_F(PackageFolder, NamesEachUnknownKey) {
  const Json manifest = Manifest();
  for (const char* section : {"",
                              "/detector",
                              "/classifier",
                              "/preprocessing",
                              "/thresholds",
                              "/calibration",
                              "/intended_use"}) {
    Json broken = manifest;
    broken[Json::json_pointer(section)]["surprise"] = 1;
    Write(broken.dump());
    EXPECT_THAT(LoadError(), HasSubstr("surprise' is not a known key")) << section;
  }
}

TEST_F(PackageFolder, NamesEachWrongValueAndWhatIsExpected) {
  struct Case {
    const char* pointer;
    Json value;
    const char* message;
  };
  const std::vector<Case> cases = {
      {"/format", 2, "'format' is 2, expected a whole number from 1 to 1"},
      {"/name", "Two Words", "'name' is \"Two Words\""},
      {"/name", "../up", "'name' is \"../up\""},
      {"/version", "", "'version' is \"\""},
      {"/manufacturer", std::string(65, 'm'), "at most 64 printable characters"},
      {"/clinical", "no", "'clinical' is \"no\", expected true or false"},
      {"/warning", "all is well", "'warning' is \"all is well\""},
      {"/detector/architecture", "yolo", "'detector.architecture' is \"yolo\""},
      {"/detector/in_channels", 2, "detector.in_channels is 2, expected an odd number"},
      {"/detector/base_width", 0, "'detector.base_width' is 0"},
      {"/detector/base_width", 3000, "detector.base_width is 3000, expected 4 to 256"},
      {"/detector/base_width", 8.5, "'detector.base_width' is 8.5"},
      {"/detector/norm", "layer", "'detector.norm' is \"layer\""},
      {"/detector/anchor_sizes", Json::array({1, 2}), "anchor_sizes (their number) is 2"},
      {"/detector/anchor_sizes",
       "16",
       "'detector.anchor_sizes' is \"16\", expected an array of numbers"},
      {"/detector/anchor_ratios", Json::array({-1}), "detector.anchor_ratios is -1.0"},
      {"/detector/image_scale", 9, "detector.image_scale is 9.0"},
      {"/detector/image_scale", "1", "'detector.image_scale' is \"1\""},
      {"/detector/rpn_nms", 1.5, "'detector.rpn_nms' is 1.5"},
      {"/detector/sha256",
       "abc",
       "'detector.sha256' is \"abc\", expected 64 lower-case hex digits"},
      {"/classifier/architecture", "vgg16", "'classifier.architecture' is \"vgg16\""},
      {"/classifier/architecture", "resnet50", "but resnet50 has width_factor 1 and attention"},
      {"/classifier/width_factor", 1, "classifier.width_factor is 1 and attention true, but"},
      {"/classifier/attention", false, "attention false, but a_resnet50_w has width_factor 2"},
      {"/classifier/attention", 1, "'classifier.attention' is 1"},
      {"/classifier/roi_size", 16, "classifier.roi_size is 16, expected 32 to 1024"},
      {"/classifier/roi_context", 0.5, "classifier.roi_context is 0.5"},
      {"/preprocessing/window_width", 0, "'preprocessing.window_width' is 0"},
      {"/preprocessing/pixel_spacing_mm", -1, "'preprocessing.pixel_spacing_mm' is -1"},
      {"/thresholds/detection_score", 1, "'thresholds.detection_score' is 1"},
      {"/thresholds/indeterminate_low",
       0.7,
       "'thresholds.indeterminate_high' is 0.0, expected at least"},
      {"/calibration/temperature", 0, "'calibration.temperature' is 0"},
      {"/intended_use/text", "", "'intended_use.text' is \"\""},
      {"/intended_use/max_pixel_spacing_mm", 0.1, "'intended_use.max_pixel_spacing_mm' is 0.1"},
      {"/intended_use/min_age_years", "18", "'intended_use.min_age_years' is \"18\""},
      {"/figures", 3, "'figures' is 3, expected an object"},
      {"/training", Json::array(), "'training' is [], expected an object"},
      {"/detector", 1, "'detector' is 1, expected an object"},
  };
  const Json manifest = Manifest();
  for (const Case& wrong : cases) {
    Json broken = manifest;
    broken[Json::json_pointer(wrong.pointer)] = wrong.value;
    Write(broken.dump());
    EXPECT_THAT(LoadError(), HasSubstr(wrong.message)) << wrong.pointer;
  }
}

TEST_F(PackageFolder, WantsAWarningExactlyWhereItIsNotClinical) {
  Json manifest = Manifest();
  manifest["clinical"] = true;
  Write(manifest.dump());
  EXPECT_THAT(LoadError(), HasSubstr("expected \"\" where clinical is true"));
  manifest["warning"] = "";
  Write(manifest.dump());
  EXPECT_EQ(LoadError(), "");
  manifest["clinical"] = false;
  Write(manifest.dump());
  EXPECT_THAT(LoadError(), HasSubstr("NOT FOR CLINICAL USE"));
}

TEST_F(PackageFolder, WritePackageRefusesWhatWouldNotLoad) {
  Package package = LoadPackage(Folder());
  package.temperature = -1;
  EXPECT_THAT(ErrorOf([&] { (void)WritePackage(package); }),
              HasSubstr("'calibration.temperature' is -1"));
  EXPECT_EQ(LoadPackage(Folder()).temperature, 2);  // the old manifest still stands
}

TEST_F(PackageFolder, ListShowsUsableAndRefusedSideBySide) {
  std::filesystem::copy(
      Folder(), folder_.path() / "tiny" / "2", std::filesystem::copy_options::recursive);
  std::filesystem::create_directories(folder_.path() / "empty" / "1");
  const auto states = ListPackages(folder_.path());
  ASSERT_EQ(states.size(), 3U);
  EXPECT_EQ(states[0].name, "empty");
  EXPECT_FALSE(states[0].package.has_value());
  EXPECT_THAT(states[0].reason, HasSubstr("package.json is missing"));
  EXPECT_TRUE(states[1].package.has_value());
  EXPECT_EQ(states[2].version, "2");
  EXPECT_THAT(states[2].reason, HasSubstr("the manifest says tiny 1, the folder tiny 2"));
  EXPECT_TRUE(ListPackages(folder_.path() / "absent").empty());
}

TEST_F(PackageFolder, CalibratesByTemperature) {
  const Package package = LoadPackage(Folder());
  EXPECT_DOUBLE_EQ(CalibratedProbability(package, 0), 0.5);
  EXPECT_DOUBLE_EQ(CalibratedProbability(package, 2), 1 / (1 + std::exp(-1.0)));
}

}  // namespace
}  // namespace necknode::models
