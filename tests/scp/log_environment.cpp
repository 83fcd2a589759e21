#include <gtest/gtest.h>

#include "core/log.h"

namespace necknode::scp::tests {
namespace {

// As every role does, before threads log: the library makes its first logger unseen by the
// sanitizers.
class LogEnvironment : public testing::Environment {
 public:
  void SetUp() override { StartLog("tester", LogLevel::kInfo); }
};

[[maybe_unused]] const testing::Environment* const kLog =
    testing::AddGlobalTestEnvironment(new LogEnvironment);  // googletest deletes it

}  // namespace
}  // namespace necknode::scp::tests
