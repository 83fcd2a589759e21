#include "admin/credentials.h"

#include <algorithm>

#include "core/digest.h"

namespace necknode::admin {
namespace {

constexpr std::size_t kMaxName = 64;
constexpr std::chrono::minutes kWriteEvery{1};

bool IsLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

std::string SessionCookieName(bool tls) { return tls ? "__Host-necknode" : "necknode"; }

std::string SessionCookie(const std::string& secret, bool tls) {
  return SessionCookieName(tls) + "=" + secret + "; Path=/; HttpOnly; SameSite=Strict" +
         (tls ? "; Secure" : "") + (secret.empty() ? "; Max-Age=0" : "");
}

std::string CsrfTokenOf(const std::string& secret) { return Sha256Of("csrf " + secret); }

std::string DigestOf(const std::string& secret) { return Sha256Of("secret " + secret); }

std::optional<Role> RoleFrom(const std::string& name) {
  for (const Role role :
       {Role::kMonitoring, Role::kViewer, Role::kOperator, Role::kAdministrator}) {
    if (ToString(role) == name) {
      return role;
    }
  }
  return std::nullopt;
}

std::string NameProblem(const std::string& name) {
  const bool good = !name.empty() && name.size() <= kMaxName && IsLetterOrDigit(name.front()) &&
                    std::ranges::all_of(name, [](char c) {
                      return IsLetterOrDigit(c) || c == '.' || c == '_' || c == '-' || c == '@';
                    });
  return good ? ""
              : "a name has 1 to 64 letters, digits or . _ - @ and begins with a letter or digit";
}

bool IsAlive(const storage::LoginSession& session, WallTime now) {
  return now < session.created + kSessionLife && now < session.last_used + kSessionIdle;
}

bool IsStale(std::optional<WallTime> last_used, WallTime now) {
  return !last_used || *last_used + kWriteEvery <= now || *last_used > now;
}

storage::AuditEvent ActOf(const Request& request,
                          const std::string& event,
                          const std::string& subject,
                          const std::string& outcome,
                          const std::string& detail) {
  storage::AuditContext context;
  context.host = request.client;
  context.user = request.user;
  return {event, subject, outcome, detail, context};
}

}  // namespace necknode::admin
