#include "coordinator/series_selection.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <map>
#include <tuple>

namespace necknode::coordinator {
namespace {

constexpr const char* kCtImage = "1.2.840.10008.5.1.4.1.1.2";
constexpr const char* kEnhancedCtImage = "1.2.840.10008.5.1.4.1.1.2.1";
constexpr const char* kLegacyConvertedEnhancedCtImage = "1.2.840.10008.5.1.4.1.1.2.2";
// A slice counts as axial while its normal leans less than this from the body's axis: gantry tilts
// go to 30 degrees.
constexpr double kMaxTiltDegrees = 35;
// The slices that the paper's networks were made for; of two suitable series the nearer one is
// taken.
constexpr double kPreferredThicknessMm = 2.0;
// What our own objects and nobody else's call themselves (docs/outputs.md): never analysed again.
constexpr const char* kOwnName = "necknode";

std::string Fixed(double value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string Upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
    return static_cast<char>(std::toupper(c));
  });
  return text;
}

bool HasImageType(const InstanceHeader& header, std::string_view value) {
  return std::find(header.image_type.begin(), header.image_type.end(), value) !=
         header.image_type.end();
}

bool IsCtClass(const Uid& sop_class) {
  return sop_class.value() == kCtImage || sop_class.value() == kEnhancedCtImage ||
         sop_class.value() == kLegacyConvertedEnhancedCtImage;
}

bool IsMultiFrame(const InstanceHeader& header) { return header.sop_class_uid.value() != kCtImage; }

std::optional<double> Thickness(const InstanceHeader& header) {
  return header.slice_thickness ? header.slice_thickness : header.spacing_between_slices;
}

/// Angle between the slice's normal and the body's axis, 0 to 90 degrees.
std::optional<double> TiltDegrees(const InstanceHeader& header) {
  if (!header.image_orientation) {
    return std::nullopt;
  }
  const auto& o = *header.image_orientation;
  const Vec3 normal = Cross({o[0], o[1], o[2]}, {o[3], o[4], o[5]});
  const double length = Norm(normal);
  if (length < 1e-6) {
    return 90;
  }
  return std::acos(std::min(1.0, std::abs(normal.z) / length)) * 180 / 3.14159265358979323846;
}

/// One series with the images that could be analysed set apart from the rest (localizers and
/// derived pages are often filed in the same series).
struct Series {
  std::vector<const InstanceHeader*> all, images;
  std::map<std::string, int> set_apart;  ///< reason -> how many
};

std::string ReasonToSetApart(const InstanceHeader& header) {
  if (header.manufacturer == kOwnName && header.manufacturer_model_name == kOwnName) {
    return "our own result";
  }
  if (header.modality != "CT") {
    return "modality " + (header.modality.empty() ? "absent" : header.modality) + ", not CT";
  }
  if (HasImageType(header, "LOCALIZER")) {
    return "localizer";
  }
  if (!header.image_type.empty() && header.image_type[0] == "DERIVED") {
    return "derived image";
  }
  if (!IsCtClass(header.sop_class_uid)) {
    return "not a CT image";
  }
  if (HasImageType(header, "SECONDARY")) {
    return "secondary image";
  }
  return "";
}

int FrameCount(const Series& series) {
  int frames = 0;
  for (const InstanceHeader* image : series.images) {
    frames += IsMultiFrame(*image) ? image->number_of_frames.value_or(1) : 1;
  }
  return frames;
}

std::string Describe(const Series& series, int frames) {
  if (series.images.empty()) {
    const InstanceHeader& header = *series.all.front();
    return (header.modality.empty() ? "no modality" : header.modality) + ", " +
           std::to_string(series.all.size()) + (series.all.size() == 1 ? " object" : " objects");
  }
  std::string text = "CT, " + std::to_string(frames) + (frames == 1 ? " image" : " images");
  if (const auto thickness = Thickness(*series.images.front())) {
    text += ", " + Fixed(*thickness, 1) + " mm";
  }
  if (const auto tilt = TiltDegrees(*series.images.front())) {
    text += *tilt <= kMaxTiltDegrees ? ", axial" : ", not axial";
  }
  return text;
}

void JudgeGeometry(const Series& series,
                   int frames,
                   const config::Route& route,
                   SeriesVerdict& verdict) {
  const InstanceHeader& first = *series.images.front();
  if (frames < route.min_slices) {
    verdict.refusals.push_back(std::to_string(frames) + " images, at least " +
                               std::to_string(route.min_slices) + " are needed");
  }
  if (frames > route.max_slices) {
    verdict.refusals.push_back(std::to_string(frames) + " images, at most " +
                               std::to_string(route.max_slices) + " are taken");
  }
  if (IsMultiFrame(first)) {
    return;  // its geometry stands per frame: the worker judges it
  }
  const auto tilt = TiltDegrees(first);
  if (!tilt || !first.image_position) {
    verdict.refusals.emplace_back("no image position or orientation");
  } else if (*tilt > kMaxTiltDegrees) {
    verdict.refusals.push_back("not axial: the slices' normal leans " + Fixed(*tilt, 0) +
                               " degrees from the body's axis");
  }
  const auto thickness = Thickness(first);
  if (!thickness) {
    verdict.refusals.emplace_back("no slice thickness");
  } else if (*thickness < route.min_slice_thickness_mm ||
             *thickness > route.max_slice_thickness_mm) {
    verdict.refusals.push_back("slice thickness " + Fixed(*thickness, 2) + " mm is outside " +
                               Fixed(route.min_slice_thickness_mm, 2) + " to " +
                               Fixed(route.max_slice_thickness_mm, 2) + " mm");
  }
}

bool HoldsWord(const std::string& upper_text, const std::string& word) {
  return !word.empty() && upper_text.find(Upper(word)) != std::string::npos;
}

void JudgeContrast(const InstanceHeader& first,
                   const config::Route& route,
                   SeriesVerdict& verdict) {
  if (route.contrast == "require" && first.contrast_bolus_agent.empty()) {
    verdict.refusals.emplace_back("Contrast/Bolus Agent does not name a contrast agent");
  }
}

void JudgeWords(const InstanceHeader& first, const config::Route& route, SeriesVerdict& verdict) {
  if (!route.body_parts.empty()) {
    const auto matches = [&](const std::string& part) {
      return Upper(part) == Upper(first.body_part_examined);
    };
    if (std::none_of(route.body_parts.begin(), route.body_parts.end(), matches)) {
      verdict.refusals.push_back(
          "body part " + (first.body_part_examined.empty() ? "absent" : first.body_part_examined) +
          " is not among those of the route");
    }
  }
  const std::string description = Upper(first.series_description);
  const auto stands = [&](const std::string& word) { return HoldsWord(description, word); };
  if (!route.include_description.empty() &&
      std::none_of(route.include_description.begin(), route.include_description.end(), stands)) {
    verdict.refusals.emplace_back("the series description holds none of the route's words");
  }
  for (const std::string& word : route.exclude_description) {
    if (stands(word)) {
      verdict.refusals.push_back("the series description holds \"" + word + "\"");
    }
  }
}

SeriesVerdict Judge(const Uid& uid, const Series& series, const config::Route& route) {
  SeriesVerdict verdict;
  verdict.series_instance_uid = uid;
  verdict.images = FrameCount(series);
  verdict.description = Describe(series, verdict.images);
  for (const auto& [reason, count] : series.set_apart) {
    const std::string text = std::to_string(count) + " x " + reason;
    (series.images.empty() ? verdict.refusals : verdict.remarks).push_back(text);
  }
  if (series.images.empty()) {
    return verdict;
  }
  JudgeGeometry(series, verdict.images, route, verdict);
  JudgeWords(*series.images.front(), route, verdict);
  JudgeContrast(*series.images.front(), route, verdict);
  return verdict;
}

/// Smaller is better: contrast, kernel preference, distance from the preferred thickness, fewer
/// series number.
using SeriesRank = std::tuple<int, std::size_t, double, int>;
SeriesRank Rank(const Series& series, const config::Route& route) {
  const InstanceHeader& first = *series.images.front();
  const auto kernel = std::find(
      route.preferred_kernels.begin(), route.preferred_kernels.end(), first.convolution_kernel);
  return {route.contrast != "ignore" && first.contrast_bolus_agent.empty() ? 1 : 0,
          static_cast<std::size_t>(kernel - route.preferred_kernels.begin()),
          std::abs(Thickness(first).value_or(kPreferredThicknessMm) - kPreferredThicknessMm),
          first.series_number.value_or(0)};
}

/// By what the better series came first.
std::string Deciding(const SeriesRank& rank, const SeriesRank& better) {
  if (std::get<0>(rank) != std::get<0>(better)) {
    return "it names a contrast agent";
  }
  if (std::get<1>(rank) != std::get<1>(better)) {
    return "its kernel is preferred";
  }
  if (std::get<2>(rank) != std::get<2>(better)) {
    return "its slice thickness is nearer to 2 mm";
  }
  return "its series number is lower";
}

}  // namespace

std::vector<SeriesVerdict> SelectSeries(const std::vector<InstanceHeader>& instances,
                                        const config::Route& route) {
  std::map<std::pair<int, Uid>, Series> by_number;
  std::map<Uid, int> number_of;
  for (const InstanceHeader& header : instances) {
    number_of.try_emplace(header.series_instance_uid, header.series_number.value_or(0));
  }
  for (const InstanceHeader& header : instances) {
    Series& series = by_number[{number_of[header.series_instance_uid], header.series_instance_uid}];
    series.all.push_back(&header);
    const std::string reason = ReasonToSetApart(header);
    if (reason.empty()) {
      series.images.push_back(&header);
    } else {
      ++series.set_apart[reason];
    }
  }
  std::vector<SeriesVerdict> verdicts;
  std::optional<std::size_t> best;
  std::vector<SeriesRank> ranks;
  SeriesRank best_rank;
  for (const auto& [key, series] : by_number) {
    verdicts.push_back(Judge(key.second, series, route));
    ranks.emplace_back();
    if (!verdicts.back().refusals.empty()) {
      continue;
    }
    const SeriesRank rank = Rank(series, route);
    ranks.back() = rank;
    if (!best || rank < best_rank) {
      best = verdicts.size() - 1;
      best_rank = rank;
    }
  }
  if (!best) {
    return verdicts;
  }
  verdicts[*best].selected = true;
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    if (i != *best && verdicts[i].refusals.empty()) {
      verdicts[i].remarks.push_back("suitable, but another series comes first: " +
                                    Deciding(ranks[i], best_rank));
    }
  }
  return verdicts;
}

bool IsAnalysable(const InstanceHeader& header) { return ReasonToSetApart(header).empty(); }

}  // namespace necknode::coordinator
