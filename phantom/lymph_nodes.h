#pragma once

#include <array>
#include <string>
#include <vector>

#include "core/geometry.h"
#include "phantom/patient.h"
#include "phantom/phantom.h"

namespace necknode::phantom {

/// One lymph node as a shape and a texture. Lengths in mm, directions in patient coordinates.
struct NodeModel {
  int id = 0;
  bool malignant = false;
  Side side = Side::kNotDetermined;
  std::string level;
  Vec3 centre;
  double half_long = 4, half_short = 3, half_z = 5;  ///< axial half axes and half height
  double cosine = 1, sine = 0;                       ///< of the axial long axis against x
  double lean_x = 0, lean_y = 0;                     ///< shift of the axial centre per mm of z
  double lobulation = 0.06;                          ///< relative amplitude of the outline's bumps
  float phase = 0;                                   ///< shifts the noise

  float hu = 90;          ///< of the solid part
  float hilum_hu = 0;     ///< of a fatty hilum's centre
  float hilum = 0;        ///< half width of the hilum against the node, 0: none
  float hilum_shift = 0;  ///< along the short axis, against the node
  float unevenness = 0;   ///< HU, standard deviation of a patchy enhancement
  float patch_mm = 2;     ///< size of its patches
  float cyst_hu = 20, rim_hu = 120;
  struct Ball {
    double u, v, w, radius;  ///< against the node's half axes; radius in mm for specks, against the
                             ///< node for cysts
  };
  std::vector<Ball> cysts, specks;
  float speck_hu = 400;

  /// Signed distance (mm) to the surface, positive inside; `texture_hu` is set where the result is
  /// above -1.
  [[nodiscard]] float DistanceAt(const Vec3& patient, float* texture_hu) const;
  [[nodiscard]] double Reach()
      const;  ///< no part is farther than this from the centre in the axial plane
};

/// Chooses shape and texture of a node of the class: the distributions that truth and tests rest
/// on.
[[nodiscard]] NodeModel DrawNode(bool malignant, class Random& random);

/// Draws the patient's nodes and finds a place for each in the fat of its level, clear of bone,
/// airway, vessels, glands and each other. May place fewer than asked for where there is no room.
[[nodiscard]] std::vector<NodeModel> PlaceNodes(const PhantomOptions& options,
                                                const Patient& patient);

}  // namespace necknode::phantom
