#include "core/uid.h"

#include <set>

#include <gtest/gtest.h>

#include "core/clock.h"
#include "core/digest.h"

namespace necknode {
namespace {

TEST(Uid, DropsTrailingNulAndSpace) {
  EXPECT_EQ(Uid(std::string_view("1.2.3\0", 6)).value(), "1.2.3");
  EXPECT_EQ(Uid("1.2.3 ").value(), "1.2.3");
}

TEST(Uid, JudgesTheFormOfPs35Section91) {
  EXPECT_TRUE(Uid("1.2.840.10008.1.1").IsValid());
  EXPECT_TRUE(Uid("1.0.3").IsValid());
  for (const char* wrong : {"", "1..2", ".1", "1.", "1.02", "1.a", "1 .2", "1.2.\xC3\xA4"}) {
    EXPECT_FALSE(Uid(wrong).IsValid()) << wrong;
  }
  EXPECT_TRUE(Uid("1." + std::string(62, '2')).IsValid());
  EXPECT_FALSE(Uid("1." + std::string(63, '2')).IsValid());
}

TEST(Uid, FromNameIsTheUuidV5UnderTheOidNameSpaceAsDecimal) {
  // python3: uuid.uuid5(uuid.NAMESPACE_OID, "necknode").int
  EXPECT_EQ(Uid::FromName("necknode").value(), "2.25.3847335344712663999766338446675760621");
  EXPECT_NE(Uid::FromName("a"), Uid::FromName("b"));
  EXPECT_TRUE(Uid::FromName("a").IsValid());
}

TEST(Uid, RandomOnesDifferAndAreValid) {
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const Uid uid = Uid::Random();
    EXPECT_TRUE(uid.IsValid());
    seen.insert(uid.value());
  }
  EXPECT_EQ(seen.size(), 200U);
}

TEST(Uid, ShortNameRevealsNothing) {
  const Uid uid("1.2.840.99999.7");
  EXPECT_EQ(uid.ShortName().size(), 8U);
  EXPECT_EQ(uid.value().find(uid.ShortName()), std::string::npos);
}

TEST(Sha256, MatchesFips180AndPieces) {
  EXPECT_EQ(Sha256Of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Sha256 digest;
  digest.Update("a");
  digest.Update("bc");
  EXPECT_EQ(digest.Finish(), Sha256Of("abc"));
}

TEST(Clock, FormatsTimesInUtc) {
  const WallTime time{std::chrono::milliseconds(1'700'000'000'123)};
  EXPECT_EQ(Iso8601(time), "2023-11-14T22:13:20.123Z");
  EXPECT_EQ(DicomDate(time), "20231114");
  EXPECT_EQ(DicomTime(time), "221320.123");
}

TEST(Clock, BootTimeGoesOnAndTheBootHasAName) {
  const BootTime first = SystemClock().SinceBoot();
  EXPECT_GT(first.count(), 0);
  EXPECT_GE(SystemClock().SinceBoot(), first);
  EXPECT_FALSE(SystemClock().BootId().empty());
}

}  // namespace
}  // namespace necknode
