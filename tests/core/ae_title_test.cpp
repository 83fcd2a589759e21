#include "core/ae_title.h"

#include <gtest/gtest.h>

namespace necknode {
namespace {

TEST(SameAeTitle, MindsTheCaseUnlessToldOtherwise) {
  EXPECT_TRUE(SameAeTitle("PACS", "PACS", false));
  EXPECT_FALSE(SameAeTitle("PACS", "pacs", false));
  EXPECT_TRUE(SameAeTitle("PACS", "pacs", true));
  EXPECT_FALSE(SameAeTitle("PACS", "PACS1", true));
  EXPECT_FALSE(SameAeTitle("PACS_1", "PACS-1", true));
  EXPECT_TRUE(SameAeTitle("", "", false));
}

}  // namespace
}  // namespace necknode
