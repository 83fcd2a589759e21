#include "pipeline/earlier_runs.h"

#include <deque>

#include <gtest/gtest.h>

#include "pipeline/assess.h"
#include "pipeline/result_json.h"
#include "tests/pipeline/neck_volume.h"

namespace necknode::pipeline {
namespace {

// A node of three slices around (x, 120) from `slice` on.
void AddNode(std::vector<Detection>& detections, double x, int slice, double logit) {
  for (int z = slice; z < slice + 3; ++z)
    detections.push_back({z, {x - 6, 114, x + 6, 126}, 0.9, logit});
}

/// One run after the other over the same neck, with the result.json of those before.
class Runs {
 public:
  Assessment Run(const dicom_io::CtVolume& ct,
                 const std::vector<Detection>& detections,
                 const std::string& job_key) {
    std::vector<FinishedRun> earlier;
    for (const std::string& json : results_) {
      auto run = ReadFinishedRun(json);
      EXPECT_TRUE(run.has_value());
      if (run)
        earlier.push_back(std::move(*run));
    }
    StudyResult result;
    result.assessment = AssessDetections(ct.volume,
                                         FindSurroundings(ct.volume),
                                         detections,
                                         models::Package(),
                                         job_key,
                                         earlier,
                                         nullptr);
    results_.push_front(ResultJson(result, {}, &ct));
    return result.assessment;
  }

 private:
  std::deque<std::string> results_;  // newest first
};

TEST(NameNodes, KeepsTheNamesOfNodesThatWereSeenBefore) {
  const auto ct = tests::DrawNeck({});
  Runs runs;
  std::vector<Detection> detections;
  AddNode(detections, 90, 5, 4);
  AddNode(detections, 165, 5, 1);
  const Assessment first = runs.Run(ct, detections, "job 1");
  ASSERT_EQ(first.nodes.size(), 2U);

  // Another model: the other node is the likelier one now, its box a little off; one is new.
  detections.clear();
  AddNode(detections, 90, 5, -2);
  AddNode(detections, 166, 5, 3);
  AddNode(detections, 128, 20, 5);
  const Assessment second = runs.Run(ct, detections, "job 2");
  ASSERT_EQ(second.nodes.size(), 3U);
  EXPECT_EQ(second.nodes[0].tracking_uid, first.nodes[0].tracking_uid);
  EXPECT_EQ(second.nodes[1].tracking_uid, first.nodes[1].tracking_uid);
  EXPECT_EQ(second.nodes[1].number, 2);
  EXPECT_EQ(second.nodes[2].number, 3);
  EXPECT_NE(second.nodes[2].tracking_uid, first.nodes[0].tracking_uid);
}

TEST(NameNodes, NeverGivesANumberToAnotherNode) {
  const auto ct = tests::DrawNeck({});
  Runs runs;
  std::vector<Detection> both, one;
  AddNode(both, 90, 5, 4);
  AddNode(both, 165, 5, 1);
  AddNode(one, 90, 5, 4);
  const Assessment first = runs.Run(ct, both, "job 1");
  runs.Run(ct, one, "job 2");  // LN-2 is not seen

  std::vector<Detection> other = one;
  AddNode(other, 128, 25, 1);
  const Assessment third = runs.Run(ct, other, "job 3");
  ASSERT_EQ(third.nodes.size(), 2U);
  EXPECT_EQ(third.nodes[1].number, 3) << "LN-2 was another node";

  const Assessment fourth = runs.Run(ct, both, "job 4");
  ASSERT_EQ(fourth.nodes.size(), 2U);
  EXPECT_EQ(fourth.nodes[1].number, 2) << "seen again";
  EXPECT_EQ(fourth.nodes[1].tracking_uid, first.nodes[1].tracking_uid);
}

TEST(NameNodes, FindsTheNodeInAGrownStudy) {
  tests::NeckScene scene;
  const auto ct = tests::DrawNeck(scene);
  Runs runs;
  std::vector<Detection> detections;
  AddNode(detections, 165, 5, 4);
  const Assessment first = runs.Run(ct, detections, "job 1");

  scene.slices = 50;  // ten slices more, nearer to the feet
  auto grown = tests::DrawNeck(scene);
  VolumeGrid grid = grown.volume.grid();
  grid.first.position.z -= 20;
  grown.volume = Volume(grid);
  detections.clear();
  AddNode(detections, 90, 15, 5);
  AddNode(detections, 165, 15, 4);
  const Assessment second = runs.Run(grown, detections, "job 2");
  ASSERT_EQ(second.nodes.size(), 2U);
  EXPECT_EQ(second.nodes[0].tracking_uid, first.nodes[0].tracking_uid);
  EXPECT_EQ(second.nodes[0].key_slice, 15);
  EXPECT_NEAR(second.nodes[0].KeyBox().box.CentreX(), 165, 0.1);
}

TEST(ReadFinishedRun, TakesNothingFromWhatIsNoResult) {
  EXPECT_FALSE(ReadFinishedRun("").has_value());
  EXPECT_FALSE(ReadFinishedRun("{}").has_value());
  EXPECT_FALSE(ReadFinishedRun("[1, 2]").has_value());
  StudyResult failed;
  failed.outcome = Outcome::kFailed;
  EXPECT_FALSE(ReadFinishedRun(ResultJson(failed, {}, nullptr)).has_value());
}

}  // namespace
}  // namespace necknode::pipeline
