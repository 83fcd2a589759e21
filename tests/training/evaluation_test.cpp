#include "training/evaluation.h"

#include <gtest/gtest.h>

namespace necknode::training {
namespace {

/// Two nodes, the first on two slices; three are found, one false box; logits favour the truth.
Answers Some() {
  Answers answers;
  answers.data.seeds = {200001, 200002};
  answers.images = 4;
  answers.images_with_nodes = 3;
  answers.patients = 2;
  const Box box{10, 10, 20, 20};
  answers.truths = {{0, box, 0}, {1, box, 0}, {2, box, 1}};
  answers.malignant = {true, true, false};
  answers.node = {0, 0, 1};
  answers.scored = {
      {0, box, 0.9, 0}, {1, {10, 10, 20, 30}, 0.8, 0}, {2, box, 0.7, 1}, {3, box, 0.3, 1}};
  answers.logits = {3, -1, -2, 0};
  return answers;
}

TEST(Measure, CountsBoxesNodesAndFalseOnes) {
  const auto figures = Measure(Some(), {0.2, 1, 0.5});
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
  const auto figures = Measure(Some(), {0.2, 1, 0.5});
  EXPECT_EQ(figures.per_node.true_positives, 1);
  EXPECT_EQ(figures.per_node.true_negatives, 1);
  const auto strict = Measure(Some(), {0.2, 1, 0.65});
  EXPECT_EQ(strict.per_node.false_negatives, 1) << "sigmoid(0.44) is 0.61";
}

TEST(ChooseThresholds, LeavesTheFalseBoxOut) {
  const auto chosen = ChooseThresholds(Some());
  EXPECT_DOUBLE_EQ(chosen.detection_score, 0.5);
  EXPECT_EQ(Measure(Some(), chosen).point.false_positives, 0);
}

TEST(ToText, NamesThePhantomItsSeedsAndTheIntervals) {
  const auto figures = Measure(Some(), {0.2, 1, 0.5});
  const auto text = ToText(figures, Some(), {0.2, 1, 0.5});
  EXPECT_NE(text.find("phantom"), std::string::npos);
  EXPECT_NE(text.find("200001-200002"), std::string::npos);
  EXPECT_NE(text.find("95% interval"), std::string::npos);
  const auto json = ToJson(figures, Some(), {0.2, 1, 0.5});
  EXPECT_EQ(json["data"]["kind"], "phantom");
  EXPECT_EQ(json["data"]["slices"], 4);
  EXPECT_EQ(json["detection"]["ap50"]["value"], 1);
  EXPECT_EQ(json["classification"]["per_box"]["tpr"]["value"], 0.5);
}

}  // namespace
}  // namespace necknode::training
