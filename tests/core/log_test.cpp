#include "core/log.h"

#include <algorithm>
#include <type_traits>

#include <gtest/gtest.h>

namespace necknode {
namespace {

static_assert(!std::is_constructible_v<LogField, std::string_view, Uid>,
              "a full UID must not be loggable");
static_assert(!std::is_constructible_v<LogField, std::string_view, PatientText>,
              "patient text must not be loggable");

std::string Captured(LogLevel threshold, LogLevel level, std::initializer_list<LogField> fields) {
  testing::internal::CaptureStderr();
  StartLog("tester", threshold);
  Log(level, "stored", fields);
  return testing::internal::GetCapturedStderr();
}

TEST(Log, WritesOneLineOfKeysAndValues) {
  const std::string line =
      Captured(LogLevel::kInfo, LogLevel::kInfo, {{"bytes", 12}, {"ok", true}, {"ae", "PACS"}});
  EXPECT_NE(line.find(" info tester event=stored bytes=12 ok=yes ae=PACS\n"), std::string::npos)
      << line;
}

TEST(Log, KeepsPeersFromForgingLines) {
  const std::string line =
      Captured(LogLevel::kInfo, LogLevel::kInfo, {{"ae", "A\nevent=fake \"x\""}});
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  EXPECT_NE(line.find("ae=\"A.event=fake \\\"x\\\"\""), std::string::npos) << line;
}

TEST(Log, DropsWhatLiesBelowTheLevel) {
  EXPECT_EQ(Captured(LogLevel::kWarning, LogLevel::kInfo, {}), "");
}

}  // namespace
}  // namespace necknode
