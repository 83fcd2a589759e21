#include "pipeline/result_json.h"

#include <cmath>
#include <cstddef>
#include <string_view>

#include <nlohmann/json.hpp>

namespace necknode::pipeline {
namespace {

using Json = nlohmann::ordered_json;

// The double nearest to the decimal, so that 0.3 is not printed as 0.30000000000000004.
double Digits(double value, int digits) {
  const double scale = std::pow(10.0, digits);
  return std::round(value * scale) / scale;
}

Json Direction(const Vec3& v, int digits) {
  return Json::array({Digits(v.x, digits), Digits(v.y, digits), Digits(v.z, digits)});
}

Json Model(const ModelIdentity& model) {
  return {{"package", model.package},
          {"version", model.version},
          {"digest", model.digest},
          {"manufacturer", model.manufacturer},
          {"detector", model.detector},
          {"classifier", model.classifier},
          {"clinical", model.clinical},
          {"warning", model.warning}};
}

Json Series(const dicom_io::CtVolume& ct) {
  const VolumeGrid& grid = ct.volume.grid();
  const InstanceHeader& header = ct.slices.front().header;
  return {{"study_instance_uid", header.study_instance_uid.value()},
          {"series_instance_uid", header.series_instance_uid.value()},
          {"frame_of_reference_uid", header.frame_of_reference_uid.value()},
          {"rows", grid.rows},
          {"columns", grid.columns},
          {"slices", grid.slices},
          {"pixel_spacing_mm", {Digits(grid.row_spacing_mm, 6), Digits(grid.column_spacing_mm, 6)}},
          {"slice_spacing_mm", Digits(grid.slice_spacing_mm, 4)},
          {"first_position_mm", Direction(grid.first.position, 4)},
          {"row_direction", Direction(grid.first.row_direction, 6)},
          {"column_direction", Direction(grid.first.column_direction, 6)},
          {"notes", ct.notes}};
}

Json Axis(const std::optional<Diameter>& axis) {
  if (!axis)
    return nullptr;
  Json ends = Json::array();
  for (const double coordinate : axis->endpoints)
    ends.push_back(Digits(coordinate, 2));
  return {{"length_mm", Digits(axis->length_mm, 1)}, {"endpoints", ends}};
}

Json OptionalNumber(const std::optional<double>& value) {
  return value ? Json(Digits(*value, 0)) : Json(nullptr);
}

Json CompartmentName(Compartment compartment) {
  if (compartment == Compartment::kNotDetermined)
    return nullptr;
  return compartment == Compartment::kCentral ? "central" : "lateral";
}

Json Earlier(const std::optional<EarlierFinding>& earlier) {
  if (!earlier)
    return nullptr;
  const auto text = [](const std::string& value) {
    return value.empty() ? Json(nullptr) : Json(value);
  };
  return {{"state", ToString(earlier->state)},
          {"identifier", text(earlier->identifier)},
          {"short_axis_mm",
           earlier->short_axis_mm ? Json(Digits(*earlier->short_axis_mm, 1)) : Json(nullptr)},
          {"reason", text(earlier->reason)}};
}

Json ComparedWith(const std::optional<Comparison>& comparison) {
  if (!comparison)
    return nullptr;
  return {{"study_instance_uid", comparison->study_instance_uid.value()},
          {"quality", comparison->quality ? Json(Digits(*comparison->quality, 2)) : Json(nullptr)},
          {"earlier_nodes",
           comparison->earlier_nodes ? Json(*comparison->earlier_nodes) : Json(nullptr)},
          {"reason", comparison->reason.empty() ? Json(nullptr) : Json(comparison->reason)}};
}

Json Node(const LymphNode& node, const dicom_io::CtVolume& ct) {
  const InstanceHeader& key = ct.slices.at(static_cast<std::size_t>(node.key_slice)).header;
  Json boxes = Json::array();
  for (const NodeBox& box : node.boxes) {
    boxes.push_back({{"slice", box.slice},
                     {"box",
                      {Digits(box.box.x0, 2),
                       Digits(box.box.y0, 2),
                       Digits(box.box.x1, 2),
                       Digits(box.box.y1, 2)}},
                     {"score", Digits(box.score, 2)},
                     {"interpolated", box.interpolated}});
  }
  return {{"identifier", node.Identifier()},
          {"tracking_uid", node.tracking_uid.value()},
          {"score", Digits(node.detection_score, 2)},
          {"probability", Digits(node.probability, 2)},
          {"malignancy", ToString(node.malignancy)},
          {"side", ToString(node.side)},
          {"level", node.level.empty() ? Json(nullptr) : Json(node.level)},
          {"compartment", CompartmentName(node.GetCompartment())},
          {"key_slice", node.key_slice},
          {"key_sop_instance_uid", key.sop_instance_uid.value()},
          {"key_frame", ct.slices.at(static_cast<std::size_t>(node.key_slice)).frame},
          {"key_image_number", key.instance_number ? Json(*key.instance_number) : Json(nullptr)},
          {"short_axis", Axis(node.short_axis)},
          {"long_axis", Axis(node.long_axis)},
          {"volume_mm3", OptionalNumber(node.volume_mm3)},
          {"mean_hu", OptionalNumber(node.mean_hu)},
          {"cystic_fraction",
           node.cystic_fraction ? Json(Digits(*node.cystic_fraction, 2)) : Json(nullptr)},
          {"calcification_mm3", OptionalNumber(node.calcification_mm3)},
          {"fatty_hilum_seen", node.fatty_hilum},
          {"not_measured_reason",
           node.not_measured_reason.empty() ? Json(nullptr) : Json(node.not_measured_reason)},
          {"earlier", Earlier(node.earlier)},
          {"boxes", boxes}};
}

}  // namespace

std::string_view ToString(Outcome outcome) {
  switch (outcome) {
    case Outcome::kDone:
      return "done";
    case Outcome::kNotEligible:
      return "not_eligible";
    case Outcome::kFailed:
      return "failed";
    case Outcome::kSameContent:
      return "same_content";
  }
  return "unknown";
}

std::string ResultJson(const StudyResult& result,
                       const StudyOptions& options,
                       const dicom_io::CtVolume* ct) {
  const Assessment& assessment = result.assessment;
  const Thresholds& thresholds = assessment.thresholds;
  Json json;
  json["format"] = "necknode-result";
  json["format_version"] = kResultJsonVersion;
  json["software_version"] = options.software_version;
  json["outcome"] = ToString(result.outcome);
  json["reason"] = result.reason.empty() ? Json(nullptr) : Json(result.reason);
  // Of the same images there is no assessment: none may look like one without findings.
  json["status"] =
      result.outcome == Outcome::kSameContent ? Json(nullptr) : Json(ToString(assessment.status));
  json["broken_limits"] = assessment.broken_limits;
  json["model"] = Model(assessment.model);
  json["thresholds"] = {
      {"detection_score", Digits(thresholds.detection_score, 4)},
      {"malignant_probability", Digits(thresholds.malignant_probability, 4)},
      {"indeterminate",
       {Digits(thresholds.indeterminate_low, 4), Digits(thresholds.indeterminate_high, 4)}}};
  json["analysis_digest"] =
      result.analysis_digest.empty() ? Json(nullptr) : Json(result.analysis_digest);
  json["series"] = ct == nullptr ? Json(nullptr) : Series(*ct);
  json["analysed_slices"] = nullptr;
  if (assessment.last_slice >= assessment.first_slice) {
    json["analysed_slices"] = {{"first", assessment.first_slice}, {"last", assessment.last_slice}};
  }
  json["landmarks"] = Json::object();
  for (const LevelLandmark& landmark : assessment.landmarks)
    json["landmarks"][landmark.name] = landmark.slice ? Json(*landmark.slice) : Json(nullptr);
  json["comparison"] = ComparedWith(assessment.comparison);
  json["nodes"] = Json::array();
  if (ct != nullptr) {
    for (const LymphNode& node : assessment.nodes)
      json["nodes"].push_back(Node(node, *ct));
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace necknode::pipeline
