#include "scp/identifier.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/scp/query_scp.h"

namespace necknode::scp::tests {
namespace {

constexpr std::uint32_t kStudy = 0x0020000D, kInstances = 0x00201209;

TEST(Identifier, ReadsValuesOfBothEncodingsWithoutPadding) {
  for (const bool explicit_vr : {true, false}) {
    const Identifier read(IdentifierBytes(SeriesAnswer("1.2.3", "1.2.3.4", "80"), explicit_vr),
                          explicit_vr);
    EXPECT_EQ(read.Text(kStudy), "1.2.3");
    EXPECT_EQ(read.Count(kInstances), 80);
    EXPECT_EQ(read.Text(0x00100020), "");
    EXPECT_EQ(read.Count(0x00100020), std::nullopt);
  }
}

TEST(Identifier, TakesOnlyWholeNumbersAsCounts) {
  for (const char* text : {"-1", "8x", "99999999999", "", "1\\2"}) {
    const Identifier read(IdentifierBytes({{0x0020, 0x1209, "IS", text}}), true);
    EXPECT_EQ(read.Count(kInstances), std::nullopt) << text;
  }
}

TEST(Identifier, SkipsSequencesOfKnownLength) {
  Bytes bytes = IdentifierBytes({{0x0008, 0x0052, "CS", "SERIES"}});
  for (const int byte : {0x08, 0x00, 0x10, 0x11, 0x53, 0x51, 0, 0, 4, 0, 0, 0, 1, 2, 3, 4}) {
    bytes.push_back(static_cast<std::byte>(byte));
  }
  const Bytes rest = IdentifierBytes({{0x0020, 0x000D, "UI", "1.2"}});
  bytes.insert(bytes.end(), rest.begin(), rest.end());
  EXPECT_EQ(Identifier(bytes, true).Text(kStudy), "1.2");
}

TEST(Identifier, RefusesWhatIsNoDataset) {
  const Bytes good = IdentifierBytes(SeriesAnswer("1.2.3", "1.2.3.4", "80"));
  for (std::size_t length = 1; length < good.size(); ++length) {
    const Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length));
    try {
      const Identifier read(cut, true);
      EXPECT_EQ(read.Text(kInstances), "") << length;  // cut between two elements
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kParse);
    }
  }
  const Bytes twice =
      IdentifierBytes({{0x0020, 0x000D, "UI", "1.2"}, {0x0020, 0x000D, "UI", "1.3"}});
  EXPECT_THROW(Identifier(twice, true), Error);
  Bytes unlimited;
  for (const int byte : {0x08, 0x00, 0x10, 0x11, 0xFF, 0xFF, 0xFF, 0xFF}) {
    unlimited.push_back(static_cast<std::byte>(byte));
  }
  EXPECT_THROW(Identifier(unlimited, false), Error);
}

}  // namespace
}  // namespace necknode::scp::tests
