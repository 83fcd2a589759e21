#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "core/error.h"
#include "sr_writer/character_set.h"
#include "sr_writer/html_text.h"
#include "sr_writer/png.h"
#include "sr_writer/view_words.h"

namespace necknode::sr_writer::tests {
namespace {

std::string EncodeText(std::string_view text) {
  return Base64(std::as_bytes(std::span(text.data(), text.size())));
}

TEST(Base64, IsThatOfTheStandardsExamples) {
  EXPECT_EQ(EncodeText(""), "");
  EXPECT_EQ(EncodeText("f"), "Zg==");
  EXPECT_EQ(EncodeText("fo"), "Zm8=");
  EXPECT_EQ(EncodeText("foo"), "Zm9v");
  EXPECT_EQ(EncodeText("foobar"), "Zm9vYmFy");
}

TEST(PolicyHash, IsTheSha256OfTheText) {
  EXPECT_EQ(PolicyHash("abc"), "'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='");
}

TEST(Harmless, KeepsTextAndReplacesWhatIsNone) {
  EXPECT_EQ(Harmless("Жук 山田 \xF0\x9F\x98\x80", 100), "Жук 山田 \xF0\x9F\x98\x80");
  EXPECT_EQ(Harmless("a\xFF"
                     "b\xC0\xAF\xE5\xB1",
                     100),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(Harmless("\xED\xA0\x80", 100), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // surrogate
  EXPECT_EQ(Harmless("a\nb\tc\x1b[0m", 100), "a b c [0m");
  EXPECT_EQ(Harmless("a\nb", 100, true), "a\nb");
  EXPECT_EQ(Harmless("a\xE2\x80\xAE"
                     "b\xEF\xBB\xBF"
                     "c",
                     100),
            "a b c");
  EXPECT_EQ(Harmless("山田太郎", 2), "山田...");
}

TEST(ShownName, PutsTheFamilyNameFirst) {
  EXPECT_EQ(ShownName("Curie^Marie^Salomea^Dr."), "Curie, Marie Salomea Dr.");
  EXPECT_EQ(ShownName("Yamada^Tarou=山田^太郎=やまだ^たろう"),
            "Yamada, Tarou = 山田, 太郎 = やまだ, たろう");
  EXPECT_EQ(ShownName("^Marie"), "Marie");
  EXPECT_EQ(ShownName("^^==^"), "");
}

TEST(ShownWords, ReadLikeText) {
  EXPECT_EQ(ShownDate("20261123"), "2026-11-23");
  EXPECT_EQ(ShownDate("2026.11.23"), "2026.11.23");
  EXPECT_EQ(ShownMoment("20261123", "140509.12"), "2026-11-23 14:05");
  EXPECT_EQ(ShownMoment("20261123", ""), "2026-11-23");
  EXPECT_EQ(ShownAge("070Y"), "70 years");
  EXPECT_EQ(ShownAge("000D"), "0 days");
  EXPECT_EQ(ShownAge("old"), "old");
  EXPECT_EQ(WithoutWarning("W: text", "W"), "text");
  EXPECT_EQ(WithoutWarning("W", "W"), "");
  EXPECT_THAT(ParametersNamed("a=1; b=x=y; a=2; ab=3", "a"), ::testing::ElementsAre("1", "2"));
}

std::size_t NumberAt(const std::vector<std::byte>& bytes, std::size_t at) {
  std::size_t number = 0;
  for (std::size_t i = 0; i < 4; ++i)
    number = number << 8U | std::to_integer<std::size_t>(bytes[at + i]);
  return number;
}

TEST(EncodePng, GivesThePixelsBack) {
  constexpr int kRows = 5, kColumns = 7;
  std::vector<unsigned char> rgb(std::size_t{3} * kRows * kColumns);
  for (std::size_t i = 0; i < rgb.size(); ++i)
    rgb[i] = static_cast<unsigned char>(i * 37);
  const std::vector<std::byte> png = EncodePng(kRows, kColumns, rgb);
  EXPECT_EQ(NumberAt(png, 0), 0x89504E47U);
  EXPECT_EQ(NumberAt(png, 16), std::size_t{kColumns});
  EXPECT_EQ(NumberAt(png, 20), std::size_t{kRows});
  constexpr std::size_t kData = 8 + 25;  // behind the signature and IHDR
  const std::size_t length = NumberAt(png, kData);
  const auto* data = reinterpret_cast<const unsigned char*>(png.data()) + kData + 8;
  EXPECT_EQ(NumberAt(png, kData + 8 + length), crc32(0, data - 4, static_cast<uInt>(length + 4)));
  std::vector<unsigned char> lines(rgb.size() + kRows);
  uLongf size = lines.size();
  ASSERT_EQ(uncompress(lines.data(), &size, data, static_cast<uLong>(length)), Z_OK);
  ASSERT_EQ(size, lines.size());
  for (std::size_t row = 0; row < kRows; ++row) {
    unsigned char* line = lines.data() + row * (3 * kColumns + 1);
    ASSERT_EQ(line[0], 1);
    for (std::size_t i = 3; i < 3 * kColumns; ++i)
      line[i + 1] = static_cast<unsigned char>(line[i + 1] + line[i - 2]);
    EXPECT_EQ(std::memcmp(line + 1, rgb.data() + row * 3 * kColumns, 3 * kColumns), 0) << row;
  }
  EXPECT_THROW(static_cast<void>(EncodePng(kRows, kColumns + 1, rgb)), Error);
  EXPECT_THROW(static_cast<void>(EncodePng(0, 0, {})), Error);
}

}  // namespace
}  // namespace necknode::sr_writer::tests
