#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>

#include "core/patient_text.h"
#include "core/uid.h"

namespace necknode {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

/// One key=value of a log line. There is no way to make one from a Uid or a PatientText: use
/// Uid::ShortName().
struct LogField {
  LogField(std::string_view key, std::string_view value);
  LogField(std::string_view key, const char* value) : LogField(key, std::string_view(value)) {}
  LogField(std::string_view key, const std::string& value)
      : LogField(key, std::string_view(value)) {}
  LogField(std::string_view key, double value);
  LogField(std::string_view key, bool value);
  template <std::integral Integer>
  LogField(std::string_view key, Integer value)
      : LogField(key, std::string_view(std::to_string(value))) {}
  LogField(std::string_view key, const Uid&) = delete;
  LogField(std::string_view key, const PatientText&) = delete;
  std::string text;
};

/// Starts logging for this process: lines go to standard error as
/// `2026-11-23T14:05:09.123Z info receiver event=stored bytes=524288`. `role` names the process.
void StartLog(std::string_view role, LogLevel level);

/// Writes one line for one event. Thread safe. No patient names, ids, dates or full UIDs belong in
/// it.
void Log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

}  // namespace necknode
