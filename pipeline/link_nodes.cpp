#include "pipeline/link_nodes.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <numeric>
#include <string>
#include <tuple>
#include <utility>

#include "core/error.h"

namespace necknode::pipeline {
namespace {

// The rules are our own and untuned on patients: between those of nnDetection (IoU 0.1 to 0.5) and
// the IoU tracker of Bochinski 2017 (IoU 0.5, two frames, no gap).
constexpr double kSuppressIou = 0.5;  // above: the same node twice on one slice
constexpr double kLinkIou = 0.3;      // boxes of neighbouring slices that belong together
constexpr double kLinkContained =
    0.6;  // or so much of the smaller one lies in the larger: a node's pole
constexpr double kBridgeMm =
    3.0;  // slices without a box that are bridged: one, or as many as fit in this
constexpr double kBridgeDistanceMm =
    6.0;  // between the centres of the boxes on both sides of the gap
constexpr double kSplitAreaRatio =
    0.5;  // a waist below this share of the smaller peak parts two nodes
constexpr double kSplitPeaksMm = 4.0;  // if the peaks are at least so far apart
constexpr double kSplitJump = 0.5;  // of the wider box's width: the centre moves on to another node
constexpr double kMinExtentMm = 3.0;  // thinner than this on several slices is noise
constexpr int kMinBoxes = 2;
constexpr double kSingleBoxSpacingMm =
    3.0;                                 // from this slice spacing on, one box may be a whole node
constexpr double kSingleBoxScore = 0.8;  // if the detector is as sure as this
constexpr std::size_t kBestBoxes = 3;    // whose mean score is the node's

using Track = std::vector<NodeBox>;  // ascending slice

double CentreDistance(const Box& a, const Box& b, double column_mm, double row_mm) {
  return std::hypot((a.CentreX() - b.CentreX()) * column_mm, (a.CentreY() - b.CentreY()) * row_mm);
}

// Class-agnostic non-maximum suppression; what is left keeps the order of best score first.
std::vector<NodeBox> Suppress(std::vector<Detection> slice) {
  std::ranges::stable_sort(slice, std::greater{}, &Detection::score);
  std::vector<NodeBox> kept;
  for (const Detection& candidate : slice) {
    const bool doubled = std::ranges::any_of(kept, [&](const NodeBox& better) {
      return IntersectionOverUnion(better.box, candidate.box) > kSuppressIou;
    });
    if (!doubled && candidate.box.Area() > 0) {
      kept.push_back(
          {candidate.slice, candidate.box, candidate.score, candidate.malignant_logit, false});
    }
  }
  return kept;
}

// Pairs of (track, box) in order of preference, taken one to one.
struct Pair {
  double cost = 0;  // lower is better
  std::size_t left = 0, right = 0;
};
std::vector<Pair> MatchOneToOne(std::vector<Pair> pairs, std::size_t lefts, std::size_t rights) {
  std::ranges::sort(pairs, {}, [](const Pair& p) { return std::tuple(p.cost, p.left, p.right); });
  std::vector<bool> left_taken(lefts), right_taken(rights);
  std::vector<Pair> matched;
  for (const Pair& pair : pairs) {
    if (left_taken[pair.left] || right_taken[pair.right])
      continue;
    left_taken[pair.left] = right_taken[pair.right] = true;
    matched.push_back(pair);
  }
  return matched;
}

std::vector<Track> LinkNeighbours(const std::vector<std::vector<NodeBox>>& slices) {
  std::vector<Track> tracks;
  std::vector<std::size_t> open;  // tracks that reach the slice before
  for (const std::vector<NodeBox>& boxes : slices) {
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < open.size(); ++i) {
      const Box& before = tracks[open[i]].back().box;
      for (std::size_t j = 0; j < boxes.size(); ++j) {
        const double iou = IntersectionOverUnion(before, boxes[j].box);
        const double smaller = std::min(before.Area(), boxes[j].box.Area());
        const double contained = IntersectionArea(before, boxes[j].box) / smaller;
        if (iou >= kLinkIou || contained >= kLinkContained)
          pairs.push_back({-iou, i, j});
      }
    }
    constexpr std::size_t kNew = static_cast<std::size_t>(-1);
    std::vector<std::size_t> now(boxes.size(), kNew);
    for (const Pair& pair : MatchOneToOne(std::move(pairs), open.size(), boxes.size())) {
      now[pair.right] = open[pair.left];
    }
    for (std::size_t j = 0; j < boxes.size(); ++j) {
      if (now[j] == kNew) {
        now[j] = tracks.size();
        tracks.emplace_back();
      }
      tracks[now[j]].push_back(boxes[j]);
    }
    open = std::move(now);
  }
  return tracks;
}

NodeBox Interpolate(const NodeBox& a, const NodeBox& b, int slice) {
  const double t = static_cast<double>(slice - a.slice) / (b.slice - a.slice);
  NodeBox between;
  between.slice = slice;
  between.box = {std::lerp(a.box.x0, b.box.x0, t),
                 std::lerp(a.box.y0, b.box.y0, t),
                 std::lerp(a.box.x1, b.box.x1, t),
                 std::lerp(a.box.y1, b.box.y1, t)};
  between.score = (a.score + b.score) / 2;
  between.malignant_logit = (a.malignant_logit + b.malignant_logit) / 2;
  between.interpolated = true;
  return between;
}

std::vector<Track> BridgeGaps(std::vector<Track> tracks, const VolumeGrid& grid) {
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    for (std::size_t j = 0; j < tracks.size(); ++j) {
      const NodeBox &end = tracks[i].back(), &start = tracks[j].front();
      const int missing = start.slice - end.slice - 1;
      if (missing < 1 || (missing > 1 && missing * grid.slice_spacing_mm > kBridgeMm))
        continue;
      const double apart =
          CentreDistance(end.box, start.box, grid.column_spacing_mm, grid.row_spacing_mm);
      // The shorter gap first; kBridgeDistanceMm is more than any distance that still counts within
      // one gap length.
      if (apart <= kBridgeDistanceMm)
        pairs.push_back({missing * 2 * kBridgeDistanceMm + apart, i, j});
    }
  }
  std::vector<std::size_t> next(tracks.size(), tracks.size());
  std::vector<bool> continued(tracks.size());
  for (const Pair& pair : MatchOneToOne(std::move(pairs), tracks.size(), tracks.size())) {
    next[pair.left] = pair.right;
    continued[pair.right] = true;
  }
  std::vector<Track> bridged;
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    if (continued[i])
      continue;
    Track whole = tracks[i];
    for (std::size_t j = next[i]; j < tracks.size(); j = next[j]) {
      const NodeBox end = whole.back(), start = tracks[j].front();
      for (int slice = end.slice + 1; slice < start.slice; ++slice)
        whole.push_back(Interpolate(end, start, slice));
      whole.insert(whole.end(), tracks[j].begin(), tracks[j].end());
    }
    bridged.push_back(std::move(whole));
  }
  return bridged;
}

// Index of the first box of a second node in the track, or 0 where the track is one node.
std::size_t SplitPoint(const Track& track, const VolumeGrid& grid) {
  for (std::size_t i = 1; i < track.size(); ++i) {
    const Box &a = track[i - 1].box, &b = track[i].box;
    if (std::hypot(a.CentreX() - b.CentreX(), a.CentreY() - b.CentreY()) >
        kSplitJump * std::max(a.Width(), b.Width())) {
      return i;
    }
  }
  std::size_t waist = 0;
  double deepest = kSplitAreaRatio;
  const auto area_less = [](const NodeBox& a, const NodeBox& b) {
    return a.box.Area() < b.box.Area();
  };
  for (std::size_t i = 1; i + 1 < track.size(); ++i) {
    const auto here = track.begin() + static_cast<std::ptrdiff_t>(i);
    const auto before = std::max_element(track.begin(), here, area_less);
    const auto after = std::max_element(here + 1, track.end(), area_less);
    const double apart_mm = (after->slice - before->slice) * grid.slice_spacing_mm;
    const double ratio = here->box.Area() / std::min(before->box.Area(), after->box.Area());
    if (apart_mm >= kSplitPeaksMm && ratio < deepest) {
      deepest = ratio;
      waist = i;
    }
  }
  if (waist == 0)
    return 0;
  // The waist's own box goes to the side that it covers better.
  const double below = IntersectionOverUnion(track[waist - 1].box, track[waist].box);
  const double above = IntersectionOverUnion(track[waist].box, track[waist + 1].box);
  return below >= above ? waist + 1 : waist;
}

void SplitInto(Track track, const VolumeGrid& grid, std::vector<Track>& parts) {
  while (!track.empty() && track.back().interpolated)
    track.pop_back();
  track.erase(track.begin(), std::ranges::find(track, false, &NodeBox::interpolated));
  if (track.empty())
    return;
  const std::size_t at = SplitPoint(track, grid);
  if (at == 0) {
    parts.push_back(std::move(track));
    return;
  }
  const auto cut = track.begin() + static_cast<std::ptrdiff_t>(at);
  SplitInto(Track(track.begin(), cut), grid, parts);
  SplitInto(Track(cut, track.end()), grid, parts);
}

bool IsKept(const Track& track, const VolumeGrid& grid) {
  const auto found = std::ranges::count(track, false, &NodeBox::interpolated);
  const double extent_mm = static_cast<double>(track.size()) * grid.slice_spacing_mm;
  if (found >= kMinBoxes && extent_mm >= kMinExtentMm)
    return true;
  return found == 1 && grid.slice_spacing_mm >= kSingleBoxSpacingMm &&
         track.front().score >= kSingleBoxScore;
}

LymphNode MakeNode(Track track) {
  LymphNode node;
  std::vector<double> scores;
  const NodeBox* key = nullptr;
  for (const NodeBox& box : track) {
    if (box.interpolated)
      continue;
    scores.push_back(box.score);
    if (key == nullptr ||
        std::pair(box.box.Area(), box.score) > std::pair(key->box.Area(), key->score))
      key = &box;
  }
  std::ranges::sort(scores, std::greater{});
  scores.resize(std::min(scores.size(), kBestBoxes));
  node.detection_score =
      std::accumulate(scores.begin(), scores.end(), 0.0) / static_cast<double>(scores.size());
  node.key_slice = key->slice;
  node.boxes = std::move(track);
  return node;
}

}  // namespace

std::vector<LymphNode> LinkNodes(const std::vector<Detection>& detections, const VolumeGrid& grid) {
  std::vector<std::vector<Detection>> found(static_cast<std::size_t>(std::max(0, grid.slices)));
  for (const Detection& detection : detections) {
    if (detection.slice < 0 || detection.slice >= grid.slices) {
      throw Error(ErrorCode::kInvalidArgument,
                  "a detection lies on slice " + std::to_string(detection.slice) +
                      " of a volume of " + std::to_string(grid.slices));
    }
    found[static_cast<std::size_t>(detection.slice)].push_back(detection);
  }
  std::vector<std::vector<NodeBox>> slices;
  slices.reserve(found.size());
  for (std::vector<Detection>& slice : found)
    slices.push_back(Suppress(std::move(slice)));

  std::vector<LymphNode> nodes;
  for (Track& track : BridgeGaps(LinkNeighbours(slices), grid)) {
    std::vector<Track> parts;
    SplitInto(std::move(track), grid, parts);
    for (Track& part : parts) {
      if (IsKept(part, grid))
        nodes.push_back(MakeNode(std::move(part)));
    }
  }
  std::ranges::stable_sort(nodes, {}, [](const LymphNode& node) {
    const NodeBox& first = node.boxes.front();
    return std::tuple(first.slice, first.box.y0, first.box.x0);
  });
  return nodes;
}

double NodeLogit(const LymphNode& node) {
  double sum = 0, weights = 0;
  for (const NodeBox& box : node.boxes) {
    if (box.interpolated)
      continue;
    const double weight = box.score * box.box.Area();
    sum += weight * box.malignant_logit;
    weights += weight;
  }
  return weights > 0 ? sum / weights : 0;
}

}  // namespace necknode::pipeline
