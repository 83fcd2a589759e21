#pragma once

#include <chrono>
#include <string>

namespace necknode {

using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;
/// Time since boot, sleep included (CLOCK_BOOTTIME): durations, leases and backoffs run on it,
/// never on wall time.
using BootTime = std::chrono::milliseconds;

/// The time as everything but the system libraries sees it; tests give their own.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual WallTime Now() const = 0;
  [[nodiscard]] virtual BootTime SinceBoot() const = 0;
  /// Names this boot of the machine: a BootTime of another boot means nothing.
  [[nodiscard]] virtual std::string BootId() const = 0;
};

/// The machine's clocks. Thread safe.
[[nodiscard]] const Clock& SystemClock();

/// "2026-11-23T14:05:09.123Z".
[[nodiscard]] std::string Iso8601(WallTime time);
/// DICOM DA "20261123" and TM "140509.123" in UTC (PS3.5 section 6.2).
[[nodiscard]] std::string DicomDate(WallTime time);
[[nodiscard]] std::string DicomTime(WallTime time);

}  // namespace necknode
