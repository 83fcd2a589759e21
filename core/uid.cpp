#include "core/uid.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <openssl/sha.h>

#include "core/digest.h"

namespace necknode {
namespace {

constexpr std::size_t kMaxUidLength = 64;
// RFC 4122 appendix C: the name space for ISO OIDs, of which DICOM UIDs are a part.
constexpr std::array<std::uint8_t, 16> kOidNameSpace = {
    0x6b, 0xa7, 0xb8, 0x12, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8};

// The 128-bit number, most significant byte first, in decimal.
std::string Decimal(std::array<std::uint8_t, 16> bytes) {
  std::string digits;
  bool zero = false;
  while (!zero) {
    zero = true;
    unsigned remainder = 0;
    for (std::uint8_t& byte : bytes) {
      const unsigned value = remainder * 256 + byte;
      byte = static_cast<std::uint8_t>(value / 10);
      remainder = value % 10;
      zero = zero && byte == 0;
    }
    digits.insert(digits.begin(), static_cast<char>('0' + remainder));
  }
  return digits;
}

Uid FromUuid(std::array<std::uint8_t, 16> uuid, unsigned version) {
  uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0FU) | (version << 4U));
  uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3FU) | 0x80U);
  return Uid("2.25." + Decimal(uuid));
}

}  // namespace

Uid::Uid(std::string_view text) {
  while (!text.empty() && (text.back() == '\0' || text.back() == ' ')) {
    text.remove_suffix(1);
  }
  value_ = text;
}

Uid Uid::Random() {
  const std::string hex = RandomHex(16);
  std::array<std::uint8_t, 16> uuid{};
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    uuid[i] = static_cast<std::uint8_t>(std::stoi(hex.substr(2 * i, 2), nullptr, 16));
  }
  return FromUuid(uuid, 4);
}

Uid Uid::FromName(std::string_view name) {
  std::string text;
  for (const std::uint8_t byte : kOidNameSpace) {
    text.push_back(static_cast<char>(byte));
  }
  text += name;
  std::array<std::uint8_t, SHA_DIGEST_LENGTH> sha1{};
  std::basic_string<unsigned char> bytes(text.begin(), text.end());
  SHA1(bytes.data(), bytes.size(), sha1.data());
  std::array<std::uint8_t, 16> uuid{};
  std::copy_n(sha1.begin(), uuid.size(), uuid.begin());
  return FromUuid(uuid, 5);
}

bool Uid::IsValid() const {
  if (value_.empty() || value_.size() > kMaxUidLength) {
    return false;
  }
  std::size_t start = 0;
  while (true) {
    const std::size_t end = value_.find('.', start);
    const std::string_view component =
        std::string_view(value_).substr(start, end == std::string::npos ? end : end - start);
    if (component.empty() || (component.size() > 1 && component[0] == '0')) {
      return false;
    }
    if (component.find_first_not_of("0123456789") != std::string_view::npos) {
      return false;
    }
    if (end == std::string::npos) {
      return true;
    }
    start = end + 1;
  }
}

std::string Uid::ShortName() const { return Sha256Of(value_).substr(0, 8); }

}  // namespace necknode
