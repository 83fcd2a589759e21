#include <fstream>

#include <gtest/gtest.h>

#include "core/error.h"
#include "phantom/dicom_series.h"
#include "tests/support/temp_folder.h"
#include "tests/training/tiny_studies.h"
#include "training/ancestry.h"
#include "training/run_training.h"
#include "training/training_record.h"

namespace necknode::training {
namespace {

namespace fs = std::filesystem;

models::DetectorConfig TinyDetector() {
  auto config = SmallDetector();
  config.in_channels = 1;
  config.base_width = 8;
  config.fpn_channels = 16;
  config.head_channels = 32;
  return config;
}

/// Three small phantoms as a hospital's folder: patients of their own, one annotation file each,
/// all of whose patients the first file's lists put on a side. Two annotations of the second are
/// wrong.
void WriteHospital(const fs::path& root) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    phantom::PhantomOptions options;
    options.seed = seed;
    options.slices = 40;
    options.slice_spacing_mm = 4;
    options.size = 128;
    options.pixel_spacing_mm = 1.5;
    phantom::SeriesIdentity identity;
    identity.patient_id = "HN-000" + std::to_string(seed);
    (void)phantom::WriteDicomSeries(
        phantom::MakePhantom(options), identity, root / ("patient" + std::to_string(seed)));
  }
  auto first = tests::ReadTruth(root / "patient1");
  first["split"] = {{"train", {"HN-0001", "HN-0002"}}, {"validation", {"HN-0003"}}};
  tests::WriteText(root / "patient1" / "truth.json", first.dump());
  auto second = tests::ReadTruth(root / "patient2");
  second["annotations"][0]["bbox"] = {120, 60, 20, 9};
  second["annotations"][1]["category_id"] = 7;
  tests::WriteText(root / "patient2" / "truth.json", second.dump());
}

TrainingRequest Short(const fs::path& data, const fs::path& out) {
  TrainingRequest request;
  request.data = data.string();
  request.validation_samples = 2;
  request.trainer.steps = 2;
  request.trainer.validate_every = 2;
  request.trainer.folder = out;
  return request;
}

TEST(FolderTraining, RunsThroughAndReportsTwoWrongAnnotationsByFileAndReason) {
  const tests::TempFolder temp;
  const auto data = temp.path() / "data", out = temp.path() / "run";
  WriteHospital(data);
  auto request = Short(data, out);
  request.design_anchors = true;
  std::string reported;
  request.report = [&](const std::string& text) { reported += text; };
  RunDetectorTraining(request, TinyDetector(), nullptr);

  const auto problems = ReadJson(out / "data_problems.json")["problems"];
  ASSERT_EQ(problems.size(), 2U) << problems;
  EXPECT_EQ(problems[0]["file"], "patient2/truth.json");
  EXPECT_EQ(problems[0]["entry"], "annotation 2") << "found while the file is read";
  EXPECT_EQ(
      problems[0]["reason"],
      "its category_id names no category; image 11 is left out, for what is on it is not known");
  EXPECT_EQ(problems[1]["file"], "patient2/truth.json");
  EXPECT_EQ(problems[1]["entry"], "annotation 1");
  EXPECT_EQ(problems[1]["reason"],
            "box from (120, 60) to (140, 69) reaches beyond the image of 128 x 128 pixels; "
            "image 10 is left out, for what is on it is not known");
  EXPECT_NE(reported.find("2 entries cannot be used"), std::string::npos);
  EXPECT_NE(reported.find("patient2/truth.json, annotation 1"), std::string::npos);

  const auto record = ReadJson(out / "detector.json");
  const auto& trained = record["training"]["data"];
  EXPECT_EQ(trained["kind"], "folder");
  EXPECT_EQ(trained["counts"]["train"]["patients"], 2);
  EXPECT_EQ(trained["counts"]["validation"]["patients"], 1);
  EXPECT_EQ(trained["refused_entries"], 2);
  EXPECT_EQ(trained["augmentation_factor"], 20);
  EXPECT_EQ(trained["split"]["sha256"].get<std::string>().size(), 64U);
  EXPECT_EQ(record["training"]["last_report"]["validation"].size(), 3U);
  EXPECT_EQ(record.dump().find("HN-0"), std::string::npos) << "no patient in what is passed on";
  const auto anchors = ReadJson(out / "anchors.json");
  EXPECT_EQ(record["network"]["anchor_sizes"], anchors["designed"]["sizes"]);
  EXPECT_GT(fs::file_size(out / "anchors.png"), 1000U);
  EXPECT_TRUE(fs::exists(out / "detector.safetensors"));

  DataOpener opener({});
  const auto measured = [&](const std::string& part) {
    RequireUnseen(record["training"], opener.Open(data.string() + part, {}, DataPart::kTest), "it");
  };
  for (const char* part : {"#train", "#validation", "#all"}) {
    EXPECT_THROW(measured(part), Error) << part;
  }

  request.strict = true;
  request.report = nullptr;
  EXPECT_THROW(RunDetectorTraining(request, TinyDetector(), nullptr), Error) << "strict";
  request.strict = false;
  request.validation = data.string() + "#train";
  EXPECT_THROW(RunDetectorTraining(request, TinyDetector(), nullptr), Error)
      << "patients on both sides";
}

}  // namespace
}  // namespace necknode::training
