#pragma once

#include <string>
#include <string_view>

#include "config/config.h"

namespace necknode::config {

// TOML text that reads back as the same values. Every key is written, so that a later default
// changes nothing; what only DIMSE or only the web uses is left out of a peer of the other kind.

[[nodiscard]] std::string ToToml(const OwnAe& ae);
[[nodiscard]] std::string ToToml(const Peer& peer);
[[nodiscard]] std::string ToToml(const Route& route);
/// All of them as [[ae]], [[peer]] and [[route]], an empty line between two.
[[nodiscard]] std::string ToToml(const Tables& tables);

/// A TOML basic string: quoted, on one line, whatever UTF-8 `text` holds.
[[nodiscard]] std::string Quoted(std::string_view text);
/// A TOML float: the shortest text that reads back as the same value. `value` must be finite.
[[nodiscard]] std::string FloatText(double value);

/// Names an item's content: 16 hex digits that differ where a key does.
template <typename Item>
[[nodiscard]] std::string DigestOf(const Item& item);

}  // namespace necknode::config
