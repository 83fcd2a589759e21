#include "core/assessment.h"

#include <cmath>
#include <cstdio>

#include "core/digest.h"

namespace necknode {
namespace {

/// To `per_unit` steps a unit: dividing by a whole number gives the double nearest to the decimal,
/// 0.1 and not 0.30000000000000004.
double RoundTo(double value, double per_unit) {
  const double rounded = std::round(value * per_unit) / per_unit;
  return rounded == 0 ? 0 : rounded;  // no negative zero
}

void Round(Box& box) {
  for (double* edge : {&box.x0, &box.y0, &box.x1, &box.y1}) {
    *edge = RoundTo(*edge, 4);
  }
}

void Round(std::optional<Diameter>& diameter) {
  if (!diameter) {
    return;
  }
  diameter->length_mm = RoundTo(diameter->length_mm, 10);
  for (double& coordinate : diameter->endpoints) {
    coordinate = RoundTo(coordinate, 4);
  }
}

// A line per value, numbers with fixed digits: the same on every machine.
class Text {
 public:
  void Add(const char* key, const std::string& value) {
    text_ += std::string(key) + "=" + value + "\n";
  }
  void Add(const char* key, double value) {
    char digits[48];
    std::snprintf(digits, sizeof digits, "%.4f", value);
    Add(key, std::string(digits));
  }
  void Add(const char* key, const std::optional<Diameter>& diameter) {
    if (!diameter) {
      return;
    }
    Add(key, diameter->length_mm);
    for (const double coordinate : diameter->endpoints) {
      Add(key, coordinate);
    }
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

void Describe(const EarlierFinding& earlier, Text& text) {
  text.Add("earlier", std::string(ToString(earlier.state)));
  text.Add("date", earlier.study_date);
  text.Add("identifier", earlier.identifier);
  if (earlier.short_axis_mm) {
    text.Add("short", *earlier.short_axis_mm);
  }
  text.Add("reason", earlier.reason);
}

void Describe(const Comparison& comparison, Text& text) {
  text.Add("compared", comparison.study_instance_uid.value());
  text.Add("date", comparison.study_date);
  if (comparison.quality) {
    text.Add("quality", *comparison.quality);
  }
  if (comparison.earlier_nodes) {
    text.Add("nodes", *comparison.earlier_nodes);
  }
  text.Add("reason", comparison.reason);
}

void Describe(const LymphNode& node, Text& text) {
  text.Add("node", node.number);
  text.Add("tracking", node.tracking_uid.value());
  for (const NodeBox& box : node.boxes) {
    text.Add("slice", box.slice);
    for (const double edge : {box.box.x0, box.box.y0, box.box.x1, box.box.y1}) {
      text.Add("edge", edge);
    }
    text.Add("score", box.score);
    text.Add("interpolated", box.interpolated ? 1 : 0);
  }
  text.Add("key", node.key_slice);
  text.Add("score", node.detection_score);
  text.Add("probability", node.probability);
  text.Add("malignancy", std::string(ToString(node.malignancy)));
  text.Add("side", std::string(ToString(node.side)));
  text.Add("level", node.level);
  text.Add("short", node.short_axis);
  text.Add("long", node.long_axis);
  text.Add("unmeasured", node.not_measured_reason);
  if (node.mean_hu) {
    text.Add("hu", *node.mean_hu);
  }
  if (node.volume_mm3) {
    text.Add("volume", *node.volume_mm3);
  }
  if (node.cystic_fraction) {
    text.Add("cystic", *node.cystic_fraction);
  }
  if (node.calcification_mm3) {
    text.Add("calcified", *node.calcification_mm3);
  }
  text.Add("hilum", node.fatty_hilum ? 1 : 0);
  if (node.earlier) {
    Describe(*node.earlier, text);
  }
}

}  // namespace

void Round(Assessment& assessment) {
  for (LymphNode& node : assessment.nodes) {
    for (NodeBox& box : node.boxes) {
      Round(box.box);
      box.score = RoundTo(box.score, 100);
      box.malignant_logit = RoundTo(box.malignant_logit, 100);
    }
    node.detection_score = RoundTo(node.detection_score, 100);
    node.probability = RoundTo(node.probability, 100);
    Round(node.short_axis);
    Round(node.long_axis);
    if (node.mean_hu) {
      node.mean_hu = RoundTo(*node.mean_hu, 1);
    }
    if (node.volume_mm3) {
      node.volume_mm3 = RoundTo(*node.volume_mm3, 0.1);
    }
    if (node.cystic_fraction) {
      node.cystic_fraction = RoundTo(*node.cystic_fraction, 100);
    }
    if (node.calcification_mm3) {
      node.calcification_mm3 = RoundTo(*node.calcification_mm3, 1);
    }
    if (node.earlier && node.earlier->short_axis_mm) {
      node.earlier->short_axis_mm = RoundTo(*node.earlier->short_axis_mm, 10);
    }
  }
  if (assessment.comparison && assessment.comparison->quality) {
    assessment.comparison->quality = RoundTo(*assessment.comparison->quality, 100);
  }
}

std::string DigestOf(const Assessment& assessment) {
  Text text;
  text.Add("status", std::string(ToString(assessment.status)));
  text.Add("reason", assessment.reason);
  text.Add("package", assessment.model.package + "/" + assessment.model.version);
  text.Add("digest", assessment.model.digest);
  text.Add("clinical", assessment.model.clinical ? 1 : 0);
  text.Add("warning", assessment.model.warning);
  text.Add("score", assessment.thresholds.detection_score);
  text.Add("malignant", assessment.thresholds.malignant_probability);
  text.Add("low", assessment.thresholds.indeterminate_low);
  text.Add("high", assessment.thresholds.indeterminate_high);
  text.Add("first", assessment.first_slice);
  text.Add("last", assessment.last_slice);
  for (const std::string& note : assessment.notes) {
    text.Add("note", note);
  }
  for (const int number : assessment.image_numbers) {
    text.Add("image", number);
  }
  for (const LevelLandmark& landmark : assessment.landmarks) {
    text.Add("landmark", landmark.name);
    text.Add("slice", landmark.slice.value_or(-1));
  }
  for (const std::string& limit : assessment.broken_limits) {
    text.Add("broken", limit);
  }
  if (assessment.comparison) {
    Describe(*assessment.comparison, text);
  }
  for (const LymphNode& node : assessment.nodes) {
    Describe(node, text);
  }
  return Sha256Of(text.text());
}

std::string SliceName(const Assessment& assessment, int slice) {
  const auto index = static_cast<std::size_t>(slice);
  if (index < assessment.image_numbers.size()) {
    return "image " + std::to_string(assessment.image_numbers[index]);
  }
  return "slice " + std::to_string(slice + 1);
}

std::string_view ToString(Malignancy malignancy) {
  switch (malignancy) {
    case Malignancy::kBenign:
      return "benign";
    case Malignancy::kIndeterminate:
      return "indeterminate";
    case Malignancy::kMalignant:
      return "malignant";
  }
  return "unknown";
}

std::string_view ToString(Side side) {
  switch (side) {
    case Side::kLeft:
      return "left";
    case Side::kRight:
      return "right";
    case Side::kMidline:
      return "midline";
    case Side::kNotDetermined:
      return "not determined";
  }
  return "unknown";
}

std::string_view ToString(AssessmentStatus status) {
  switch (status) {
    case AssessmentStatus::kComplete:
      return "complete";
    case AssessmentStatus::kPartial:
      return "partial";
    case AssessmentStatus::kFailed:
      return "failed";
  }
  return "unknown";
}

std::string_view ToString(EarlierState state) {
  switch (state) {
    case EarlierState::kMatched:
      return "matched";
    case EarlierState::kUnsure:
      return "unsure";
    case EarlierState::kNotSeen:
      return "not seen";
  }
  return "unknown";
}

}  // namespace necknode
