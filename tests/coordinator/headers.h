#pragma once

#include <string>
#include <vector>

#include "core/instance_header.h"

namespace necknode::tests {

/// An axial neck CT series of 2 mm slices, as index rows see it.
inline std::vector<InstanceHeader> AxialSeries(const std::string& series,
                                               int slices,
                                               int number = 2) {
  std::vector<InstanceHeader> headers;
  for (int i = 0; i < slices; ++i) {
    InstanceHeader header;
    header.transfer_syntax_uid = Uid("1.2.840.10008.1.2.1");
    header.sop_class_uid = Uid("1.2.840.10008.5.1.4.1.1.2");
    header.sop_instance_uid = Uid(series + "." + std::to_string(i + 1));
    header.study_instance_uid = Uid("1.2.3");
    header.series_instance_uid = Uid(series);
    header.patient_id = PatientText("P1");
    header.modality = "CT";
    header.image_type = {"ORIGINAL", "PRIMARY", "AXIAL"};
    header.series_number = number;
    header.instance_number = i + 1;
    header.rows = 512;
    header.columns = 512;
    header.image_position = Vec3{-100, -100, 2.0 * i};
    header.image_orientation = {1, 0, 0, 0, 1, 0};
    header.pixel_spacing = {0.45, 0.45};
    header.slice_thickness = 2.0;
    header.contrast_bolus_agent = "contrast";
    headers.push_back(header);
  }
  return headers;
}

}  // namespace necknode::tests
