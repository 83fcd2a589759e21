#include "pipeline/match_prior.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>

#include "pipeline/decimal.h"
#include "pipeline/optimal_assignment.h"

namespace necknode::pipeline {
namespace {

constexpr double kMaxDistanceMm = 10;
constexpr double kReachMm = 15;    // farther apart two nodes are never thought to be one
constexpr double kRunnerUpMm = 5;  // how much farther off another candidate must be
constexpr double kMaxRatio = 2;    // of the sizes, either way
constexpr double kInsideMm = 5;    // from the edge of what was analysed

std::string Mm(double value) { return Decimal(value, 0) + " mm"; }

// Mean of the key box's sides.
double BoxSizeMm(const LymphNode& node, const VolumeGrid& grid) {
  const Box& box = node.KeyBox().box;
  return (box.Width() * grid.column_spacing_mm + box.Height() * grid.row_spacing_mm) / 2;
}

bool Analysed(const Vec3& place, const PriorFindings& prior) {
  const VolumeGrid& grid = prior.grid;
  const Vec3 d = place - grid.first.position;
  const auto inside = [](double at_mm, double first_mm, double last_mm) {
    return at_mm >= first_mm + kInsideMm && at_mm <= last_mm - kInsideMm;
  };
  return inside(Dot(d, grid.first.row_direction), 0, (grid.columns - 1) * grid.column_spacing_mm) &&
         inside(Dot(d, grid.first.column_direction), 0, (grid.rows - 1) * grid.row_spacing_mm) &&
         inside(Dot(d, grid.first.Normal()),
                prior.first_slice * grid.slice_spacing_mm,
                prior.last_slice * grid.slice_spacing_mm);
}

bool OtherSide(Side a, Side b) {
  return (a == Side::kLeft && b == Side::kRight) || (a == Side::kRight && b == Side::kLeft);
}

class Matcher {
 public:
  Matcher(const std::vector<LymphNode>& nodes,
          const VolumeGrid& grid,
          const PriorFindings& prior,
          const RigidTransform& transform)
      : nodes_(nodes), grid_(grid), prior_(prior) {
    std::vector<Vec3> earlier;
    for (const LymphNode& node : prior.nodes)
      earlier.push_back(CentreOf(node, prior.grid));
    for (const LymphNode& node : nodes) {
      places_.push_back(transform.Apply(CentreOf(node, grid)));
      std::vector<double>& row = distances_mm_.emplace_back();
      for (const Vec3& other : earlier)
        row.push_back(Norm(places_.back() - other));
    }
    assigned_ = AssignOptimally(distances_mm_, kReachMm);
  }

  [[nodiscard]] EarlierFinding Find(std::size_t i) const {
    EarlierFinding finding;
    finding.reason = assigned_[i] ? Doubt(i, *assigned_[i]) : DoubtAlone(i);
    if (!finding.reason.empty())
      return finding;
    if (!assigned_[i]) {
      finding.state = EarlierState::kNotSeen;
      return finding;
    }
    const LymphNode& earlier = prior_.nodes[*assigned_[i]];
    finding.state = EarlierState::kMatched;
    if (prior_.reported)
      finding.identifier = earlier.Identifier();
    if (earlier.short_axis)
      finding.short_axis_mm = earlier.short_axis->length_mm;
    return finding;
  }

 private:
  [[nodiscard]] std::string Doubt(std::size_t i, std::size_t j) const {
    const double distance = distances_mm_[i][j];
    if (distance > kMaxDistanceMm) {
      return "the nearest earlier lymph node lies " + Mm(distance) + " away, limit " +
             Mm(kMaxDistanceMm);
    }
    for (std::size_t k = 0; k < prior_.nodes.size(); ++k) {
      if (k != j && distances_mm_[i][k] < distance + kRunnerUpMm)
        return "two earlier lymph nodes are near, " + Mm(distance) + " and " +
               Mm(distances_mm_[i][k]) + " away";
    }
    for (std::size_t k = 0; k < nodes_.size(); ++k) {
      if (k != i && distances_mm_[k][j] < distance + kRunnerUpMm)
        return "the earlier lymph node may be " + nodes_[k].Identifier() + " as well, " +
               Mm(distance) + " and " + Mm(distances_mm_[k][j]) + " away";
    }
    const LymphNode& earlier = prior_.nodes[j];
    if (OtherSide(nodes_[i].side, earlier.side))
      return "the nearest earlier lymph node was on the other side";
    const double ratio = SizeRatio(nodes_[i], earlier);
    if (ratio > kMaxRatio || ratio * kMaxRatio < 1) {
      return "the nearest earlier lymph node differs in size by a factor of " +
             Decimal(std::max(ratio, 1 / ratio), 1) + ", limit " + Decimal(kMaxRatio, 1);
    }
    return {};
  }

  [[nodiscard]] std::string DoubtAlone(std::size_t i) const {
    for (const double distance : distances_mm_[i]) {
      if (distance <= kMaxDistanceMm)
        return "the earlier lymph node " + Mm(distance) + " away fits another one better";
    }
    return Analysed(places_[i], prior_) ? "" : "its place was not analysed in the earlier study";
  }

  [[nodiscard]] double SizeRatio(const LymphNode& node, const LymphNode& earlier) const {
    if (node.short_axis && earlier.short_axis)
      return node.short_axis->length_mm / earlier.short_axis->length_mm;
    return BoxSizeMm(node, grid_) / BoxSizeMm(earlier, prior_.grid);
  }

  const std::vector<LymphNode>& nodes_;
  const VolumeGrid& grid_;
  const PriorFindings& prior_;
  std::vector<Vec3> places_;  // in the earlier study's coordinates
  std::vector<std::vector<double>> distances_mm_;
  std::vector<std::optional<std::size_t>> assigned_;
};

}  // namespace

Vec3 CentreOf(const LymphNode& node, const VolumeGrid& grid) {
  Vec3 sum;
  double weight = 0;
  for (const NodeBox& box : node.boxes) {
    // Pixel edges to pixel centres.
    sum = sum + grid.ToPatient(box.box.CentreX() - 0.5, box.box.CentreY() - 0.5, box.slice) *
                    box.box.Area();
    weight += box.box.Area();
  }
  return weight > 0 ? sum * (1 / weight) : grid.ToPatient(0, 0, node.key_slice);
}

std::vector<EarlierFinding> MatchPrior(const std::vector<LymphNode>& nodes,
                                       const VolumeGrid& grid,
                                       const PriorFindings& prior,
                                       const Registration& registration) {
  std::vector<EarlierFinding> findings;
  if (!registration.doubt.empty()) {
    EarlierFinding unsure;
    unsure.reason = "the studies could not be aligned reliably";
    findings.assign(nodes.size(), unsure);
    return findings;
  }
  const Matcher matcher(nodes, grid, prior, registration.current_to_prior);
  for (std::size_t i = 0; i < nodes.size(); ++i)
    findings.push_back(matcher.Find(i));
  return findings;
}

}  // namespace necknode::pipeline
