#include "scp/send_status.h"

#include <gtest/gtest.h>

namespace necknode::scp::tests {
namespace {

using Kind = SendResult::Kind;

struct Expected {
  std::uint16_t status;
  Kind kind;
  int max_attempts;
};

TEST(ResultOfStatus, FollowsTheTable) {
  for (const Expected& expected : std::initializer_list<Expected>{{0x0000, Kind::kDelivered, 0},
                                                                  {0xB000, Kind::kDelivered, 0},
                                                                  {0xB006, Kind::kDelivered, 0},
                                                                  {0xB007, Kind::kDelivered, 0},
                                                                  {0xA700, Kind::kRetry, 0},
                                                                  {0xA76F, Kind::kRetry, 0},
                                                                  {0xA770, Kind::kRetry, 3},
                                                                  {0xA77F, Kind::kRetry, 3},
                                                                  {0x0110, Kind::kRetry, 5},
                                                                  {0x0213, Kind::kRetry, 5},
                                                                  {0xC000, Kind::kRetry, 5},
                                                                  {0xCFFF, Kind::kRetry, 5},
                                                                  {0x0107, Kind::kRetry, 5},
                                                                  {0x0111, Kind::kPermanent, 0},
                                                                  {0x0122, Kind::kPermanent, 0},
                                                                  {0x0124, Kind::kPermanent, 0},
                                                                  {0xA900, Kind::kPermanent, 0},
                                                                  {0xA9FF, Kind::kPermanent, 0}}) {
    const SendResult result = ResultOfStatus(expected.status);
    EXPECT_EQ(result.kind, expected.kind) << result.status;
    EXPECT_EQ(result.max_attempts, expected.max_attempts) << result.status;
    EXPECT_EQ(AttemptsAllowed(result.status), expected.max_attempts) << result.status;
  }
}

TEST(StatusText, PrintsFourDigits) {
  EXPECT_EQ(StatusText(0), "0x0000");
  EXPECT_EQ(StatusText(0xA700), "0xA700");
}

TEST(AttemptsAllowed, IsZeroForWhatIsNoStatus) {
  EXPECT_EQ(AttemptsAllowed(""), 0);
  EXPECT_EQ(AttemptsAllowed("timeout"), 0);
  EXPECT_EQ(AttemptsAllowed("0xZZZZ"), 0);
  EXPECT_EQ(AttemptsAllowed(kNoStoreResponse), 5);
}

}  // namespace
}  // namespace necknode::scp::tests
