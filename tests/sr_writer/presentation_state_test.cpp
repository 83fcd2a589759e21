#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "sr_writer/graphic_annotation.h"
#include "tests/sr_writer/report_case.h"

namespace necknode::sr_writer::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<DcmItem*> Items(DcmItem& item, const DcmTagKey& tag) {
  std::vector<DcmItem*> items;
  DcmSequenceOfItems* sequence = nullptr;
  if (item.findAndGetSequence(tag, sequence).good()) {
    for (unsigned long i = 0; i < sequence->card(); ++i)
      items.push_back(sequence->getItem(i));
  }
  return items;
}

std::vector<float> Floats(DcmItem& item, const DcmTagKey& tag) {
  const Float32* values = nullptr;
  unsigned long count = 0;
  if (item.findAndGetFloat32Array(tag, values, &count).bad())
    return {};
  return {values, values + count};
}

/// The annotations on one image, by its SOP Instance UID.
std::vector<DcmItem*> AnnotationsOn(DcmItem& dataset, const EvidenceImage& image) {
  std::vector<DcmItem*> annotations;
  for (DcmItem* item : Items(dataset, DCM_GraphicAnnotationSequence)) {
    if (Get(*Items(*item, DCM_ReferencedImageSequence).at(0), DCM_ReferencedSOPInstanceUID) ==
        image.sop_instance_uid.value())
      annotations.push_back(item);
  }
  return annotations;
}

std::vector<std::string> Texts(DcmItem& annotation) {
  std::vector<std::string> texts;
  for (DcmItem* text : Items(annotation, DCM_TextObjectSequence))
    texts.push_back(Get(*text, DCM_UnformattedTextValue));
  return texts;
}

TEST(WritePresentationState, DrawsEveryBoxOnEverySlice) {
  ReportCase report_case(3);
  const auto file = Parse(report_case.State());
  std::size_t boxes = 0;
  for (DcmItem* annotation : Items(*file->getDataset(), DCM_GraphicAnnotationSequence)) {
    for (DcmItem* graphic : Items(*annotation, DCM_GraphicObjectSequence)) {
      const std::vector<float> points = Floats(*graphic, DCM_GraphicData);
      if (points.size() == 10) {
        ++boxes;
        EXPECT_EQ(points[0], points[8]);
        EXPECT_EQ(points[1], points[9]);
      }
      EXPECT_EQ(Get(*graphic, DCM_GraphicFilled), "N");
    }
  }
  EXPECT_EQ(boxes, 9U);
  EXPECT_EQ(Items(*Items(*file->getDataset(), DCM_ReferencedSeriesSequence).at(0),
                  DCM_ReferencedImageSequence)
                .size(),
            9U);
}

TEST(WritePresentationState, KeySliceHasBoxShortAxisLabelAndTrackingOfTheReport) {
  ReportCase report_case(1);
  const auto file = Parse(report_case.State());
  const auto annotations = AnnotationsOn(*file->getDataset(), report_case.images[5]);
  ASSERT_EQ(annotations.size(), 1U);
  const auto graphics = Items(*annotations[0], DCM_GraphicObjectSequence);
  ASSERT_EQ(graphics.size(), 2U);
  EXPECT_THAT(Floats(*graphics[0], DCM_GraphicData),
              ElementsAre(15.25, 21, 27.25, 21, 27.25, 31, 15.25, 31, 15.25, 21));
  EXPECT_THAT(Floats(*graphics[1], DCM_GraphicData), ElementsAre(21.25, 21.5, 21.25, 30.5));
  for (DcmItem* graphic : graphics) {
    EXPECT_EQ(Get(*graphic, DCM_TrackingID), "LN-1");
    EXPECT_EQ(Get(*graphic, DCM_TrackingUID), report_case.assessment.nodes[0].tracking_uid.value());
  }
  EXPECT_THAT(Texts(*annotations[0]),
              ElementsAre("PHANTOM MODEL, NOT FOR CLINICAL USE", "LN-1 P 0.91"));
  // The slice before is bridged: its box is no detection.
  EXPECT_THAT(Texts(*AnnotationsOn(*file->getDataset(), report_case.images[4]).at(0)),
              ElementsAre("PHANTOM MODEL, NOT FOR CLINICAL USE", "LN-1 P 0.91 interpolated"));
}

TEST(WritePresentationState, UnmeasuredNodeHasNoLine) {
  ReportCase report_case(1);
  report_case.assessment.nodes[0].short_axis.reset();
  const auto file = Parse(report_case.State());
  const auto annotations = AnnotationsOn(*file->getDataset(), report_case.images[5]);
  EXPECT_EQ(Items(*annotations.at(0), DCM_GraphicObjectSequence).size(), 1U);
}

TEST(WritePresentationState, MalignantLayerLiesOnTopAndTheWarningStandsOnceASlice) {
  ReportCase report_case(2);
  report_case.assessment.nodes[1].boxes = report_case.assessment.nodes[0].boxes;
  report_case.assessment.nodes[1].key_slice = report_case.assessment.nodes[0].key_slice;
  report_case.assessment.nodes[1].malignancy = Malignancy::kBenign;
  report_case.assessment.broken_limits = {"no contrast agent"};
  const auto file = Parse(report_case.State());
  const auto layers = Items(*file->getDataset(), DCM_GraphicLayerSequence);
  ASSERT_EQ(layers.size(), 2U);
  EXPECT_EQ(Get(*layers[0], DCM_GraphicLayer), "BENIGN");
  EXPECT_EQ(Get(*layers[0], DCM_GraphicLayerOrder), "1");
  EXPECT_EQ(Get(*layers[1], DCM_GraphicLayer), "MALIGNANT");
  EXPECT_EQ(Get(*layers[1], DCM_GraphicLayerOrder), "2");
  const Uint16* colour = nullptr;
  ASSERT_TRUE(layers[1]
                  ->findAndGetUint16Array(DCM_GraphicLayerRecommendedDisplayCIELabValue, colour)
                  .good());
  EXPECT_EQ(colour[0], 38181);
  const auto annotations = AnnotationsOn(*file->getDataset(), report_case.images[5]);
  ASSERT_EQ(annotations.size(), 2U);
  EXPECT_EQ(Get(*annotations[0], DCM_GraphicLayer), "MALIGNANT");
  EXPECT_EQ(Get(*annotations[1], DCM_GraphicLayer), "BENIGN");
  EXPECT_THAT(Texts(*annotations[0]),
              ElementsAre("PHANTOM MODEL, NOT FOR CLINICAL USE\r\nOutside the intended use: no "
                          "contrast agent",
                          "LN-1 P 0.91"));
  EXPECT_EQ(Texts(*annotations[1]).size(), 1U);
}

TEST(WritePresentationState, IndeterminateNodesLieOnTheirSideOfTheOperatingPoint) {
  LymphNode node;
  node.malignancy = Malignancy::kIndeterminate;
  Thresholds thresholds;
  thresholds.malignant_probability = 0.5;
  node.probability = 0.5;
  EXPECT_EQ(LayerOf(node, thresholds), GraphicLayer::kMalignant);
  node.probability = 0.49;
  EXPECT_EQ(LayerOf(node, thresholds), GraphicLayer::kBenign);
}

TEST(WritePresentationState, ShowsTheWholeImageInTheSourcesWindow) {
  ReportCase report_case(1);
  const auto file = Parse(report_case.State());
  const auto areas = Items(*file->getDataset(), DCM_DisplayedAreaSelectionSequence);
  ASSERT_EQ(areas.size(), 1U);
  Sint32 columns = 0;
  Sint32 rows = 0;
  ASSERT_TRUE(
      areas[0]->findAndGetSint32(DCM_DisplayedAreaBottomRightHandCorner, columns, 0).good());
  ASSERT_TRUE(areas[0]->findAndGetSint32(DCM_DisplayedAreaBottomRightHandCorner, rows, 1).good());
  EXPECT_EQ(columns, 96);
  EXPECT_EQ(rows, 64);
  EXPECT_EQ(Get(*areas[0], DCM_PresentationSizeMode), "SCALE TO FIT");
  const auto windows = Items(*file->getDataset(), DCM_SoftcopyVOILUTSequence);
  ASSERT_EQ(windows.size(), 1U);
  EXPECT_EQ(Get(*windows[0], DCM_WindowCenter), "60");
  EXPECT_EQ(Get(*windows[0], DCM_WindowWidth), "360");
  EXPECT_EQ(Get(*file->getDataset(), DCM_RescaleIntercept), "-1024");
  EXPECT_EQ(Get(*file->getDataset(), DCM_RescaleSlope), "1");
  EXPECT_EQ(Get(*file->getDataset(), DCM_PresentationLUTShape), "IDENTITY");
}

TEST(WritePresentationState, WithoutWindowTakesSoftTissueAndSaysWhichImagesItIsFor) {
  ReportCase report_case(1);
  report_case.images[5].window_width = 0;
  const auto file = Parse(report_case.State());
  const auto windows = Items(*file->getDataset(), DCM_SoftcopyVOILUTSequence);
  ASSERT_EQ(windows.size(), 2U);
  EXPECT_EQ(Get(*windows[0], DCM_WindowCenter), "50");
  EXPECT_EQ(Get(*windows[0], DCM_WindowWidth), "350");
  EXPECT_EQ(Items(*windows[0], DCM_ReferencedImageSequence).size(), 1U);
  EXPECT_EQ(Items(*windows[1], DCM_ReferencedImageSequence).size(), 2U);
}

TEST(WritePresentationState, Monochrome1IsInverse) {
  ReportCase report_case(1);
  for (EvidenceImage& image : report_case.images)
    image.monochrome1 = true;
  EXPECT_EQ(Get(*Parse(report_case.State())->getDataset(), DCM_PresentationLUTShape), "INVERSE");
}

TEST(WritePresentationState, LeavesOutImagesOfAnotherRescaleAndSaysSo) {
  ReportCase report_case(1);
  report_case.images[6].rescale_intercept = 0;
  const auto file = Parse(report_case.State());
  EXPECT_THAT(AnnotationsOn(*file->getDataset(), report_case.images[6]), IsEmpty());
  EXPECT_EQ(Items(*Items(*file->getDataset(), DCM_ReferencedSeriesSequence).at(0),
                  DCM_ReferencedImageSequence)
                .size(),
            2U);
  EXPECT_THAT(Texts(*AnnotationsOn(*file->getDataset(), report_case.images[5]).at(0)).at(0),
              HasSubstr("Without the boxes of 1 slice with another rescale"));
}

TEST(WritePresentationState, RunAndWarningStandInTheDescription) {
  ReportCase report_case(1);
  report_case.context.run = 2;
  const auto file = Parse(report_case.State());
  EXPECT_EQ(Get(*file->getDataset(), DCM_ContentLabel), "NECK NODES");
  EXPECT_EQ(Get(*file->getDataset(), DCM_ContentDescription),
            "PHANTOM MODEL, NOT FOR CLINICAL USE: run 2, AI, not verified");
  EXPECT_EQ(Get(*file->getDataset(), DCM_InstanceNumber), "2");
  EXPECT_EQ(Get(*file->getDataset(), DCM_BodyPartExamined), "NECK");
}

TEST(WritePresentationState, NamesTheFramesOfAMultiFrameSource) {
  ReportCase report_case(1);
  for (std::size_t i = 0; i < report_case.images.size(); ++i) {
    report_case.images[i].sop_instance_uid = Uid("1.2.3.4");
    report_case.images[i].frame = static_cast<int>(i) + 1;
  }
  const auto file = Parse(report_case.State());
  const auto references = Items(*Items(*file->getDataset(), DCM_ReferencedSeriesSequence).at(0),
                                DCM_ReferencedImageSequence);
  ASSERT_EQ(references.size(), 1U);
  EXPECT_EQ(Get(*references[0], DCM_ReferencedFrameNumber), "5\\6\\7");
  DcmItem* annotation = Items(*file->getDataset(), DCM_GraphicAnnotationSequence).at(1);
  EXPECT_EQ(Get(*Items(*annotation, DCM_ReferencedImageSequence).at(0), DCM_ReferencedFrameNumber),
            "6");
}

TEST(WritePresentationState, RefusesACaseWithoutNodes) {
  ReportCase report_case(0);
  EXPECT_THROW(static_cast<void>(report_case.State()), Error);
}

TEST(PlaceText, StandsAboveTheBoxElseBelowAndNeverOutside) {
  EvidenceImage image;
  image.columns = image.rows = 512;
  const Box above = PlaceText({100, 100, 120, 120}, 11, image, 0);
  EXPECT_EQ(above.y1, 98);
  EXPECT_EQ(above.x0, 100);
  const Box below = PlaceText({100, 5, 120, 30}, 11, image, 0);
  EXPECT_EQ(below.y0, 32);
  const Box under_notice = PlaceText({100, 20, 120, 30}, 11, image, 14);
  EXPECT_EQ(under_notice.y0, 32);
  const Box right = PlaceText({500, 100, 512, 120}, 11, image, 0);
  EXPECT_EQ(right.x1, 512);
  const Box everywhere = PlaceText({0, 0, 512, 512}, 11, image, 0);
  EXPECT_LE(everywhere.y1, 512);
  EXPECT_GE(everywhere.y0, 0);
}

}  // namespace
}  // namespace necknode::sr_writer::tests
