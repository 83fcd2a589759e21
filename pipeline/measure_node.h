#pragma once

#include <array>
#include <vector>

#include "core/lymph_node.h"
#include "core/volume.h"
#include "pipeline/ray_contour.h"

namespace necknode::pipeline {

/// Length and ends of the two diameters of a contour, mm in its slice.
struct Axes {
  double long_mm = 0, short_mm = 0;
  std::array<PlanePoint, 2> long_ends{}, short_ends{};
};

/// Long axis: the greatest distance between two points of the contour (Feret). Short axis: the
/// longest chord inside the contour at a right angle to it, as RECIST 1.1 measures lymph nodes
/// (Eisenhauer 2009; van Persijn 2010).
[[nodiscard]] Axes AxesOf(const std::vector<PlanePoint>& polygon);

/// Area enclosed by a polygon, mm2.
[[nodiscard]] double AreaOf(const std::vector<PlanePoint>& polygon);

/// Measures the node in the volume: short and long axis on the key slice, volume, texture
/// (node_texture.h). Needs
/// `boxes` and `key_slice`. Where the contour cannot be trusted nothing is set but
/// `not_measured_reason`; where it can, volume or mean HU may still be absent (a neighbouring slice
/// without a clear contour, a node too small).
///
/// Accuracy on 480 synthetic ellipses of 5 to 10 mm short axis in fat, at a vessel and on muscle:
/// short axis bias below 0.1 mm, rms 0.2 mm, worst 0.7 mm; long axis 0.2 to 0.4 mm too short;
/// volume 5 to 8% too small. On the 97 nodes of 12 phantoms: 82% measured, short axis bias -0.4 mm,
/// rms 0.6 mm, worst 1.4 mm. Patients are harder. Cystic nodes on muscle are the known failure:
/// mostly "not measured", at times too large.
void MeasureNode(const Volume& volume, LymphNode& node);

}  // namespace necknode::pipeline
