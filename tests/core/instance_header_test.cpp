#include "core/instance_header.h"

#include <gtest/gtest.h>

namespace necknode {
namespace {

bool IsImageOf(const char* sop_class, bool pixels = true) {
  InstanceHeader header;
  header.sop_class_uid = Uid(sop_class);
  if (pixels) {
    header.rows = header.columns = 512;
  }
  return IsImage(header);
}

TEST(IsImage, CountsWhatHasPixelsButForSecondaryCaptures) {
  EXPECT_TRUE(IsImageOf("1.2.840.10008.5.1.4.1.1.2"));
  EXPECT_TRUE(IsImageOf("1.2.840.10008.5.1.4.1.1.2.1"));  // Enhanced CT
  EXPECT_FALSE(IsImageOf("1.2.840.10008.5.1.4.1.1.88.33", false));
  EXPECT_FALSE(IsImageOf("1.2.840.10008.5.1.4.1.1.7"));
  EXPECT_FALSE(IsImageOf("1.2.840.10008.5.1.4.1.1.7.4"));
  EXPECT_TRUE(IsImageOf("1.2.840.10008.5.1.4.1.1.77.1.4"));  // photograph: only looks similar
}

}  // namespace
}  // namespace necknode
