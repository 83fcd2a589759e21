#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

namespace necknode::scp {

/// Longest identifier of a query answer that is taken: a dozen short values.
inline constexpr std::size_t kMaxIdentifierBytes = 64 * 1024;

/// The top-level text values of a query answer (PS3.4 C.4.1), without padding, by tag
/// (group << 16 | element).
class Identifier {
 public:
  /// Reads a dataset in little endian, without recursion; sequences are skipped. Throws
  /// Error(kParse) where a length leads outside, a tag does not ascend, or a sequence has no
  /// length.
  Identifier(std::span<const std::byte> bytes, bool explicit_vr);
  /// Absent is empty.
  [[nodiscard]] std::string Text(std::uint32_t tag) const;
  /// An integer string (IS) of 0 or more; nullopt: absent or none.
  [[nodiscard]] std::optional<int> Count(std::uint32_t tag) const;

 private:
  std::map<std::uint32_t, std::string> values_;
};

}  // namespace necknode::scp
