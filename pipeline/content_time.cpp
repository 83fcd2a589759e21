#include "pipeline/content_time.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

namespace necknode::pipeline {
namespace {

std::optional<int> DigitsAt(std::string_view text, std::size_t at, std::size_t count) {
  if (text.size() < at + count)
    return std::nullopt;
  int value = 0;
  const char* first = text.data() + at;
  const auto [end, error] = std::from_chars(first, first + count, value);
  if (error != std::errc() || end != first + count || value < 0)
    return std::nullopt;
  return value;
}

// DT "YYYYMMDDHHMMSS.FFFFFF&ZZXX" (PS3.5 section 6.2); parts from the hour on may be absent.
std::optional<WallTime> ParseDateTime(std::string_view text) {
  text = text.substr(0, text.find_first_of("+- "));
  const auto year = DigitsAt(text, 0, 4), month = DigitsAt(text, 4, 2), day = DigitsAt(text, 6, 2);
  if (!year || !month || !day)
    return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok())
    return std::nullopt;
  WallTime time = std::chrono::sys_days(date);
  time += std::chrono::hours(std::min(23, DigitsAt(text, 8, 2).value_or(0)));
  time += std::chrono::minutes(std::min(59, DigitsAt(text, 10, 2).value_or(0)));
  time += std::chrono::seconds(std::min(59, DigitsAt(text, 12, 2).value_or(0)));
  if (text.size() > 15 && text[14] == '.') {
    std::string fraction(text.substr(15, 3));
    fraction.resize(3, '0');
    time += std::chrono::milliseconds(DigitsAt(fraction, 0, 3).value_or(0));
  }
  return time;
}

}  // namespace

WallTime NewestContentTime(const dicom_io::CtVolume& ct) {
  WallTime newest{};
  for (const dicom_io::SliceEvidence& slice : ct.slices) {
    const InstanceHeader& header = slice.header;
    auto time = ParseDateTime(header.acquisition_date_time);
    if (!time)
      time = ParseDateTime(header.study_date + header.study_time);
    if (time)
      newest = std::max(newest, *time);
  }
  return newest;
}

}  // namespace necknode::pipeline
