#include "training/folder_data.h"

#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/temp_folder.h"
#include "tests/training/tiny_studies.h"
#include "training/study_dataset.h"

namespace necknode::training {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

class FolderOfDicom : public testing::Test {
 protected:
  [[nodiscard]] fs::path root() const { return temp_.path(); }

  [[nodiscard]] std::shared_ptr<FolderData> Open(const FolderOptions& options = {}) const {
    return FolderData::Open(ParseData(root().string(), {}, DataPart::kAll), options, nullptr);
  }

  /// One study in a/, with its truth changed by `change`, opened.
  std::shared_ptr<FolderData> OpenChanged(const std::function<void(Json& truth)>& change,
                                          const std::string& patient = "") {
    WriteTinyStudy(root() / "a", 1, patient);
    Json truth = tests::ReadTruth(root() / "a");
    change(truth);
    tests::WriteText(root() / "a" / "truth.json", truth.dump());
    return Open();
  }

  /// Expects a problem of `entry` whose reason holds `reason`.
  static void ExpectProblem(const FolderData& data,
                            const std::string& entry,
                            const std::string& reason) {
    const auto& problems = data.problems();
    EXPECT_TRUE(std::any_of(problems.begin(),
                            problems.end(),
                            [&](const DataProblem& problem) {
                              return problem.entry.starts_with(entry) &&
                                     problem.reason.find(reason) != std::string::npos;
                            }))
        << "none of: " << ToText(problems, problems.size());
  }

  static void WriteTinyStudy(const fs::path& folder,
                             std::uint64_t seed,
                             const std::string& patient = "") {
    tests::WriteTinyStudy(folder, seed, patient);
  }

 private:
  tests::TempFolder temp_;
};

TEST_F(FolderOfDicom, GivesStudiesAsTheyWereWritten) {
  WriteTinyStudy(root() / "x" / "deep", 1);
  WriteTinyStudy(root() / "y", 2);
  const auto data = Open();
  EXPECT_TRUE(data->problems().empty()) << ToText(data->problems(), 9);
  const auto studies = data->Studies(DataPart::kAll);
  ASSERT_EQ(studies->Count(), 2U);
  EXPECT_EQ(studies->PatientOf(1), "PHANTOM-2");
  const auto study = studies->Get(0);
  const auto written = tests::TinyPhantom(1);
  EXPECT_EQ(study->name, "x/deep");
  EXPECT_EQ(study->slices.size(), 6U);
  EXPECT_TRUE(std::equal(study->volume->voxels().begin(),
                         study->volume->voxels().end(),
                         written.volume.voxels().begin()));
  ASSERT_EQ(study->boxes.size(), 5U);
  const auto on_2 = study->BoxesOf(2);
  ASSERT_EQ(on_2.size(), 2U);
  EXPECT_EQ(on_2[0].box, (Box{4, 5, 10, 9}));
  EXPECT_FALSE(on_2[0].malignant);
  EXPECT_EQ(on_2[1].box, (Box{20, 8, 26, 16}));
  EXPECT_TRUE(on_2[1].malignant);
  const auto on_3 = study->BoxesOf(3);
  ASSERT_FALSE(on_3.empty());
  EXPECT_EQ(on_3[0].node, on_2[1].node);
  EXPECT_NE(on_2[0].node, on_2[1].node);
  const auto counts = data->Count(DataPart::kAll);
  EXPECT_EQ(counts.benign, 4U);
  EXPECT_EQ(counts.metastatic, 6U);
  EXPECT_EQ(counts.nodes, 4U);
  EXPECT_EQ(counts.slices_with_nodes, 8U);
}

TEST_F(FolderOfDicom, ListsAnnotationsThatDoNotFitTheirFiles) {
  const auto data = OpenChanged([](Json& truth) {
    truth["annotations"][0]["bbox"] = {28, 5, 6, 4};
    truth["annotations"][1]["patient_id"] = "ANOTHER";
    truth["images"][3]["sop_instance_uid"] = "1.2.3.4";
    truth["images"][4]["width"] = 512;
    truth["images"][0]["patient_id"] = "ANOTHER";
  });
  ExpectProblem(*data, "annotation 1", "reaches beyond the image of 32 x 24");
  ExpectProblem(*data, "annotation 2", "patient_id is not that of its DICOM series");
  ExpectProblem(*data, "image 4", "no CT file of its SOP Instance UID");
  ExpectProblem(*data, "annotation 4", "image 4 was refused");
  ExpectProblem(*data, "image 5", "is 512 x 24 pixels, the DICOM file 32 x 24");
  ExpectProblem(*data, "annotation 5", "image 5 was refused");
  ExpectProblem(*data, "image 1", "patient_id is not that");
  EXPECT_EQ(data->problems().size(), 7U) << ToText(data->problems(), 20);
  EXPECT_EQ(data->problems()[0].file, "a/truth.json");
  EXPECT_EQ(data->Count(DataPart::kAll).metastatic, 0U);
  EXPECT_EQ(data->Count(DataPart::kAll).slices, 1U)
      << "of 6, 3 images were refused and 2 have lost a box";
}

TEST_F(FolderOfDicom, ANodeHasOneClass) {
  const auto data = OpenChanged([](Json& truth) { truth["annotations"][1]["category_id"] = 2; });
  ExpectProblem(*data, "annotation 2", "node 1 is of the other class");
  EXPECT_EQ(data->problems().size(), 1U);
}

TEST_F(FolderOfDicom, ABoxWithoutNodeIsANodeOfItsOwn) {
  const auto data = OpenChanged([](Json& truth) {
    for (Json& annotation : truth["annotations"]) {
      annotation.erase("node_id");
    }
  });
  EXPECT_EQ(data->Count(DataPart::kAll).nodes, 5U);
}

TEST_F(FolderOfDicom, SlicesThatNobodyAnnotatedAreNeighboursOnly) {
  const auto data = OpenChanged([](Json& truth) { truth["images"].erase(5); });
  const auto studies = data->Studies(DataPart::kAll);
  EXPECT_EQ(studies->Get(0)->slices, (std::vector<int>{0, 1, 2, 3, 4}));
  EXPECT_EQ(studies->Get(0)->volume->grid().slices, 6);
}

TEST_F(FolderOfDicom, TakesThePatientFromTheAnnotationsWhereTheFilesHaveNone) {
  const auto unnamed = OpenChanged([](Json&) {}, " ");
  ExpectProblem(*unnamed, "image 1", "neither the DICOM file nor the annotations");
  EXPECT_EQ(unnamed->Count(DataPart::kAll).series, 0U);
  EXPECT_THROW(RequireUsable(*unnamed, false), Error);
  const auto named = OpenChanged(
      [](Json& truth) {
        for (Json& image : truth["images"]) {
          image["patient_id"] = "NAMED";
        }
        truth["images"][5]["patient_id"] = "OTHER";
      },
      " ");
  ExpectProblem(*named, "image 6", "patient_id is not that");
  EXPECT_EQ(named->Studies(DataPart::kAll)->PatientOf(0), "NAMED");
}

TEST_F(FolderOfDicom, ListsFilesThatAreNotUsable) {
  WriteTinyStudy(root() / "a", 1);
  WriteTinyStudy(root() / "b", 2);
  fs::resize_file(root() / "b" / "IM0004.dcm", 700);
  tests::WriteText(root() / "notes.txt", "not DICOM");
  fs::copy_file(root() / "a" / "IM0001.dcm", root() / "a" / "copy.dcm");
  const auto data = Open();
  const auto& problems = data->problems();
  const auto of_file = [&](const std::string& file) {
    const auto found = std::find_if(
        problems.begin(), problems.end(), [&](const DataProblem& p) { return p.file == file; });
    return found == problems.end() ? "not listed" : found->reason;
  };
  EXPECT_NE(of_file("b/IM0004.dcm"), "not listed");
  EXPECT_NE(of_file("notes.txt"), "not listed");
  EXPECT_EQ(of_file("a/copy.dcm"), "the same SOP Instance UID as a/IM0001.dcm");
  // Without its fourth file the other series has a gap.
  const auto refused = of_file("b");
  EXPECT_NE(refused.find("slice spacing is 4.00 mm after position z ="), std::string::npos)
      << refused;
  EXPECT_NE(refused.find("slices missing: 1"), std::string::npos) << refused;
  EXPECT_EQ(data->Count(DataPart::kAll).series, 1U);
  RequireUsable(*data, false);
  try {
    RequireUsable(*data, true);
    FAIL() << "strict";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    EXPECT_NE(std::string(error.what()).find("notes.txt"), std::string::npos);
  }
}

TEST_F(FolderOfDicom, SplitsByPatientAndNamesNobody) {
  // Two series of each of four patients.
  for (std::uint64_t i = 0; i < 8; ++i) {
    WriteTinyStudy(root() / std::to_string(i), i + 1, "SECRET" + std::to_string(i / 2));
  }
  FolderOptions options;
  options.split = {0.5, 0.25, 0.25, 1};
  const auto data = Open(options);
  std::size_t series = 0, patients = 0;
  for (const auto part : {DataPart::kTrain, DataPart::kValidation, DataPart::kTest}) {
    const auto studies = data->Studies(part);
    series += studies->Count();
    patients += data->Count(part).patients;
    for (std::size_t i = 0; i < studies->Count(); ++i) {
      EXPECT_EQ(PartOf(studies->PatientOf(i), options.split), part);
    }
  }
  EXPECT_EQ(series, 8U);
  EXPECT_EQ(patients, 4U) << "a patient stands on one side";
  const auto json = ReportAsJson(*data).dump();
  EXPECT_EQ(json.find("SECRET"), std::string::npos);
  EXPECT_EQ(ReportOf(*data, 9).find("SECRET"), std::string::npos);
  EXPECT_EQ(data->Studies(DataPart::kTest)->Description().find("SECRET"), std::string::npos);
}

TEST_F(FolderOfDicom, FollowsTheListsOfTheAnnotations) {
  WriteTinyStudy(root() / "b", 2);
  WriteTinyStudy(root() / "c", 3);
  const auto data = OpenChanged([](Json& truth) {
    truth["split"] = {{"train", {"PHANTOM-1"}}, {"test", {"PHANTOM-3"}}};
  });
  EXPECT_EQ(data->Studies(DataPart::kTrain)->PatientOf(0), "PHANTOM-1");
  EXPECT_EQ(data->Studies(DataPart::kTest)->PatientOf(0), "PHANTOM-3");
  EXPECT_EQ(data->Studies(DataPart::kValidation)->Count(), 0U);
  ExpectProblem(*data, "series of 6 files with 6 annotated images", "in no list of 'split'");
}

TEST_F(FolderOfDicom, DrawsEachImageTwentyTimesAnEpoch) {
  WriteTinyStudy(root() / "a", 1);
  WriteTinyStudy(root() / "b", 2);
  const auto studies = Open()->Studies(DataPart::kAll);
  SampleOptions options;
  options.share_with_nodes = 0.8;
  StudyDetectorData detector(studies, options, {20, 1}, 3);
  EXPECT_EQ(detector.EpochLength(), 2 * 4 * 20 / 0.8) << "4 slices of each study have a node";
  const auto sample = detector.At(3);
  EXPECT_EQ(sample.image.size(0), 3);
  EXPECT_TRUE(torch::equal(sample.image, detector.At(3).image));
  models::ClassifierConfig config;
  config.roi_size = 32;
  StudyClassifierData classifier(studies, options, {20, 1}, config);
  EXPECT_EQ(classifier.EpochLength(), 2 * 6 * 20) << "6 metastatic boxes and as many draws of 4";
  int malignant = 0;
  for (std::int64_t i = 0; i < 240; ++i) {
    malignant += classifier.At(i).malignant ? 1 : 0;
  }
  EXPECT_EQ(malignant, 120);
}

}  // namespace
}  // namespace necknode::training
