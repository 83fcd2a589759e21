#include "phantom/label_volume.h"

#include <vector>

#include <gtest/gtest.h>

#include "core/error.h"
#include "phantom/embedded_atlas.h"

namespace necknode::phantom {
namespace {

std::vector<std::byte> Atlas() {
  const auto bytes = EmbeddedAtlas();
  return {bytes.begin(), bytes.end()};
}

std::vector<std::byte> Replaced(const std::string& from, const std::string& to) {
  std::vector<std::byte> bytes = Atlas();
  std::string head(reinterpret_cast<const char*>(bytes.data()), 600);
  const std::size_t at = head.find(from);
  EXPECT_NE(at, std::string::npos);
  bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at),
              bytes.begin() + static_cast<std::ptrdiff_t>(at + from.size()));
  std::vector<std::byte> inserted;
  for (const char c : to) {
    inserted.push_back(static_cast<std::byte>(c));
  }
  bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), inserted.begin(), inserted.end());
  return bytes;
}

void ExpectRefused(const std::vector<std::byte>& bytes, const std::string& reason) {
  try {
    static_cast<void>(ReadLabels(bytes));
    FAIL() << "accepted; expected a refusal that says: " << reason;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kParse);
    EXPECT_NE(std::string(error.what()).find(reason), std::string::npos) << error.what();
  }
}

TEST(ReadLabels, ReadsTheEmbeddedAtlas) {
  const LabelVolume atlas = ReadLabels(EmbeddedAtlas());
  EXPECT_EQ(atlas.nx, 255);
  EXPECT_EQ(atlas.ny, 255);
  EXPECT_EQ(atlas.nz, 229);
  EXPECT_EQ(atlas.At(123, 115, 64), 0) << "airway inside the cricoid";
  EXPECT_EQ(atlas.At(155, 108, 64), 109) << "right internal jugular vein";
  EXPECT_EQ(atlas.At(127, 141, 87), 9) << "hyoid";
}

TEST(ReadLabels, RefusesTruncatedAndDamagedData) {
  auto bytes = Atlas();
  bytes.resize(bytes.size() / 2);
  ExpectRefused(bytes, "when unpacked");
  bytes.resize(40);
  ExpectRefused(bytes, "no blank line");
  bytes.clear();
  ExpectRefused(bytes, "NRRD000");
  bytes = Atlas();
  for (std::size_t i = 5000; i < 5016; ++i) {
    bytes[i] ^= std::byte{0x5A};
  }
  ExpectRefused(bytes, "when unpacked");
}

TEST(ReadLabels, RefusesHeadersThatItDoesNotUnderstand) {
  ExpectRefused(Replaced("type: short", "type: float"), "field type is float");
  ExpectRefused(Replaced("encoding: gzip", "encoding: raw"), "field encoding is raw");
  ExpectRefused(Replaced("endian: little\n", ""), "field endian is nothing");
  ExpectRefused(Replaced("sizes: 255 255 229", "sizes: 255 255"), "sizes are");
  ExpectRefused(Replaced("sizes: 255 255 229", "sizes: 255 255 4000000"), "sizes are");
  ExpectRefused(Replaced("sizes: 255 255 229", "sizes: 255 255 230"), "when unpacked");
  ExpectRefused(Replaced("sizes: 255 255 229", "sizes: 255 255 228"), "when unpacked");
}

}  // namespace
}  // namespace necknode::phantom
