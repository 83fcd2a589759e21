#include <algorithm>
#include <cmath>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "dicom_io/volume_reader.h"
#include "tests/dicom_io/ct_files.h"
#include "tests/dicom_io/dataset_bytes.h"
#include "tests/support/shared_data.h"

namespace necknode::tests {
namespace {

using dicom_io::CtVolume;
using dicom_io::SliceSource;
using testing::AllOf;
using testing::HasSubstr;

std::vector<SliceSource> SourcesIn(const std::filesystem::path& folder) {
  std::vector<SliceSource> sources;
  for (const auto& path : FilesIn(folder)) {
    sources.push_back(BytesSource(path.filename().string(), ReadText(path)));
  }
  return sources;
}

CtVolume Read(const std::filesystem::path& file) {
  return dicom_io::ReadVolume({BytesSource(file.filename().string(), ReadText(file))}, nullptr);
}

TEST(ReadVolume, DecodesARealSliceInFifteenTransferSyntaxes) {
  const auto folder = SharedData("ct_transfer_syntaxes");
  if (folder.empty()) {
    GTEST_SKIP() << kNoSharedData;
  }
  const CtVolume expected =
      Read(folder / "LittleEndianExplicitTransferSyntax_1.2.840.10008.1.2.1.dcm");
  int identical = 0;
  for (const auto& path : FilesIn(folder)) {
    SCOPED_TRACE(path.filename().string());
    const CtVolume volume = Read(path);
    const auto a = volume.volume.voxels(), b = expected.volume.voxels();
    ASSERT_EQ(a.size(), b.size());
    if (std::ranges::equal(a, b)) {
      ++identical;
      EXPECT_EQ(volume.analysis_digest, expected.analysis_digest);
      continue;
    }
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      // The lossy files of twelve and eight bits give the padding outside the field another value.
      const double difference =
          std::max<int>(a[i], Volume::kAirHu) - std::max<int>(b[i], Volume::kAirHu);
      sum += difference * difference;
    }
    const double rms = std::sqrt(sum / static_cast<double>(a.size()));
    RecordProperty(path.filename().string(), std::to_string(rms));
    EXPECT_LT(rms, 30) << rms;
  }
  EXPECT_EQ(identical, 9);
}

TEST(ReadVolume, ReadsARealSeries) {
  const auto folder = SharedData("philips_head_study/brain_5mm");
  if (folder.empty()) {
    GTEST_SKIP() << kNoSharedData;
  }
  const CtVolume volume = dicom_io::ReadVolume(SourcesIn(folder), nullptr);
  EXPECT_EQ(volume.volume.grid().slices, 28);
  EXPECT_EQ(volume.volume.grid().columns, 512);
  EXPECT_NEAR(volume.volume.grid().slice_spacing_mm, 5, 0.01);
  EXPECT_NEAR(volume.volume.grid().row_spacing_mm, 0.451, 0.001);
  const auto hu = volume.volume.voxels();
  EXPECT_GT(std::ranges::count_if(hu, [](auto v) { return v > 300; }), 10'000)
      << "a skull has bone";
}

TEST(ReadVolume, RefusesARealTiltedSeriesWithThePosition) {
  const auto folder = SharedData("ge_head_variable_tilt");
  if (folder.empty()) {
    GTEST_SKIP() << kNoSharedData;
  }
  try {
    (void)dicom_io::ReadVolume(SourcesIn(folder), nullptr);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kGeometry);
    EXPECT_THAT(error.what(), HasSubstr("mm after position z = 60.7 mm, expected 4.00 mm"));
  }
}

TEST(ReadVolume, HandlesRealOddFiles) {
  const auto folder = SharedData("odd_files");
  if (folder.empty()) {
    GTEST_SKIP() << kNoSharedData;
  }
  // The codestream is unsigned, Pixel Representation signed: outside the field lies padding, -2000.
  const CtVolume mismatch = Read(folder / "J2K_pixelrep_mismatch.dcm");
  EXPECT_EQ(mismatch.volume.At(0, 0, 0), -2000);
  const CtVolume small = Read(folder / "CT_small.dcm");
  EXPECT_EQ(small.volume.grid().columns, 128);
  const auto outcome = [&](const char* name) {
    try {
      (void)Read(folder / name);
      return std::string("read");
    } catch (const Error& error) {
      return std::string(error.what());
    }
  };
  EXPECT_EQ(outcome("CT0012.fragmented_no_bot_jpeg_baseline.51.dcm"), "read");
  EXPECT_THAT(outcome("MR_small_padded.dcm"), HasSubstr("not a CT image"));
  EXPECT_THAT(outcome("MR_truncated.dcm"),
              AllOf(HasSubstr("MR_truncated.dcm: "), HasSubstr("ends inside")));
}

}  // namespace
}  // namespace necknode::tests
