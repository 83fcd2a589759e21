#pragma once

#include <cmath>
#include <string>

#include "dicom_io/volume_reader.h"

namespace necknode::tests {

/// A neck of the simplest kind: an ellipse of soft tissue with a trachea, on a thin table, at 1 mm
/// pixels.
struct NeckScene {
  int size = 256, slices = 40;
  double slice_mm = 2;
  double middle_x = 128;  ///< column of the neck's midline
  double half_width = 60, half_depth = 50;
  bool airway = true;
  bool table = true;
  bool shoulders_cut_off = false;  ///< slices 0 to 9 are wider than the image
};

inline dicom_io::CtVolume DrawNeck(const NeckScene& scene) {
  VolumeGrid grid;
  grid.columns = grid.rows = scene.size;
  grid.slices = scene.slices;
  grid.column_spacing_mm = grid.row_spacing_mm = 1;
  grid.slice_spacing_mm = scene.slice_mm;
  grid.first = {{-128, -128, 0}, {1, 0, 0}, {0, 1, 0}};
  dicom_io::CtVolume ct;
  ct.volume = Volume(grid);
  for (int z = 0; z < scene.slices; ++z) {
    const double half_width =
        scene.shoulders_cut_off && z < 10 ? 2.0 * scene.size : scene.half_width;
    for (int y = 0; y < scene.size; ++y) {
      for (int x = 0; x < scene.size; ++x) {
        const double u = (x - scene.middle_x) / half_width, v = (y - 120) / scene.half_depth;
        std::int16_t hu = -1000;
        if (u * u + v * v <= 1)
          hu = 40;
        if (scene.airway && std::hypot(x - scene.middle_x, y - 100) <= 8)
          hu = -1000;
        if (scene.table && y >= 180 && y <= 182)
          hu = 200;
        ct.volume.At(x, y, z) = hu;
      }
    }
    dicom_io::SliceEvidence slice;
    slice.header.sop_class_uid = Uid("1.2.840.10008.5.1.4.1.1.2");
    slice.header.sop_instance_uid = Uid("1.2.3." + std::to_string(z + 1));
    slice.header.series_instance_uid = Uid("1.2.3.1000");
    slice.header.study_instance_uid = Uid("1.2.3.2000");
    slice.header.patient_name = PatientText("CANARY^NAME");
    slice.header.patient_id = PatientText("CANARYID");
    slice.header.patient_age = "047Y";
    slice.header.study_date = "20260102";
    slice.header.slice_thickness = scene.slice_mm;
    slice.header.contrast_bolus_agent = "Iomeprol";
    slice.header.acquisition_date_time = "20260102101112.5";
    ct.slices.push_back(slice);
  }
  ct.analysis_digest = std::string(64, 'a');
  return ct;
}

}  // namespace necknode::tests
