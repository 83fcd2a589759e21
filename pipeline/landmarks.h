#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/volume.h"

namespace necknode::pipeline {

/// The cervical spine on one slice, in the patient's coordinates, mm.
struct SpinePlace {
  double midline_x = 0;
  double front_y = 0;   ///< front of the vertebral bodies
  double centre_y = 0;  ///< their middle
};

/// What divides the neck into levels, found in the volume. Heights are patient z of the plane in
/// mm; absent: not found, or not plausible.
struct Landmarks {
  std::optional<double> skull_base_z;  ///< lowest slice with a cranial cavity
  std::optional<double> hyoid_z;       ///< lower border of the hyoid's body
  std::optional<double> cricoid_z;    ///< lower border of the cricoid's arch: a guess, see the code
  std::optional<double> manubrium_z;  ///< upper border of the manubrium
  double lowest_z = 0;                ///< of the volume's slices
  std::vector<std::optional<SpinePlace>> spine;  ///< one per slice of the volume
  std::vector<std::optional<double>> airway_y;   ///< middle of the airway, one per slice
};

/// Finds the landmarks of an axial CT of the neck; of any other volume nothing. The methods are our
/// own (none is published for plain rules); docs/measurements.md says how well they do on phantoms.
/// On real CT they are not measured: carotids, sternocleidomastoid and glands are not looked for,
/// since plain thresholds do not find them reliably.
[[nodiscard]] Landmarks FindLandmarks(const Volume& volume);

}  // namespace necknode::pipeline
