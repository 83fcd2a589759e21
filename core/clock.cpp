#include "core/clock.h"

#include <array>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iomanip>
#include <locale>
#include <sstream>

#include <time.h>

#include "core/error.h"

namespace necknode {
namespace {

class MachineClock final : public Clock {
 public:
  MachineClock() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::getline(file, boot_id_);
  }
  [[nodiscard]] WallTime Now() const override {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now());
  }
  [[nodiscard]] BootTime SinceBoot() const override {
    timespec time{};
    if (clock_gettime(CLOCK_BOOTTIME, &time) != 0) {
      throw Error(ErrorCode::kInternal, "CLOCK_BOOTTIME failed");
    }
    return std::chrono::duration_cast<BootTime>(std::chrono::seconds(time.tv_sec) +
                                                std::chrono::nanoseconds(time.tv_nsec));
  }
  [[nodiscard]] std::string BootId() const override { return boot_id_; }

 private:
  std::string boot_id_;
};

std::tm UtcParts(WallTime time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return parts;
}

std::string Fraction(WallTime time) {
  std::array<char, 16> text{};
  const auto milliseconds =
      static_cast<int>((time.time_since_epoch() % std::chrono::seconds(1)).count());
  std::snprintf(text.data(), text.size(), ".%03d", milliseconds);
  return text.data();
}

template <std::size_t kPatternSize>
std::string Format(WallTime time, const char (&pattern)[kPatternSize]) {
  const std::tm parts = UtcParts(time);
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text << std::put_time(&parts, pattern);
  return text.str();
}

}  // namespace

const Clock& SystemClock() {
  static const MachineClock clock;
  return clock;
}

std::string Iso8601(WallTime time) {
  return Format(time, "%Y-%m-%dT%H:%M:%S") + Fraction(time) + "Z";
}
std::string DicomDate(WallTime time) { return Format(time, "%Y%m%d"); }
std::string DicomTime(WallTime time) { return Format(time, "%H%M%S") + Fraction(time); }

}  // namespace necknode
