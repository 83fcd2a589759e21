#include "sr_writer/index_picture.h"

#include <array>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sr_writer/canvas.h"
#include "sr_writer/index_layout.h"
#include "tests/sr_writer/report_case.h"

namespace necknode::sr_writer::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr Canvas::Colour kRed{255, 64, 64};

// Where pixels of exactly this colour lie: their bounding box. Smoothed lines and letters have few.
struct Drawn {
  int x0 = 1 << 20, y0 = 1 << 20, x1 = -1, y1 = -1, count = 0;
};
Drawn Find(const KeyPicture& picture, const Canvas::Colour& colour) {
  Drawn found;
  for (int y = 0; y < picture.rows; ++y) {
    for (int x = 0; x < picture.columns; ++x) {
      const auto at = picture.rgb.begin() + 3 * (std::ptrdiff_t{y} * picture.columns + x);
      if (!std::equal(colour.begin(), colour.end(), at))
        continue;
      found = {std::min(found.x0, x),
               std::min(found.y0, y),
               std::max(found.x1, x),
               std::max(found.y1, y),
               found.count + 1};
    }
  }
  return found;
}

/// One malignant node of a volume of 48 x 32 x 48 mm in the given orientation; the box lies at
/// columns 10 to 20 of 96 (patient's right in the usual orientation) on slices 4 to 6 of 24.
ReportCase OneNode(const Vec3& row_direction, const Vec3& column_direction) {
  ReportCase report_case(1);
  VolumeGrid grid = report_case.volume.grid();
  grid.first.row_direction = row_direction;
  grid.first.column_direction = column_direction;
  report_case.volume = Volume(grid);
  for (std::int16_t& hu : report_case.volume.voxels())
    hu = 40;
  report_case.assessment.grid = grid;
  LymphNode& node = report_case.assessment.nodes[0];
  node.boxes.clear();
  for (int slice = 4; slice <= 6; ++slice)
    node.boxes.push_back({slice, {10, 20, 20, 30}, 0.9, 0, false});
  node.key_slice = 5;
  return report_case;
}

Mark MarkIn(const ReportCase& report_case, CoronalView& view) {
  const VolumeGrid& grid = report_case.volume.grid();
  view = ViewOf(report_case.assessment, report_case.volume, {0, grid.slices - 1});
  return MarkOf(report_case.assessment.nodes[0], grid, view);
}

TEST(IndexLayout, IsIsotropicAndPutsANodeAtItsPlaceInMillimetres) {
  const ReportCase report_case = OneNode({1, 0, 0}, {0, 1, 0});
  CoronalView view;
  const Mark mark = MarkIn(report_case, view);
  EXPECT_NEAR(view.columns * view.mm_per_pixel, 48, 0.2);
  EXPECT_NEAR(view.rows * view.mm_per_pixel, 48, 0.2);
  EXPECT_NEAR(mark.x0 * view.mm_per_pixel, 5, 0.3);  // right of the patient: on the left
  EXPECT_NEAR(mark.x1 * view.mm_per_pixel, 10, 0.3);
  EXPECT_NEAR(mark.y1 * view.mm_per_pixel, 48 - 8, 0.3);  // slices ascend to the head
  EXPECT_NEAR(mark.y0 * view.mm_per_pixel, 48 - 14, 0.3);
}

TEST(IndexLayout, FollowsThePatientWhateverTheOrderAndRotationOfTheSlices) {
  CoronalView view;
  const Mark usual = MarkIn(OneNode({1, 0, 0}, {0, 1, 0}), view);
  const Mark mirrored = MarkIn(OneNode({-1, 0, 0}, {0, 1, 0}), view);  // normal to the feet
  EXPECT_NEAR(mirrored.x1, view.columns - 1 - usual.x0, 2);
  EXPECT_NEAR(mirrored.y0, view.rows - 1 - usual.y1, 2);
  const double turn = std::cos(0.5);
  const Mark turned = MarkIn(OneNode({turn, std::sin(0.5), 0}, {-std::sin(0.5), turn, 0}), view);
  EXPECT_NEAR(turned.y0 * view.mm_per_pixel, 48 - 14, 0.4);  // still upright
  // The node's corners span 10 px cos + 10 px sin of 0.5 mm.
  EXPECT_NEAR((turned.x1 - turned.x0) * view.mm_per_pixel, 5 * (turn + std::sin(0.5)), 0.6);
}

TEST(IndexLayout, StacksLabelsWithoutOverlapNearTheirNodes) {
  std::vector<Mark> marks(30);
  for (std::size_t i = 0; i < marks.size(); ++i)
    marks[i].y0 = marks[i].y1 = 100 - static_cast<int>(i % 7);
  StackLabels(marks, 15, 450, 0);
  for (std::size_t i = 0; i < marks.size(); ++i)
    EXPECT_EQ(marks[i].label_y, static_cast<int>(i) * 15);
  std::vector<Mark> two(2);
  two[0].y0 = two[0].y1 = 200;
  two[1].y0 = two[1].y1 = 50;
  StackLabels(two, 15, 450, 10);
  EXPECT_EQ(two[0].label_y, 53);
  EXPECT_EQ(two[1].label_y, 203);
}

TEST(DrawIndexPicture, DrawsTheNodeOnThePatientsRightInTheLeftHalf) {
  const ReportCase report_case = OneNode({1, 0, 0}, {0, 1, 0});
  const auto picture = DrawIndexPicture(report_case.assessment, report_case.volume);
  ASSERT_TRUE(picture);
  EXPECT_GE(picture->columns, 512);
  const Drawn frame = Find(*picture, kRed);
  EXPECT_GT(frame.count, 100);
  EXPECT_LT(frame.x1, picture->columns / 2);
  int white = 0;
  for (std::size_t i = 0; i < 3U * 40U * static_cast<std::size_t>(picture->columns); i += 3)
    white += picture->rgb[i] > 200 ? 1 : 0;
  EXPECT_GT(white, 100);
}

TEST(DrawIndexPicture, HasRoomForEveryLabelOfFiftyNodes) {
  ReportCase report_case(50);
  for (LymphNode& node : report_case.assessment.nodes) {
    for (NodeBox& box : node.boxes)
      box.box = {10, 20, 20, 30};  // all on one side
  }
  const auto picture = DrawIndexPicture(report_case.assessment, report_case.volume);
  ASSERT_TRUE(picture);
  EXPECT_GT(picture->rows, 50 * 12);
}

TEST(DrawIndexPicture, IsTheSameTwice) {
  const ReportCase report_case(4);
  const auto once = DrawIndexPicture(report_case.assessment, report_case.volume);
  const auto twice = DrawIndexPicture(report_case.assessment, report_case.volume);
  ASSERT_TRUE(once && twice);
  EXPECT_EQ(once->rgb, twice->rgb);
}

TEST(DrawIndexPicture, IsNotDrawnWithoutNodesNorOfSlicesThatAreNotAxial) {
  const ReportCase none(0);
  EXPECT_FALSE(DrawIndexPicture(none.assessment, none.volume));
  const ReportCase sagittal = OneNode({0, 1, 0}, {0, 0, -1});
  EXPECT_FALSE(DrawIndexPicture(sagittal.assessment, sagittal.volume));
}

TEST(DrawIndexPicture, SurvivesASingleSliceOfAir) {
  ReportCase report_case(1);
  report_case.assessment.nodes[0].boxes.resize(1);
  report_case.assessment.first_slice = report_case.assessment.last_slice =
      report_case.assessment.nodes[0].boxes[0].slice;
  report_case.volume = Volume(report_case.volume.grid());
  EXPECT_TRUE(DrawIndexPicture(report_case.assessment, report_case.volume));
}

TEST(WriteSecondaryCaptures, IndexImageIsFirstAndNamesItsSlices) {
  ReportCase report_case(2);
  report_case.context.run = 3;
  report_case.assessment.first_slice = 2;
  const std::vector<Document> documents = report_case.Captures();
  const auto file = Parse(documents.at(0));
  DcmDataset& dataset = *file->getDataset();
  EXPECT_EQ(Get(dataset, DCM_InstanceNumber), "2001");
  EXPECT_EQ(Get(dataset, DCM_PatientOrientation), "L\\F");
  EXPECT_THAT(Get(dataset, DCM_DerivationDescription),
              StartsWith("PHANTOM MODEL, NOT FOR CLINICAL USE: Coronal projection"));
  EXPECT_THAT(Get(dataset, DCM_DerivationDescription), HasSubstr("not verified"));
  DcmSequenceOfItems* sources = nullptr;
  ASSERT_TRUE(dataset.findAndGetSequence(DCM_SourceImageSequence, sources).good());
  ASSERT_EQ(sources->card(), 22U);
  for (unsigned long i = 0; i < sources->card(); ++i) {
    EXPECT_EQ(Get(*sources->getItem(i), DCM_ReferencedSOPInstanceUID),
              report_case.images[i + 2].sop_instance_uid.value());
    EXPECT_TRUE(sources->getItem(i)->tagExists(DCM_PurposeOfReferenceCodeSequence));
  }
  ReportCase sagittal = OneNode({0, 1, 0}, {0, 0, -1});
  const std::vector<Document> key_slices = sagittal.Captures();
  ASSERT_EQ(key_slices.size(), 1U);
  EXPECT_EQ(Get(*Parse(key_slices[0])->getDataset(), DCM_InstanceNumber), "1");
}

}  // namespace
}  // namespace necknode::sr_writer::tests
