#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/geometry.h"
#include "core/patient_text.h"
#include "core/uid.h"

namespace necknode {

/// The top-level attributes of one received SOP Instance that index, completeness and series
/// selection need. Text is as received, in the instance's own Specific Character Set; absent or
/// empty attributes are empty or nullopt.
struct InstanceHeader {
  Uid transfer_syntax_uid;  ///< of the stored bytes
  Uid sop_class_uid;
  Uid sop_instance_uid;
  Uid study_instance_uid;
  Uid series_instance_uid;
  Uid frame_of_reference_uid;

  PatientText patient_id;
  PatientText issuer_of_patient_id;
  PatientText patient_name;
  PatientText patient_birth_date;
  PatientText accession_number;
  std::string patient_age;             ///< AS, e.g. "047Y"
  std::string specific_character_set;  ///< all values, joined by backslash

  std::string study_date, study_time;  ///< DA, TM
  std::string study_description, series_description;
  std::string modality;
  std::vector<std::string> image_type;
  std::string manufacturer, manufacturer_model_name;
  std::string body_part_examined;
  std::string convolution_kernel;
  std::string contrast_bolus_agent;
  std::string acquisition_date_time;  ///< (0008,002A), else date and time joined
  bool lossy = false;                 ///< (0028,2110) is "01"

  std::optional<int> series_number, instance_number, acquisition_number;
  std::optional<int> rows, columns, number_of_frames;
  std::optional<Vec3> image_position;                      ///< mm
  std::optional<std::array<double, 6>> image_orientation;  ///< direction cosines, row then column
  std::optional<std::array<double, 2>> pixel_spacing;      ///< mm: between rows, between columns
  std::optional<double> slice_thickness, spacing_between_slices;  ///< mm
  std::optional<double> gantry_tilt;                              ///< degrees
};

/// True for objects that count as images for completeness: those with rows and columns, but for
/// Secondary Captures (PS3.4 B.5). Reports, presentation states, key object selections and dose
/// reports have none.
[[nodiscard]] bool IsImage(const InstanceHeader& header);

}  // namespace necknode
