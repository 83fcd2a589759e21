#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace necknode {

/// Running SHA-256 (FIPS 180-4) over bytes given in pieces. Not thread safe.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void Update(std::span<const std::byte> bytes);
  void Update(std::string_view text);
  /// 64 lower-case hex digits. Call once; afterwards the object may only be destroyed or assigned
  /// to.
  [[nodiscard]] std::string Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// SHA-256 of one text as 64 lower-case hex digits.
[[nodiscard]] std::string Sha256Of(std::string_view text);
[[nodiscard]] std::string Sha256Of(std::span<const std::byte> bytes);

/// HMAC-SHA256 (RFC 2104, FIPS 198-1) of `text` with `key` as 64 lower-case hex digits.
[[nodiscard]] std::string HmacSha256Of(std::string_view key, std::string_view text);

/// `count` bytes from the operating system's random source as lower-case hex digits (2 * count
/// characters).
[[nodiscard]] std::string RandomHex(std::size_t count);

}  // namespace necknode
