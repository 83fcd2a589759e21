#include "pipeline/compare_prior.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>

#include <gmock/gmock.h>

#include "core/error.h"
#include "phantom/phantom.h"
#include "pipeline/assess.h"
#include "pipeline/match_prior.h"
#include "pipeline/prior_nodes.h"
#include "pipeline/result_json.h"
#include "tests/pipeline/moved_volume.h"

namespace necknode::pipeline {
namespace {

using testing::HasSubstr;

constexpr int kSlices = 60, kFirst = 10, kLast = 49;

struct Study {
  dicom_io::CtVolume ct;
  Assessment assessment;
};

models::Package PackageOfFirstVersion() {
  models::Package package;
  package.name = "test";
  package.version = "1";
  package.detection_score = 0.4;
  package.malignant_probability = 0.5;
  package.temperature = 1;
  return package;
}

Assessment Assess(const Volume& volume, const std::vector<Detection>& detections) {
  return AssessDetections(
      volume, FindSurroundings(volume), detections, PackageOfFirstVersion(), "job", {}, nullptr);
}

dicom_io::CtVolume CtOf(Volume volume) {
  dicom_io::CtVolume ct;
  ct.slices.resize(static_cast<std::size_t>(volume.grid().slices));
  ct.volume = std::move(volume);
  return ct;
}

// A phantom's neck in an earlier study, and in a later one, turned and shifted, with one node grown
// by a third. The boxes are the truth's.
class ComparePriorTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    phantom::PhantomOptions options;
    options.seed = 3;
    options.slices = kSlices;
    const phantom::Phantom patient = phantom::MakePhantom(options);
    const VolumeGrid& grid = patient.volume.grid();
    const auto inside = [](const phantom::TrueNode& node) {
      return node.boxes.front().slice > kFirst + 3 && node.boxes.back().slice < kLast - 3 &&
             node.boxes.size() >= 3;
    };
    nodes_ = new std::vector<phantom::TrueNode>;
    std::ranges::copy_if(patient.nodes, std::back_inserter(*nodes_), inside);
    const tests::Growth growth{nodes_->front().centre, kGrowth, 14};
    earlier_ = new Study{CtOf(tests::Cropped(patient.volume, 0, kLast)), {}};
    later_ =
        new Study{CtOf(tests::Moved(patient.volume, Turned(), kFirst, kSlices - 1, growth)), {}};
    std::vector<Detection> before, after;
    for (const phantom::TrueNode& node : *nodes_) {
      for (const auto& box : node.boxes) {
        const double factor = &node == &nodes_->front() ? kGrowth : 1;
        before.push_back({box.slice, box.box, 0.9, 1});
        after.push_back({box.slice - kFirst, MovedBox(box.box, box.slice, grid, factor), 0.9, 1});
      }
    }
    earlier_->assessment = Assess(earlier_->ct.volume, before);
    later_->assessment = Assess(later_->ct.volume, after);
  }
  static void TearDownTestSuite() {
    delete nodes_;
    delete earlier_;
    delete later_;
  }

  static tests::Motion Turned() { return {{0, 0, 6}, {6, -9, 120}}; }
  // Where the box lies in the later study: the turn is about the patient's axis, so that slices
  // stay slices.
  static Box MovedBox(const Box& box, int slice, const VolumeGrid& earlier, double factor) {
    const Vec3 place = earlier.ToPatient(box.CentreX() - 0.5, box.CentreY() - 0.5, slice);
    Vec3 later = place + Turned().shift_mm;
    for (int i = 0; i < 20; ++i)
      later = later + place - tests::ToEarlier(later, Turned(), earlier);
    const Vec3 d = later - earlier.first.position - Turned().shift_mm;
    const double x = d.x / earlier.column_spacing_mm + 0.5, y = d.y / earlier.row_spacing_mm + 0.5;
    const double half_x = box.Width() / 2 * factor, half_y = box.Height() / 2 * factor;
    return {x - half_x, y - half_y, x + half_x, y + half_y};
  }

  static PriorReader Reader() {
    return {[](const std::vector<dicom_io::SliceSource>&) { return earlier_->ct; },
            [](const dicom_io::CtVolume&) { return earlier_->assessment; }};
  }
  static PriorExam Exam() {
    PriorExam exam;
    exam.study_instance_uid = Uid("1.2.3");
    exam.study_date = "20240503";
    return exam;
  }
  static std::string ResultOfEarlier() {
    StudyResult result;
    result.assessment = earlier_->assessment;
    return ResultJson(result, {}, &earlier_->ct);
  }

  static constexpr double kGrowth = 1.33;
  static std::vector<phantom::TrueNode>* nodes_;
  static Study *earlier_, *later_;
};
std::vector<phantom::TrueNode>* ComparePriorTest::nodes_;
Study *ComparePriorTest::earlier_, *ComparePriorTest::later_;

TEST_F(ComparePriorTest, FindsTheNodesAgainAndSeesTheOneThatGrew) {
  Assessment assessment = later_->assessment;
  PriorExam exam = Exam();
  exam.result_json = ResultOfEarlier();
  PriorReader reader = Reader();
  reader.analyse = [](const dicom_io::CtVolume&) -> Assessment {
    throw std::logic_error("there is a result");
  };
  ComparePrior(later_->ct.volume, exam, reader, assessment);
  ASSERT_TRUE(assessment.comparison);
  EXPECT_EQ(assessment.comparison->reason, "");
  EXPECT_GT(assessment.comparison->quality.value(), 0.95);
  EXPECT_EQ(assessment.comparison->earlier_nodes,
            static_cast<int>(earlier_->assessment.nodes.size()));
  const Vec3 grown = nodes_->front().centre;
  int matched = 0, measured = 0;
  double sum = 0;
  for (const LymphNode& node : assessment.nodes) {
    ASSERT_TRUE(node.earlier);
    EXPECT_EQ(node.earlier->study_date, "20240503");
    if (node.earlier->state != EarlierState::kMatched) {
      std::printf("%s unsure: %s\n", node.Identifier().c_str(), node.earlier->reason.c_str());
      continue;
    }
    ++matched;
    const Vec3 place = tests::ToEarlier(CentreOf(node, later_->ct.volume.grid()), Turned(), [] {
      VolumeGrid whole = earlier_->ct.volume.grid();
      whole.slices = kSlices;
      return whole;
    }());
    const auto earlier = std::ranges::find(earlier_->assessment.nodes,
                                           node.earlier->identifier,
                                           [](const LymphNode& one) { return one.Identifier(); });
    ASSERT_NE(earlier, earlier_->assessment.nodes.end());
    EXPECT_LT(Norm(place - CentreOf(*earlier, earlier_->ct.volume.grid())), 1.5)
        << "another node was taken for it";
    const auto change = node.ShortAxisChange();
    if (!change)
      continue;
    const bool grew = Norm(place - grown) < 3;
    const double expected = grew ? (kGrowth - 1) * *node.earlier->short_axis_mm : 0;
    std::printf("%s: %.1f mm after %.1f mm, expected a change of %.1f mm\n",
                node.Identifier().c_str(),
                node.short_axis->length_mm,
                *node.earlier->short_axis_mm,
                expected);
    EXPECT_NEAR(*change, expected, 1.2);
    if (!grew) {
      sum += *change * *change;
      ++measured;
    }
  }
  std::printf("%d of %zu nodes matched; change of those that did not grow: rms %.2f mm\n",
              matched,
              assessment.nodes.size(),
              std::sqrt(sum / std::max(1, measured)));
  EXPECT_GE(2 * matched, static_cast<int>(assessment.nodes.size()));
  EXPECT_GE(measured, 1);
}

TEST_F(ComparePriorTest, AnalysesTheImagesWhereThereIsNoResultOfThem) {
  Assessment assessment = later_->assessment;
  PriorExam exam = Exam();
  exam.result_json = "{}";
  ComparePrior(later_->ct.volume, exam, Reader(), assessment);
  EXPECT_EQ(assessment.comparison->reason, "");
  for (const LymphNode& node : assessment.nodes)
    EXPECT_EQ(node.earlier->identifier, "") << "no report names it";
  Assessment again = later_->assessment;
  ComparePrior(later_->ct.volume, exam, Reader(), again);
  EXPECT_EQ(DigestOf(assessment), DigestOf(again));
}

TEST_F(ComparePriorTest, SaysWhyNothingWasCompared) {
  const auto reason = [](const PriorExam& exam, const PriorReader& reader) {
    Assessment assessment = later_->assessment;
    ComparePrior(later_->ct.volume, exam, reader, assessment);
    for (const LymphNode& node : assessment.nodes)
      EXPECT_FALSE(node.earlier);
    return assessment.comparison->reason;
  };
  PriorExam gone = Exam();
  gone.not_compared = "gone";
  EXPECT_EQ(reason(gone, Reader()), "gone");
  PriorReader reader = Reader();
  reader.read = [](const auto&) -> dicom_io::CtVolume {
    throw Error(ErrorCode::kGeometry, "slice 7 is missing");
  };
  EXPECT_EQ(reason(Exam(), reader), "its images could not be read: slice 7 is missing");
  reader.read = [](const auto&) -> dicom_io::CtVolume { throw std::bad_alloc(); };
  EXPECT_EQ(reason(Exam(), reader), "out of memory");
  reader = Reader();
  reader.analyse = [](const auto&) -> Assessment {
    throw Error(ErrorCode::kUnsupported, "it is not eligible: too thick");
  };
  EXPECT_EQ(reason(Exam(), reader), "it is not eligible: too thick");
}

TEST_F(ComparePriorTest, DoesNotCompareWithAnotherPersonOfTheSameId) {
  const auto reason = [](const char* now, const char* before) {
    PriorExam exam = Exam();
    exam.patient_birth_date = PatientText(now);
    PriorReader reader = Reader();
    reader.read = [before](const std::vector<dicom_io::SliceSource>&) {
      dicom_io::CtVolume ct = earlier_->ct;
      ct.slices.front().header.patient_birth_date = PatientText(before);
      return ct;
    };
    Assessment assessment = later_->assessment;
    ComparePrior(later_->ct.volume, exam, reader, assessment);
    return assessment.comparison->reason;
  };
  EXPECT_EQ(reason("19560203", "19500101"), "the same Patient ID with another birth date");
  EXPECT_EQ(reason("19560203", "19560203"), "");
  EXPECT_EQ(reason("19560203", ""), "") << "not stated is not another one";
}

TEST_F(ComparePriorTest, StorageThatFailsIsNotTheImagesFault) {
  PriorReader reader = Reader();
  reader.read = [](const auto&) -> dicom_io::CtVolume {
    throw Error(ErrorCode::kStorageFailed, "no disk");
  };
  Assessment assessment = later_->assessment;
  EXPECT_THROW(ComparePrior(later_->ct.volume, Exam(), reader, assessment), Error);
}

TEST_F(ComparePriorTest, ReadsBackWhatAResultSays) {
  const VolumeGrid& grid = earlier_->ct.volume.grid();
  const auto findings = ReadPriorNodes(ResultOfEarlier(), grid);
  ASSERT_TRUE(findings);
  EXPECT_TRUE(findings->reported);
  EXPECT_EQ(findings->last_slice, earlier_->assessment.last_slice);
  ASSERT_EQ(findings->nodes.size(), earlier_->assessment.nodes.size());
  for (std::size_t i = 0; i < findings->nodes.size(); ++i) {
    const LymphNode &read = findings->nodes[i], &said = earlier_->assessment.nodes[i];
    EXPECT_EQ(read.Identifier(), said.Identifier());
    EXPECT_EQ(read.side, said.side);
    EXPECT_EQ(read.short_axis.has_value(), said.short_axis.has_value());
    EXPECT_LT(Norm(CentreOf(read, grid) - CentreOf(said, grid)), 1e-6);
  }
  VolumeGrid other = grid;
  other.first.position.z += 1;
  EXPECT_FALSE(ReadPriorNodes(ResultOfEarlier(), other));
  EXPECT_FALSE(ReadPriorNodes("", grid));
  EXPECT_FALSE(ReadPriorNodes("{\"format\": \"necknode-result\"}", grid));
  std::string damaged = ResultOfEarlier();
  damaged.replace(damaged.find("\"LN-1\""), 6, "\"XX-1\"");
  EXPECT_FALSE(ReadPriorNodes(damaged, grid));
}

}  // namespace
}  // namespace necknode::pipeline
