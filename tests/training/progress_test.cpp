#include "app/progress.h"

#include <gtest/gtest.h>

namespace necknode::app {
namespace {

TEST(ProgressLine, ShowsRateTimeLeftAndNote) {
  EXPECT_EQ(ProgressLine("train", {1200, 5000, 0, 600}, "loss 0.310", false, 120),
            "train 1200/5000  2.0/s  31:40 left  loss 0.310");
  EXPECT_EQ(ProgressLine("train", {50, 100, 0, 100}, "", true, 120),
            "train [###############...............] 50/100  0.50/s  1:40 left");
}

TEST(ProgressLine, CountsTheRateOfThisProcessOnly) {
  EXPECT_EQ(ProgressLine("train", {4100, 5000, 4000, 50}, "", false, 120),
            "train 4100/5000  2.0/s  7:30 left");
  EXPECT_EQ(ProgressLine("train", {4000, 5000, 4000, 50}, "", false, 120),
            "train 4000/5000  0.00/s  0:00 left");
}

TEST(ProgressLine, IsNeverWiderThanItMayBe) {
  const auto line = ProgressLine("train", {1, 100'000, 0, 1}, std::string(300, 'x'), true, 120);
  EXPECT_EQ(line.size(), 120U);
  EXPECT_NE(line.find("27:46:39 left"), std::string::npos);
}

}  // namespace
}  // namespace necknode::app
