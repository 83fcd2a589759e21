#include "admin/session_api.h"

#include <optional>

#include "admin/credentials.h"
#include "admin/http_text.h"
#include "admin/json_fields.h"
#include "admin/login_limit.h"
#include "admin/passwords.h"
#include "admin/problem.h"
#include "core/digest.h"
#include "core/error.h"

namespace necknode::admin {
namespace {

using nlohmann::json;
using storage::AuditEvent;
using storage::LoginSession;
using storage::User;

constexpr std::size_t kSecretBytes = 32;

std::string SecretIn(const Request& request, bool tls) {
  return CookieOf(request.Header("cookie"), SessionCookieName(tls));
}

json View(const std::string& user, Role role, const std::string& secret, WallTime created) {
  return {{"user", user},
          {"role", ToString(role)},
          {"users_needed", true},
          {"csrf", CsrfTokenOf(secret)},
          {"expires", Iso8601(created + kSessionLife)}};
}

std::optional<Response> TooMany(const AccessServices& services,
                                const std::string& user,
                                const Request& request) {
  const auto wait = services.limit.Wait(user, request.client);
  if (wait.count() == 0) {
    return std::nullopt;
  }
  if (services.limit.ShouldTell(user, request.client)) {
    Request actor = request;
    actor.user = services.users.Find(user) ? user : "";
    services.audit(ActOf(actor,
                         "login",
                         actor.user.empty() ? "unknown user" : user,
                         "refused",
                         "too many failures: further ones are not written down for five minutes"));
  }
  Response response = Problem(429, "too many failed logins: try again later");
  response.headers.emplace_back("Retry-After", std::to_string(wait.count()));
  return response;
}

Response LogIn(const AccessServices& services, const Request& request) {
  const json body = BodyOf(request);
  const std::string name = TextOf(body, "user");
  const std::string password = TextOf(body, "password");
  if (!services.users.Any()) {
    throw Error(ErrorCode::kConflict, "this node has no users: nobody needs to log in");
  }
  if (auto refusal = TooMany(services, name, request)) {
    return *refusal;
  }
  const std::optional<User> user = services.users.Find(name);
  Request actor = request;
  actor.user = user ? user->name : "";
  if (!IsPassword(password, user ? user->password_hash : "")) {
    services.limit.Failed(name, request.client);
    // What is no user's name may be a password typed into the wrong field.
    services.audit(ActOf(actor, "login", user ? user->name : "unknown user", "refused"));
    return Problem(401, "user or password is wrong");
  }
  services.limit.Succeeded(name, request.client);
  const std::string secret = RandomHex(kSecretBytes);
  const WallTime now = services.clock.Now();
  services.users.BeginSession({DigestOf(secret), user->name, now, now},
                              now - kSessionLife,
                              now - kSessionIdle,
                              ActOf(actor, "login", user->name, "success"));
  if (!request.session.empty()) {
    services.users.EndSession(request.session, ActOf(request, "login", request.user, "logout"));
  }
  Response response =
      Json(View(user->name, RoleFrom(user->role).value_or(Role::kNone), secret, now));
  response.headers.emplace_back("Set-Cookie", SessionCookie(secret, services.tls));
  return response;
}

Response ShowSession(const AccessServices& services, const Request& request) {
  if (!request.session.empty()) {
    const auto session = services.users.FindSession(request.session);
    return Json(View(request.user,
                     request.role,
                     SecretIn(request, services.tls),
                     session ? session->created : services.clock.Now()));
  }
  json view = {{"user", nullptr},
               {"role", nullptr},
               {"users_needed", services.users.Any()},
               {"csrf", nullptr},
               {"expires", nullptr}};
  if (request.role != Role::kNone) {
    view["user"] = request.user;
    view["role"] = ToString(request.role);
  }
  return Json(view);
}

Response LogOut(const AccessServices& services, const Request& request) {
  if (!request.session.empty()) {
    services.users.EndSession(request.session, ActOf(request, "login", request.user, "logout"));
  }
  return {204, "", {{"Set-Cookie", SessionCookie("", services.tls)}}, ""};
}

Response ChangePassword(const AccessServices& services, const Request& request) {
  const json body = BodyOf(request);
  const std::string old = TextOf(body, "password");
  const std::string changed = TextOf(body, "new_password");
  const auto user = services.users.Find(request.user);
  if (request.session.empty() || !user) {
    throw Error(ErrorCode::kConflict, "only who has logged in has a password to change");
  }
  if (auto refusal = TooMany(services, user->name, request)) {
    return *refusal;
  }
  if (!IsPassword(old, user->password_hash)) {
    services.limit.Failed(user->name, request.client);
    return Problem(403, "the present password is wrong");
  }
  RequireNone(PasswordProblem(changed));
  services.users.Change(user->name,
                        {.password_hash = HashPassword(changed), .keep_session = request.session},
                        {ActOf(request, "user", user->name, "password changed")});
  return {204, "", {}, ""};
}

}  // namespace

void AddSession(Router& router, const AccessServices& services) {
  const auto add = [&](const std::string& method,
                       const std::string& pattern,
                       Role needed,
                       Response (*handler)(const AccessServices&, const Request&)) {
    router.Add(method, pattern, needed, [services, handler](const Request& request) {
      return handler(services, request);
    });
  };
  add("GET", "/api/v1/session", Role::kNone, ShowSession);
  add("POST", "/api/v1/session", Role::kNone, LogIn);
  add("DELETE", "/api/v1/session", Role::kNone, LogOut);
  add("POST", "/api/v1/session/password", Role::kViewer, ChangePassword);
}

}  // namespace necknode::admin
