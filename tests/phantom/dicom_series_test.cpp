#include "phantom/dicom_series.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <memory>
#include <set>

#include <dcmtk/dcmdata/dctk.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "tests/support/temp_folder.h"

namespace necknode::phantom {
namespace {

Phantom Small() {
  PhantomOptions options;
  options.seed = 7;
  options.slices = 40;
  options.size = 128;
  options.pixel_spacing_mm = 1.5;
  return MakePhantom(options);
}

std::string Text(DcmDataset& dataset, const DcmTagKey& tag) {
  OFString value;
  EXPECT_TRUE(dataset.findAndGetOFStringArray(tag, value).good()) << tag.toString();
  return value.c_str();
}

std::string Output(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string text;
  std::array<char, 512> part{};
  while (pipe && fgets(part.data(), static_cast<int>(part.size()), pipe.get()) != nullptr) {
    text += part.data();
  }
  return text;
}

TEST(WriteDicomSeries, WritesTheVolumeAndItsGeometry) {
  const tests::TempFolder folder;
  const Phantom phantom = Small();
  const auto files = WriteDicomSeries(phantom, {}, folder.path() / "new" / "study");
  ASSERT_EQ(files.size(), 40U);
  EXPECT_EQ(files.front().filename(), "IM0001.dcm");
  std::set<std::string> uids, series;
  std::set<double> heights;
  for (const auto& file : files) {
    DcmFileFormat format;
    ASSERT_TRUE(format.loadFile(file.c_str()).good());
    DcmDataset& dataset = *format.getDataset();
    EXPECT_EQ(dataset.getOriginalXfer(), EXS_LittleEndianExplicit);
    uids.insert(Text(dataset, DCM_SOPInstanceUID));
    series.insert(Text(dataset, DCM_SeriesInstanceUID));
    Float64 z = 0;
    ASSERT_TRUE(dataset.findAndGetFloat64(DCM_ImagePositionPatient, z, 2).good());
    heights.insert(z);
    const auto& grid = phantom.volume.grid();
    const int slice = static_cast<int>((z - grid.first.position.z) / grid.slice_spacing_mm + 0.5);
    const Uint16* pixels = nullptr;
    unsigned long count = 0;
    ASSERT_TRUE(dataset.findAndGetUint16Array(DCM_PixelData, pixels, &count).good());
    const auto hu = phantom.volume.Slice(slice);
    ASSERT_EQ(count, hu.size());
    for (std::size_t i = 0; i < hu.size(); ++i) {
      ASSERT_EQ(pixels[i] - 1024, hu[i]);
    }
  }
  EXPECT_EQ(uids.size(), 40U);
  EXPECT_EQ(series.size(), 1U);
  EXPECT_EQ(heights.size(), 40U);
}

TEST(WriteDicomSeries, IsNeverTakenForARealExamination) {
  const tests::TempFolder folder;
  const auto files = WriteDicomSeries(Small(), {"Doe^Jane", "ID-1", ""}, folder.path());
  DcmFileFormat format;
  ASSERT_TRUE(format.loadFile(files[3].c_str()).good());
  DcmDataset& dataset = *format.getDataset();
  EXPECT_EQ(Text(dataset, DCM_Manufacturer), "necknode phantom");
  EXPECT_EQ(Text(dataset, DCM_PatientComments), "Synthetic phantom, not a patient");
  EXPECT_EQ(Text(dataset, DCM_PatientName), "Doe^Jane");
  EXPECT_EQ(Text(dataset, DCM_PatientID), "ID-1");
  EXPECT_EQ(Text(dataset, DCM_ImageType), "ORIGINAL\\PRIMARY\\AXIAL");
  EXPECT_EQ(Text(dataset, DCM_BodyPartExamined), "NECK");
  EXPECT_EQ(Text(dataset, DCM_PatientPosition), "HFS");
  EXPECT_FALSE(Text(dataset, DCM_ContrastBolusAgent).empty());
  EXPECT_FALSE(Text(dataset, DCM_ConvolutionKernel).empty());
  EXPECT_EQ(Text(dataset, DCM_PatientAge).size(), 4U);
}

TEST(WriteDicomSeries, UidsFollowFromSeedAndStudyKey) {
  const Phantom phantom = Small();
  const auto study_of = [&](const std::string& key) {
    const tests::TempFolder folder;
    DcmFileFormat format;
    EXPECT_TRUE(
        format.loadFile(WriteDicomSeries(phantom, {"A", "B", key}, folder.path())[0].c_str())
            .good());
    return Text(*format.getDataset(), DCM_StudyInstanceUID);
  };
  EXPECT_EQ(study_of("x"), study_of("x"));
  EXPECT_NE(study_of("x"), study_of("y"));
}

TEST(WriteDicomSeries, TruthNamesTheFiles) {
  const tests::TempFolder folder;
  const auto files = WriteDicomSeries(Small(), {}, folder.path());
  std::ifstream in(folder.path() / "truth.json");
  const auto coco = nlohmann::json::parse(in);
  ASSERT_EQ(coco["images"].size(), files.size());
  for (const auto& image : coco["images"]) {
    DcmFileFormat format;
    ASSERT_TRUE(
        format.loadFile((folder.path() / image["file_name"].get<std::string>()).c_str()).good());
    EXPECT_EQ(Text(*format.getDataset(), DCM_SOPInstanceUID), image["sop_instance_uid"]);
    Float64 z = 0;
    ASSERT_TRUE(format.getDataset()->findAndGetFloat64(DCM_ImagePositionPatient, z, 2).good());
    EXPECT_NEAR(z, image["z_mm"].get<double>(), 1e-3);
  }
  EXPECT_FALSE(coco["annotations"].empty());
}

TEST(WriteDicomSeries, PassesDciodvfy) {
  if (Output("command -v dciodvfy").empty()) {
    GTEST_SKIP() << "dciodvfy (dicom3tools) is not installed";
  }
  const tests::TempFolder folder;
  const auto files = WriteDicomSeries(Small(), {}, folder.path());
  for (const std::size_t i : {std::size_t{0}, std::size_t{17}, files.size() - 1}) {
    const std::string said = Output("dciodvfy '" + files[i].string() + "' 2>&1");
    EXPECT_NE(said.find("CTImage"), std::string::npos) << said;
    EXPECT_EQ(said.find("Error"), std::string::npos) << said;
  }
}

TEST(WriteDicomSeries, SaysWhichFolderCannotBeWritten) {
  const tests::TempFolder folder;
  std::ofstream(folder.path() / "file") << "in the way";
  try {
    WriteDicomSeries(Small(), {}, folder.path() / "file" / "below");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kStorageFailed);
    EXPECT_NE(std::string(error.what()).find("file/below"), std::string::npos) << error.what();
  }
}

TEST(WriteDicomSeries, ReportsAFullDisk) {
  if (!std::filesystem::exists("/dev/full")) {
    GTEST_SKIP() << "no /dev/full here";
  }
  const tests::TempFolder folder;
  std::filesystem::create_symlink("/dev/full", folder.path() / "IM0001.dcm");
  try {
    WriteDicomSeries(Small(), {}, folder.path());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNoSpace) << error.what();
  }
}

}  // namespace
}  // namespace necknode::phantom
