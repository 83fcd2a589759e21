#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace necknode::dicom_io {

/// Without trailing spaces and NULs, the padding of a value (PS3.5 section 6.2).
[[nodiscard]] std::string_view TrimEnd(std::string_view text);
/// Without padding on either side: for values whose leading spaces mean nothing (IS, DS, CS, DA,
/// TM, UI).
[[nodiscard]] std::string_view Trim(std::string_view text);
/// Values between backslashes, each trimmed; empty where `text` is.
[[nodiscard]] std::vector<std::string> SplitValues(std::string_view text);

/// Integer String (IS). nullopt where it is not one or is out of range.
[[nodiscard]] std::optional<int> ParseInteger(std::string_view text);
/// Decimal String (DS). nullopt where it is not one or is not finite.
[[nodiscard]] std::optional<double> ParseDecimal(std::string_view text);
/// Exactly `count` Decimal Strings between backslashes, else nullopt.
[[nodiscard]] std::optional<std::vector<double>> ParseDecimals(std::string_view text,
                                                               std::size_t count);

/// `value` with `places` decimals and a point, whatever the locale: "6.99".
[[nodiscard]] std::string DecimalText(double value, int places);

/// A tag, given as group << 16 | element, as "(0028,0010)".
[[nodiscard]] std::string TagText(std::uint32_t tag);

}  // namespace necknode::dicom_io
