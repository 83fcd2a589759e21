#include "pipeline/match_prior.h"

#include <gmock/gmock.h>

#include "pipeline/optimal_assignment.h"

namespace necknode::pipeline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

VolumeGrid Grid() {
  VolumeGrid grid;
  grid.columns = grid.rows = 200;
  grid.slices = 60;
  grid.column_spacing_mm = grid.row_spacing_mm = 1;
  grid.slice_spacing_mm = 2;
  grid.first = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}};
  return grid;
}

// A node of 10 mm around (x, y) on three slices.
LymphNode NodeAt(int number, double x, double y, int slice, double short_mm = 8) {
  LymphNode node;
  node.number = number;
  node.side = x > 100 ? Side::kLeft : Side::kRight;
  node.key_slice = slice;
  for (int z = slice - 1; z <= slice + 1; ++z)
    node.boxes.push_back({z, {x - 5, y - 5, x + 5, y + 5}, 0.9, 0, false});
  node.short_axis = Diameter{short_mm, {}};
  return node;
}

PriorFindings PriorOf(std::vector<LymphNode> nodes) {
  return {Grid(), 0, 59, std::move(nodes), true};
}

EarlierFinding OnlyFinding(const LymphNode& node, const PriorFindings& prior) {
  return MatchPrior({node}, Grid(), prior, {}).at(0);
}

TEST(AssignOptimally, MinimisesTheSumAndLeavesAloneWhatCostsMore) {
  using Costs = std::vector<std::vector<double>>;
  EXPECT_THAT(AssignOptimally(Costs{{1, 2}, {1, 9}}, 100), ElementsAre(1, 0))
      << "the nearest for each would not be one to one";
  EXPECT_THAT(AssignOptimally(Costs{{1, 2}, {1, 9}}, 3), ElementsAre(1, 0));
  EXPECT_THAT(AssignOptimally(Costs{{4, 9}}, 3), ElementsAre(std::nullopt));
  EXPECT_THAT(AssignOptimally(Costs{{5}, {2}, {4}}, 10),
              ElementsAre(std::nullopt, 0, std::nullopt));
  EXPECT_THAT(AssignOptimally(Costs{{}, {}}, 10), ElementsAre(std::nullopt, std::nullopt));
  EXPECT_THAT(AssignOptimally({}, 10), IsEmpty());
  EXPECT_THAT(AssignOptimally(Costs{{7, 5, 3}, {8, 1, 9}, {2, 6, 4}}, 10), ElementsAre(2, 1, 0));
}

TEST(MatchPrior, GivesIdentifierAndEarlierSize) {
  const PriorFindings prior = PriorOf({NodeAt(1, 60, 80, 30, 6), NodeAt(2, 140, 90, 20, 7)});
  const EarlierFinding finding = OnlyFinding(NodeAt(1, 143, 92, 21, 9), prior);
  EXPECT_EQ(finding.state, EarlierState::kMatched);
  EXPECT_EQ(finding.identifier, "LN-2");
  EXPECT_EQ(finding.short_axis_mm, 7);
  EXPECT_EQ(finding.reason, "");
}

TEST(MatchPrior, FollowsTheAlignment) {
  Registration moved;
  moved.current_to_prior.shift = {30, -20, 10};
  const auto findings =
      MatchPrior({NodeAt(1, 140, 90, 20)}, Grid(), PriorOf({NodeAt(4, 170, 70, 25)}), moved);
  EXPECT_EQ(findings.at(0).identifier, "LN-4");
}

TEST(MatchPrior, AnUnreportedAnalysisHasNoIdentifiersAndNotEveryNodeWasMeasured) {
  PriorFindings prior = PriorOf({NodeAt(1, 140, 90, 20)});
  prior.reported = false;
  prior.nodes[0].short_axis.reset();
  const EarlierFinding finding = OnlyFinding(NodeAt(1, 140, 90, 20), prior);
  EXPECT_EQ(finding.state, EarlierState::kMatched);
  EXPECT_EQ(finding.identifier, "");
  EXPECT_FALSE(finding.short_axis_mm);
}

TEST(MatchPrior, IsUnsureAndSaysWhy) {
  const LymphNode node = NodeAt(1, 140, 90, 20);
  const auto doubt = [&](std::vector<LymphNode> earlier) {
    const EarlierFinding finding = OnlyFinding(node, PriorOf(std::move(earlier)));
    EXPECT_EQ(finding.state, EarlierState::kUnsure);
    EXPECT_FALSE(finding.short_axis_mm);
    EXPECT_EQ(finding.identifier, "");
    return finding.reason;
  };
  EXPECT_THAT(doubt({NodeAt(1, 152, 90, 20)}), HasSubstr("lies 12 mm away, limit 10 mm"));
  EXPECT_THAT(doubt({NodeAt(1, 142, 90, 20), NodeAt(2, 140, 96, 20)}),
              HasSubstr("two earlier lymph nodes are near, 2 mm and 6 mm away"));
  EXPECT_THAT(doubt({NodeAt(1, 140, 90, 20, 3.5)}), HasSubstr("factor of 2.3, limit 2.0"));
  EXPECT_THAT(doubt({NodeAt(1, 140, 90, 20, 17)}), HasSubstr("factor of 2.1, limit 2.0"));
  LymphNode other_side = NodeAt(1, 140, 90, 20);
  other_side.side = Side::kRight;
  EXPECT_THAT(doubt({other_side}), HasSubstr("other side"));
}

TEST(MatchPrior, IsUnsureWhereTwoNodesShareAnEarlierOne) {
  const auto findings = MatchPrior({NodeAt(1, 140, 90, 20), NodeAt(2, 146, 90, 20)},
                                   Grid(),
                                   PriorOf({NodeAt(1, 142, 90, 20)}),
                                   {});
  EXPECT_THAT(findings.at(0).reason, HasSubstr("may be LN-2 as well, 2 mm and 4 mm away"));
  EXPECT_THAT(findings.at(1).reason, HasSubstr("4 mm away fits another one better"));
}

TEST(MatchPrior, SaysNotSeenOnlyWhereThePlaceWasAnalysed) {
  PriorFindings prior = PriorOf({NodeAt(1, 60, 90, 20)});
  EXPECT_EQ(OnlyFinding(NodeAt(1, 140, 90, 20), prior).state, EarlierState::kNotSeen);
  prior.first_slice = 19;
  const EarlierFinding outside = OnlyFinding(NodeAt(1, 140, 90, 20), prior);
  EXPECT_EQ(outside.state, EarlierState::kUnsure);
  EXPECT_THAT(outside.reason, HasSubstr("was not analysed in the earlier study"));
  prior.first_slice = 0;
  EXPECT_EQ(OnlyFinding(NodeAt(1, 197, 90, 20), prior).state, EarlierState::kUnsure);
}

TEST(MatchPrior, ConcludesNothingFromADoubtfulAlignment) {
  Registration doubtful;
  doubtful.doubt = "why";
  const auto findings = MatchPrior({NodeAt(1, 140, 90, 20), NodeAt(2, 60, 90, 20)},
                                   Grid(),
                                   PriorOf({NodeAt(1, 140, 90, 20)}),
                                   doubtful);
  for (const EarlierFinding& finding : findings) {
    EXPECT_EQ(finding.state, EarlierState::kUnsure);
    EXPECT_THAT(finding.reason, HasSubstr("could not be aligned reliably"));
  }
}

}  // namespace
}  // namespace necknode::pipeline
