#include "core/log.h"

#include <cmath>

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace necknode {
namespace {

spdlog::level::level_enum LevelOf(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

// Quotes a value where a reader of key=value lines would otherwise split it; control characters
// become dots, so that no peer can forge a line.
std::string Quoted(std::string_view value) {
  bool plain = !value.empty();
  std::string text;
  for (const char c : value) {
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    if (control || c == ' ' || c == '"' || c == '=') {
      plain = false;
    }
    if (c == '"' || c == '\\') {
      text += '\\';
    }
    text += control ? '.' : c;
  }
  return plain ? text : '"' + text + '"';
}

}  // namespace

LogField::LogField(std::string_view key, std::string_view value)
    : text(std::string(key) + "=" + Quoted(value)) {}

LogField::LogField(std::string_view key, double value)
    : LogField(key, std::string_view(fmt::format("{:.6g}", value))) {}

LogField::LogField(std::string_view key, bool value) : LogField(key, value ? "yes" : "no") {}

void StartLog(std::string_view role, LogLevel level) {
  auto logger = std::make_shared<spdlog::logger>(std::string(role),
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      "%Y-%m-%dT%H:%M:%S.%eZ %l %n %v", spdlog::pattern_time_type::utc));
  logger->set_level(LevelOf(level));
  logger->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
}

void Log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  std::string line = "event=" + std::string(event);
  for (const LogField& field : fields) {
    line += " " + field.text;
  }
  spdlog::log(LevelOf(level), "{}", line);
}

}  // namespace necknode
