#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/assessment.h"
#include "core/volume.h"
#include "sr_writer/coronal_projection.h"

namespace necknode::sr_writer {

/// First and last analysed slice, inclusive; all slices where the run names none.
[[nodiscard]] std::pair<int, int> AnalysedRange(const Assessment& assessment,
                                                const VolumeGrid& grid);

/// The view that shows the slices of `range`: of the field of view, from right to left, the body
/// and all nodes; of both directions what fits some 440 x 640 pixels.
[[nodiscard]] CoronalView ViewOf(const Assessment& assessment,
                                 const Volume& volume,
                                 std::pair<int, int> range);

/// A node's place in the picture and where its label goes.
struct Mark {
  const LymphNode* node = nullptr;
  int x0 = 0, y0 = 0, x1 = 0, y1 = 0;  ///< of the frame, within the projection
  std::string label;
  int label_y = 0;  ///< top of the label, from the top of the labels' column
  [[nodiscard]] int MiddleY() const { return (y0 + y1) / 2; }
};
/// The frame lies outside the node, and is never too small to be seen.
[[nodiscard]] Mark MarkOf(const LymphNode& node, const VolumeGrid& grid, const CoronalView& view);

/// Places the labels of one side, `line` pixels high, one below the other within `rows`, each as
/// near to its node's height as the others let it. The projection begins at `panel_top`.
void StackLabels(std::vector<Mark>& marks, int line, int rows, int panel_top);

}  // namespace necknode::sr_writer
