#pragma once

#include <nlohmann/json.hpp>

#include "admin/session_api.h"

namespace necknode::admin {

/// A user or a token as the API and the commands show it: without any secret.
[[nodiscard]] nlohmann::json AsJson(const storage::User& user);
[[nodiscard]] nlohmann::json AsJson(const storage::ApiToken& token);

/// A new API token: the row to keep, and the secret to show once.
struct NewToken {
  storage::ApiToken row;
  std::string secret;
};
/// Throws Error(kInvalidArgument) for a name or role that cannot be.
[[nodiscard]] NewToken MakeToken(const std::string& name,
                                 const std::string& role,
                                 std::optional<WallTime> expires,
                                 const std::string& created_by);
/// A new user with a hash of the password. Throws Error(kInvalidArgument) for what cannot be.
[[nodiscard]] storage::User MakeUser(const std::string& name,
                                     const std::string& role,
                                     const std::string& password);

/// Adds /api/v1/users and /api/v1/tokens, for administrators.
void AddUsers(Router& router, const AccessServices& services);

}  // namespace necknode::admin
