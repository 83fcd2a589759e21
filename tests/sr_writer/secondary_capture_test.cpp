#include <cmath>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/sr_writer/report_case.h"

namespace necknode::sr_writer::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Grey value of soft tissue `hu` in the window 350/50.
int Grey(double hu) { return static_cast<int>(std::lround((hu + 125) / 350 * 255)); }

/// A picture large enough for texts, with one node in its middle.
struct PictureCase {
  PictureCase() : report_case(1, 256, 256, 24) {
    LymphNode& node = report_case.assessment.nodes[0];
    node.boxes = {{10, {100, 120, 120.5, 140.25}, 0.9, 0, false}};
    node.key_slice = 10;
  }
  [[nodiscard]] KeyPicture Draw() const {
    return DrawKeySlice(report_case.assessment, report_case.volume, 10);
  }
  ReportCase report_case;
};

std::array<int, 3> Pixel(const KeyPicture& picture, int x, int y) {
  const std::size_t at =
      3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.columns) +
           static_cast<std::size_t>(x));
  return {picture.rgb[at], picture.rgb[at + 1], picture.rgb[at + 2]};
}

bool IsGrey(const std::array<int, 3>& pixel) {
  return pixel[0] == pixel[1] && pixel[1] == pixel[2];
}

TEST(DrawKeySlice, DrawsTheFrameOutsideTheBoxAndNothingInside) {
  const PictureCase picture_case;
  const KeyPicture picture = picture_case.Draw();
  ASSERT_EQ(picture.columns, 256);
  for (int y = 120; y < 141; ++y) {
    for (int x = 100; x < 121; ++x)
      EXPECT_EQ(Pixel(picture, x, y), (std::array{Grey(50), Grey(50), Grey(50)})) << x << " " << y;
  }
  const std::array red{255, 64, 64};
  for (int x = 99; x <= 121; ++x) {
    EXPECT_EQ(Pixel(picture, x, 119), red);
    EXPECT_EQ(Pixel(picture, x, 141), red);
  }
  for (int y = 119; y <= 141; ++y) {
    EXPECT_EQ(Pixel(picture, 99, y), red);
    EXPECT_EQ(Pixel(picture, 121, y), red);
  }
}

TEST(DrawKeySlice, WritesTheNoticeAtTheTopLeftAndTheLabelAboveTheBox) {
  const PictureCase picture_case;
  const KeyPicture picture = picture_case.Draw();
  int white = 0;
  for (int y = 0; y < 30; ++y) {
    for (int x = 0; x < 128; ++x)
      white += Pixel(picture, x, y)[0] > 200 ? 1 : 0;
  }
  EXPECT_GT(white, 100);
  int coloured = 0;
  for (int y = 100; y < 118; ++y) {
    for (int x = 100; x < 200; ++x)
      coloured += IsGrey(Pixel(picture, x, y)) ? 0 : 1;
  }
  EXPECT_GT(coloured, 50);
}

TEST(DrawKeySlice, LabelGoesBelowABoxAtTheTop) {
  PictureCase picture_case;
  picture_case.report_case.assessment.model.clinical = true;
  picture_case.report_case.assessment.nodes[0].boxes[0].box = {200, 2, 215, 12};
  const KeyPicture picture = picture_case.Draw();
  int coloured = 0;
  for (int y = 15; y < 30; ++y) {
    for (int x = 120; x < 256; ++x)
      coloured += IsGrey(Pixel(picture, x, y)) ? 0 : 1;
  }
  EXPECT_GT(coloured, 50);
}

TEST(DrawKeySlice, ColourFollowsTheJudgement) {
  PictureCase picture_case;
  LymphNode& node = picture_case.report_case.assessment.nodes[0];
  node.malignancy = Malignancy::kBenign;
  EXPECT_EQ(Pixel(picture_case.Draw(), 99, 130), (std::array{64, 224, 96}));
  node.malignancy = Malignancy::kIndeterminate;
  EXPECT_EQ(Pixel(picture_case.Draw(), 99, 130), (std::array{255, 208, 64}));
}

TEST(DrawKeySlice, ClinicalPictureHasNoWarningButSaysNotVerified) {
  PictureCase warned;
  PictureCase clinical;
  clinical.report_case.assessment.model.clinical = true;
  EXPECT_NE(clinical.Draw().rgb, warned.Draw().rgb);
  PictureCase limited;
  limited.report_case.assessment.broken_limits = {"no contrast agent"};
  EXPECT_NE(limited.Draw().rgb, warned.Draw().rgb);
}

TEST(DrawKeySlice, SurvivesPicturesTooSmallForAnyText) {
  ReportCase report_case(1, 32, 32, 8);
  report_case.assessment.nodes[0].boxes = {{4, {0, 0, 32, 32}, 0.9, 0, false}};
  EXPECT_EQ(DrawKeySlice(report_case.assessment, report_case.volume, 4).rgb.size(), 32U * 32 * 3);
  EXPECT_THROW(static_cast<void>(DrawKeySlice(report_case.assessment, report_case.volume, 8)),
               Error);
}

TEST(WriteSecondaryCaptures, WritesAnIndexImageAndOneForEachKeySlice) {
  ReportCase report_case(3);
  report_case.assessment.nodes[2].boxes = report_case.assessment.nodes[1].boxes;
  report_case.assessment.nodes[2].key_slice = report_case.assessment.nodes[1].key_slice;
  const std::vector<Document> documents = report_case.Captures();
  ASSERT_EQ(documents.size(), 3U);
  std::set<Uid> uids;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    EXPECT_EQ(documents[i].series_instance_uid, documents[0].series_instance_uid);
    EXPECT_TRUE(uids.insert(documents[i].sop_instance_uid).second);
    EXPECT_EQ(Get(*Parse(documents[i])->getDataset(), DCM_InstanceNumber), std::to_string(i + 1));
  }
  EXPECT_TRUE(ReportCase(0).Captures().empty());
}

TEST(WriteSecondaryCaptures, IsAnRgbImageThatIsNeverTakenForACt) {
  ReportCase report_case(1);
  report_case.context.run = 2;
  const auto file = Parse(report_case.Captures().at(1));
  DcmDataset& dataset = *file->getDataset();
  EXPECT_EQ(Get(dataset, DCM_Modality), "OT");
  EXPECT_EQ(Get(dataset, DCM_ConversionType), "WSD");
  EXPECT_EQ(Get(dataset, DCM_ImageType), "DERIVED\\SECONDARY");
  EXPECT_EQ(Get(dataset, DCM_BurnedInAnnotation), "NO");
  EXPECT_EQ(Get(dataset, DCM_BodyPartExamined), "NECK");
  EXPECT_EQ(Get(dataset, DCM_PhotometricInterpretation), "RGB");
  EXPECT_EQ(Get(dataset, DCM_PatientOrientation), "L\\P");
  EXPECT_EQ(Get(dataset, DCM_InstanceNumber), "1002");
  EXPECT_THAT(Get(dataset, DCM_DerivationDescription),
              StartsWith("PHANTOM MODEL, NOT FOR CLINICAL USE: "));
  const Uint8* pixels = nullptr;
  unsigned long count = 0;
  ASSERT_TRUE(dataset.findAndGetUint8Array(DCM_PixelData, pixels, &count).good());
  const KeyPicture picture = DrawKeySlice(report_case.assessment, report_case.volume, 5);
  EXPECT_EQ(std::vector<unsigned char>(pixels, pixels + count), picture.rgb);
  DcmItem* source = nullptr;
  ASSERT_TRUE(dataset.findAndGetSequenceItem(DCM_SourceImageSequence, source, 0).good());
  EXPECT_EQ(Get(*source, DCM_ReferencedSOPInstanceUID),
            report_case.images[5].sop_instance_uid.value());
  DcmItem* purpose = nullptr;
  ASSERT_TRUE(
      source->findAndGetSequenceItem(DCM_PurposeOfReferenceCodeSequence, purpose, 0).good());
  EXPECT_EQ(Get(*purpose, DCM_CodeValue), "121322");
}

TEST(WriteSecondaryCaptures, SaysThatTheSourceWasLossyAndWhichLimitsBroke) {
  ReportCase report_case(1);
  Put(report_case.reference, DCM_LossyImageCompression, "01");
  Put(report_case.reference, DCM_LossyImageCompressionRatio, "8.5");
  Put(report_case.reference, DCM_LossyImageCompressionMethod, "ISO_10918_1");
  report_case.assessment.broken_limits = {"lossy compression"};
  const auto file = Parse(report_case.Captures().at(1));
  EXPECT_EQ(Get(*file->getDataset(), DCM_LossyImageCompression), "01");
  EXPECT_EQ(Get(*file->getDataset(), DCM_LossyImageCompressionRatio), "8.5");
  EXPECT_EQ(Get(*file->getDataset(), DCM_LossyImageCompressionMethod), "ISO_10918_1");
  EXPECT_THAT(Get(*file->getDataset(), DCM_DerivationDescription),
              HasSubstr("Outside the intended use: lossy compression"));
  EXPECT_FALSE(
      Parse(ReportCase(1).Captures().at(0))->getDataset()->tagExists(DCM_LossyImageCompression));
}

TEST(WriteSecondaryCaptures, NamesTheFrameOfAMultiFrameSource) {
  ReportCase report_case(1);
  report_case.images[5].frame = 6;
  const auto file = Parse(report_case.Captures().at(1));
  DcmItem* source = nullptr;
  ASSERT_TRUE(
      file->getDataset()->findAndGetSequenceItem(DCM_SourceImageSequence, source, 0).good());
  EXPECT_EQ(Get(*source, DCM_ReferencedFrameNumber), "6");
}

}  // namespace
}  // namespace necknode::sr_writer::tests
