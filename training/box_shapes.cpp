#include "training/box_shapes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

#include <nlohmann/json.hpp>

namespace necknode::training {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<int, 7> kPercentiles = {0, 5, 25, 50, 75, 95, 100};

struct Measure {
  const char* key;
  const char* text;
  double (*of)(const BoxShape& shape);
};

constexpr std::array<Measure, 6> kMeasures = {{
    {"area_percent_of_image",
     "area, % of image",
     [](const BoxShape& s) { return s.image_percent; }},
    {"width_px", "width, px", [](const BoxShape& s) { return s.width_px; }},
    {"height_px", "height, px", [](const BoxShape& s) { return s.height_px; }},
    {"width_mm", "width, mm", [](const BoxShape& s) { return s.width_mm; }},
    {"height_mm", "height, mm", [](const BoxShape& s) { return s.height_mm; }},
    {"aspect_width_to_height", "width / height", [](const BoxShape& s) { return s.Aspect(); }},
}};

enum class Class { kAll, kBenign, kMetastatic };
constexpr std::array<std::pair<Class, const char*>, 3> kClasses = {
    {{Class::kAll, "all"}, {Class::kBenign, "benign"}, {Class::kMetastatic, "metastatic"}}};

std::vector<BoxShape> OfClass(const std::vector<BoxShape>& shapes, Class wanted) {
  std::vector<BoxShape> found;
  std::copy_if(shapes.begin(), shapes.end(), std::back_inserter(found), [&](const BoxShape& shape) {
    return wanted == Class::kAll || shape.malignant == (wanted == Class::kMetastatic);
  });
  return found;
}

std::vector<double> ValuesOf(const std::vector<BoxShape>& shapes, const Measure& measure) {
  std::vector<double> values;
  values.reserve(shapes.size());
  for (const BoxShape& shape : shapes) {
    values.push_back(measure.of(shape));
  }
  return values;
}

double Rounded(double value) { return std::round(value * 1e4) / 1e4; }

}  // namespace

std::vector<BoxShape> ShapesOf(LabelledStudies& studies,
                               const std::function<void(int done, int of)>& progress) {
  std::vector<BoxShape> shapes;
  for (std::size_t i = 0; i < studies.Count(); ++i) {
    const auto study = studies.Get(i);
    const VolumeGrid& grid = study->volume->grid();
    for (const LabelledBox& labelled : study->boxes) {
      const Box& box = labelled.box;
      shapes.push_back({box.Width(),
                        box.Height(),
                        box.Width() * grid.column_spacing_mm,
                        box.Height() * grid.row_spacing_mm,
                        100 * box.Area() / (static_cast<double>(grid.columns) * grid.rows),
                        labelled.malignant});
    }
    if (progress) {
      progress(static_cast<int>(i) + 1, static_cast<int>(studies.Count()));
    }
  }
  return shapes;
}

double QuantileOf(std::vector<double> values, double quantile) {
  if (values.empty()) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  std::sort(values.begin(), values.end());
  const double at = std::clamp(quantile, 0.0, 1.0) * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const auto high = std::min(low + 1, values.size() - 1);
  return values[low] + (at - static_cast<double>(low)) * (values[high] - values[low]);
}

Json ShapesAsJson(const std::vector<BoxShape>& shapes) {
  Json json;
  for (const auto& [kind, name] : kClasses) {
    const auto of_class = OfClass(shapes, kind);
    json[name]["boxes"] = of_class.size();
    for (const Measure& measure : kMeasures) {
      if (of_class.empty()) {
        continue;
      }
      const auto values = ValuesOf(of_class, measure);
      for (const int percentile : kPercentiles) {
        json[name][measure.key][std::string("p").append(std::to_string(percentile))] =
            Rounded(QuantileOf(values, percentile / 100.0));
      }
    }
  }
  return json;
}

std::string ShapesAsText(const std::vector<BoxShape>& shapes) {
  std::string text;
  std::array<char, 160> line{};
  for (const auto& [kind, name] : kClasses) {
    const auto of_class = OfClass(shapes, kind);
    std::snprintf(line.data(), line.size(), "%s: %zu boxes", name, of_class.size());
    text += line.data();
    if (of_class.empty()) {
      text += "\n";
      continue;
    }
    text += "\n  percentile        ";
    for (const int percentile : kPercentiles) {
      std::snprintf(line.data(), line.size(), " %8d", percentile);
      text += line.data();
    }
    for (const Measure& measure : kMeasures) {
      std::snprintf(line.data(), line.size(), "\n  %-18s", measure.text);
      text += line.data();
      const auto values = ValuesOf(of_class, measure);
      for (const int percentile : kPercentiles) {
        std::snprintf(line.data(), line.size(), " %8.3f", QuantileOf(values, percentile / 100.0));
        text += line.data();
      }
    }
    text += "\n";
  }
  return text;
}

}  // namespace necknode::training
