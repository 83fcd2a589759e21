#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "admin/request.h"
#include "core/clock.h"
#include "storage/users.h"

namespace necknode::admin {

inline constexpr std::chrono::minutes kSessionIdle{30};  ///< unused for so long a session ends
inline constexpr std::chrono::hours kSessionLife{12};    ///< and in any case then

/// The cookie that holds a session's secret: by TLS one that no other host or path can set.
[[nodiscard]] std::string SessionCookieName(bool tls);
/// The value of Set-Cookie that gives it to the browser, or with an empty secret takes it away.
[[nodiscard]] std::string SessionCookie(const std::string& secret, bool tls);
/// What a request that changes something must show beside the cookie: no other site can read it.
[[nodiscard]] std::string CsrfTokenOf(const std::string& secret);
/// What storage keeps of the secret of a session or an API token.
[[nodiscard]] std::string DigestOf(const std::string& secret);

/// nullopt: no role of that name.
[[nodiscard]] std::optional<Role> RoleFrom(const std::string& name);

/// What is wrong with the name of a user or a token, or empty: 1 to 64 letters, digits, ".", "_",
/// "-", "@", the first a letter or digit.
[[nodiscard]] std::string NameProblem(const std::string& name);

/// Whether a session is neither too old nor too long unused.
[[nodiscard]] bool IsAlive(const storage::LoginSession& session, WallTime now);

/// When storage's row of `last_used` is old enough to be written again.
[[nodiscard]] bool IsStale(std::optional<WallTime> last_used, WallTime now);

/// The audit row of something that the sender of `request` did.
[[nodiscard]] storage::AuditEvent ActOf(const Request& request,
                                        const std::string& event,
                                        const std::string& subject,
                                        const std::string& outcome,
                                        const std::string& detail = "");

}  // namespace necknode::admin
