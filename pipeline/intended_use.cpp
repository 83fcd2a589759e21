#include "pipeline/intended_use.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <string_view>

#include "pipeline/decimal.h"

namespace necknode::pipeline {
namespace {

constexpr double kToleranceMm = 0.005;  // of limits in mm: spacings are written with few digits
constexpr double kNeckMm = 50;          // length of airway that makes a neck
constexpr double kAirwayGapMm = 6;      // a closed glottis or a swallow
constexpr double kMinNeckMm2 = 4000,
                 kMaxNeckMm2 = 50000;  // cross-section: a child's neck; shoulders

std::optional<int> ParseDigits(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0)
    return std::nullopt;
  return value;
}

struct Date {
  int year = 0, month_and_day = 0;
};
std::optional<Date> ParseDate(std::string_view da) {
  if (da.size() != 8)
    return std::nullopt;
  const auto year = ParseDigits(da.substr(0, 4)), rest = ParseDigits(da.substr(4));
  if (!year || !rest)
    return std::nullopt;
  return Date{*year, *rest};
}

// Technologists also fill Contrast/Bolus Agent to say that there was none.
bool NamesContrast(std::string_view agent) {
  std::string word;
  for (const char c : agent) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      word += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  constexpr std::array<std::string_view, 9> kNone = {
      "", "NO", "NONE", "NOCONTRAST", "WITHOUT", "WITHOUTCONTRAST", "NATIVE", "PLAIN", "N"};
  return std::ranges::find(kNone, word) == kNone.end();
}

void CheckThickness(const models::IntendedUse& use,
                    const dicom_io::CtVolume& ct,
                    std::vector<std::string>& broken) {
  double thinnest = 1e9, thickest = 0;
  for (const dicom_io::SliceEvidence& slice : ct.slices) {
    if (!slice.header.slice_thickness) {
      broken.emplace_back("Slice Thickness is absent");
      return;
    }
    thinnest = std::min(thinnest, *slice.header.slice_thickness);
    thickest = std::max(thickest, *slice.header.slice_thickness);
  }
  const double wrong = thickest > use.max_slice_thickness_mm + kToleranceMm ? thickest : thinnest;
  if (wrong < use.min_slice_thickness_mm - kToleranceMm ||
      wrong > use.max_slice_thickness_mm + kToleranceMm) {
    broken.push_back("slice thickness " + Decimal(wrong, 2) + " mm is outside " +
                     Decimal(use.min_slice_thickness_mm, 2) + " to " +
                     Decimal(use.max_slice_thickness_mm, 2) + " mm");
  }
}

void CheckPixelSpacing(const models::IntendedUse& use,
                       const VolumeGrid& grid,
                       std::vector<std::string>& broken) {
  for (const double spacing : {grid.column_spacing_mm, grid.row_spacing_mm}) {
    if (spacing >= use.min_pixel_spacing_mm - kToleranceMm &&
        spacing <= use.max_pixel_spacing_mm + kToleranceMm)
      continue;
    broken.push_back("pixel spacing " + Decimal(spacing, 3) + " mm is outside " +
                     Decimal(use.min_pixel_spacing_mm, 2) + " to " +
                     Decimal(use.max_pixel_spacing_mm, 2) + " mm");
    return;
  }
}

double LongestAirwayMm(const BodyMask& body, double spacing_mm) {
  double longest = 0;
  int start = -1, last = -1;
  for (int z = body.first_slice; z <= body.last_slice; ++z) {
    const BodySlice& slice = body.slices[static_cast<std::size_t>(z)];
    if (!slice.airway || slice.area_mm2 < kMinNeckMm2 || slice.area_mm2 > kMaxNeckMm2)
      continue;
    if (start < 0 || (z - last - 1) * spacing_mm > kAirwayGapMm)
      start = z;
    last = z;
    longest = std::max(longest, (last - start + 1) * spacing_mm);
  }
  return longest;
}

}  // namespace

bool HoldsNeck(const BodyMask& body, double slice_spacing_mm) {
  return LongestAirwayMm(body, slice_spacing_mm) >= kNeckMm;
}

int AgeInYears(const InstanceHeader& header) {
  // AS: three digits and D, W, M or Y (PS3.5 section 6.2).
  if (header.patient_age.size() == 4) {
    if (const auto number = ParseDigits(std::string_view(header.patient_age).substr(0, 3))) {
      switch (header.patient_age[3]) {
        case 'Y':
          return *number;
        case 'M':
          return *number / 12;
        case 'W':
          return *number / 52;
        case 'D':
          return *number / 365;
        default:
          break;
      }
    }
  }
  const auto birth = ParseDate(header.patient_birth_date.Reveal()),
             study = ParseDate(header.study_date);
  if (!birth || !study)
    return -1;
  const int age = study->year - birth->year - (study->month_and_day < birth->month_and_day ? 1 : 0);
  return std::max(age, -1);
}

std::vector<std::string> BrokenLimits(const models::IntendedUse& use,
                                      const dicom_io::CtVolume& ct,
                                      const BodyMask& body) {
  std::vector<std::string> broken;
  CheckThickness(use, ct, broken);
  CheckPixelSpacing(use, ct.volume.grid(), broken);
  const auto any = [&](auto predicate) { return std::ranges::any_of(ct.slices, predicate); };
  if (use.needs_contrast && any([](const dicom_io::SliceEvidence& s) {
        return !NamesContrast(s.header.contrast_bolus_agent);
      })) {
    broken.emplace_back("Contrast/Bolus Agent does not name a contrast agent");
  }
  if (!use.allows_lossy && any([](const dicom_io::SliceEvidence& s) { return s.header.lossy; })) {
    broken.emplace_back("the images were compressed with loss");
  }
  if (use.min_age_years > 0) {
    const int age = ct.slices.empty() ? -1 : AgeInYears(ct.slices.front().header);
    const std::string limit = std::to_string(use.min_age_years) + " years";
    if (age < 0)
      broken.push_back("the patient's age is not stated, at least " + limit + " is required");
    if (age >= 0 && age < use.min_age_years)
      broken.push_back("the patient is younger than " + limit);
  }
  const double airway_mm = LongestAirwayMm(body, ct.volume.grid().slice_spacing_mm);
  if (airway_mm < kNeckMm) {
    broken.push_back("no neck was found in the images: an airway over " + Decimal(airway_mm, 0) +
                     " mm, expected " + Decimal(kNeckMm, 0) + " mm");
  }
  return broken;
}

}  // namespace necknode::pipeline
