#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace necknode::admin {

/// The text of a field that must be there. Throws Error(kInvalidArgument) naming it.
[[nodiscard]] std::string TextOf(const nlohmann::json& body, const std::string& name);

/// The text of a field; nullopt where it is absent or null. Throws as TextOf.
[[nodiscard]] std::optional<std::string> OptionalTextOf(const nlohmann::json& body,
                                                        const std::string& name);

/// Throws Error(kInvalidArgument) with the problem, if there is one.
void RequireNone(const std::string& problem);

}  // namespace necknode::admin
