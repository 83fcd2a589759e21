#include "training/evaluation.h"

#include <cmath>
#include <numeric>
#include <set>

#include <gtest/gtest.h>

#include "tests/training/some_answers.h"

namespace necknode::training {
namespace {

TEST(Measure, CountsBoxesNodesAndFalseOnes) {
  const auto figures = Measure(SomeAnswers(), {0.2, 1, 0.5});
  EXPECT_EQ(figures.point.found, 3);
  EXPECT_EQ(figures.point.false_positives, 1);
  EXPECT_DOUBLE_EQ(figures.false_positives_per_slice, 0.25);
  EXPECT_DOUBLE_EQ(figures.ap50.value, 1);
  EXPECT_EQ(figures.nodes, 2);
  EXPECT_EQ(figures.nodes_found, 2);
  EXPECT_EQ(figures.per_box.true_positives, 1);
  EXPECT_EQ(figures.per_box.false_negatives, 1);
}

TEST(Measure, NodesAreJudgedByScoreTimesArea) {
  // The first node: (0.9 * 100 * 3 - 0.8 * 200 * 1) / 250 = 0.44, malignant.
  const auto figures = Measure(SomeAnswers(), {0.2, 1, 0.5});
  EXPECT_EQ(figures.per_node.true_positives, 1);
  EXPECT_EQ(figures.per_node.true_negatives, 1);
  const auto strict = Measure(SomeAnswers(), {0.2, 1, 0.65});
  EXPECT_EQ(strict.per_node.false_negatives, 1) << "sigmoid(0.44) is 0.61";
}

TEST(ChooseThresholds, LeavesTheFalseBoxOut) {
  const auto chosen = ChooseThresholds(SomeAnswers());
  EXPECT_DOUBLE_EQ(chosen.detection_score, 0.5);
  EXPECT_EQ(Measure(SomeAnswers(), chosen).point.false_positives, 0);
}

TEST(ToText, NamesThePhantomItsSeedsAndTheIntervals) {
  const auto figures = Measure(SomeAnswers(), {0.2, 1, 0.5});
  const auto text = ToText(figures, SomeAnswers(), {0.2, 1, 0.5});
  EXPECT_NE(text.find("phantom"), std::string::npos);
  EXPECT_NE(text.find("200001-200002"), std::string::npos);
  EXPECT_NE(text.find("95% intervals"), std::string::npos);
  const auto json = ToJson(figures, SomeAnswers(), {0.2, 1, 0.5});
  EXPECT_EQ(json["data"]["kind"], "phantom");
  EXPECT_EQ(json["data"]["seeds"], "200001-200002");
  EXPECT_EQ(json["data"]["slices"], 4);
  EXPECT_EQ(json["detection"]["ap50"]["value"], 1);
  EXPECT_EQ(json["classification"]["per_box"]["tpr"]["value"], 0.5);
}

class Lengths : public LabelledStudies {
 public:
  explicit Lengths(std::vector<std::size_t> lengths) : lengths_(std::move(lengths)) {}
  [[nodiscard]] std::size_t Count() const override { return lengths_.size(); }
  [[nodiscard]] std::shared_ptr<const LabelledStudy> Get(std::size_t) override { return nullptr; }
  [[nodiscard]] std::string PatientOf(std::size_t) const override { return ""; }
  [[nodiscard]] std::size_t SlicesOf(std::size_t index) const override { return lengths_[index]; }
  [[nodiscard]] std::string Description() const override { return ""; }

 private:
  std::vector<std::size_t> lengths_;
};

TEST(ShareSlices, SpreadsEvenlyOverWhatThereIs) {
  EXPECT_EQ(ShareSlices(Lengths({80, 80, 80}), 7), (std::vector<int>{3, 2, 2}));
  EXPECT_EQ(ShareSlices(Lengths({80, 80, 80}), 2), (std::vector<int>{1, 1, 0}));
  EXPECT_EQ(ShareSlices(Lengths({1, 80, 3}), 12), (std::vector<int>{1, 8, 3}));
  EXPECT_EQ(ShareSlices(Lengths({1, 2, 0}), 500), (std::vector<int>{1, 2, 0}));
  EXPECT_TRUE(ShareSlices(Lengths({}), 5).empty());
}

TEST(Measure, AFigureOfNothingIsNoFigure) {
  Answers none = SomeAnswers();
  none.scored.clear();
  none.logits.clear();
  const auto figures = Measure(none, {0.2, 1, 0.5});
  EXPECT_TRUE(std::isnan(figures.per_box.accuracy.value));
  EXPECT_TRUE(std::isnan(figures.per_node.auc.value));
  EXPECT_EQ(figures.recall.value, 0) << "of nodes that are there";
  const auto json = ToJson(figures, none, {0.2, 1, 0.5});
  EXPECT_NE(json.dump().find(R"("acc":{"value":null)"), std::string::npos) << json.dump();
  EXPECT_EQ(ToText(figures, none, {0.2, 1, 0.5}).find("nan"), std::string::npos);
}

TEST(DrawSlices, DrawsDifferentOnesTheSameForASeed) {
  std::vector<int> labelled(40);
  std::iota(labelled.begin(), labelled.end(), 10);
  const auto drawn = DrawSlices(labelled, 3, 12);
  EXPECT_EQ(drawn, DrawSlices(labelled, 3, 12));
  EXPECT_NE(drawn, DrawSlices(labelled, 4, 12));
  EXPECT_EQ(std::set<int>(drawn.begin(), drawn.end()).size(), 12U);
  EXPECT_GE(drawn.front(), 10);
  EXPECT_EQ(DrawSlices(labelled, 3, 100), labelled) << "all there are";
}

TEST(JudgedAt, KeepsPatientAndNode) {
  const auto judged = JudgedAt(SomeAnswers(), 0.2);
  ASSERT_EQ(judged.nodes.size(), 2U);
  EXPECT_EQ(judged.nodes[1].patient, 1);
  EXPECT_EQ(judged.node_numbers, (std::vector<int>{0, 1}));
  EXPECT_EQ(JudgedAt(SomeAnswers(), 0.75).nodes.size(), 1U);
}

}  // namespace
}  // namespace necknode::training
