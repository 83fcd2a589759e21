#pragma once

#include <compare>
#include <string>
#include <string_view>

namespace necknode {

/// A DICOM unique identifier (PS3.5 section 9). Deliberately has no stream operator and no
/// formatter: full UIDs are not logged (ShortName() is for that).
class Uid {
 public:
  Uid() = default;
  /// Takes the text as received, without trailing NULs and spaces; does not judge it (see IsValid).
  explicit Uid(std::string_view text);

  /// "2.25." and a random UUID as a decimal number (PS3.5 B.2).
  static Uid Random();
  /// "2.25." and the UUIDv5 of `name` as a decimal number: the same name gives the same UID, for
  /// ever.
  static Uid FromName(std::string_view name);

  /// At most 64 characters of digits and dots, no empty component, no leading zero (PS3.5
  /// section 9.1).
  [[nodiscard]] bool IsValid() const;
  [[nodiscard]] bool empty() const { return value_.empty(); }
  [[nodiscard]] const std::string& value() const { return value_; }
  /// The first eight hex digits of the UID's SHA-256: names it in a log without revealing it.
  [[nodiscard]] std::string ShortName() const;

  auto operator<=>(const Uid&) const = default;

 private:
  std::string value_;
};

}  // namespace necknode
