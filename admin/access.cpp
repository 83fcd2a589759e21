#include "admin/access.h"

#include <optional>

#include "admin/credentials.h"
#include "admin/http_text.h"
#include "admin/passwords.h"
#include "admin/problem.h"
#include "admin/security_headers.h"
#include "core/error.h"
#include "core/log.h"

namespace necknode::admin {
namespace {

constexpr std::string_view kBearer = "bearer ";
constexpr const char* kLogin = "/api/v1/session";
constexpr const char* kEvents = "/api/v1/events";

bool Changes(const Request& request) {
  return request.method != "GET" && request.method != "HEAD" && request.method != "OPTIONS";
}

// A page of another site must not be able to act through the browser of somebody who may: it
// cannot send JSON to us without being asked first.
std::optional<Response> ForeignChange(const Request& request) {
  if (!request.body.empty() &&
      !LowerCase(request.Header("content-type")).starts_with("application/json")) {
    return Problem(415, "the body must be application/json");
  }
  const std::string origin = request.Header("origin");
  const std::string host = request.Header("host");
  if (!origin.empty() && origin != "http://" + host && origin != "https://" + host) {
    return Problem(403, "this request comes from a page of another site");
  }
  return std::nullopt;
}

bool IsHealth(const Request& request) {
  return request.path == "/health/live" || request.path == "/health/ready";
}

// Monitoring of this machine has no login.
Role RoleOfNobody(const Request& request, bool loopback) {
  return loopback && request.path == "/metrics" ? Role::kMonitoring : Role::kNone;
}

// A time of use that cannot be written does no harm.
template <typename Write>
void WriteIfPossible(Write write) {
  try {
    write();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNoSpace) {
      throw;
    }
  }
}

}  // namespace

bool Access::ByToken(Request& request) const {
  const std::string header = request.Header("authorization");
  if (!LowerCase(header).starts_with(kBearer)) {
    return false;
  }
  const auto token = users_.FindToken(DigestOf(header.substr(kBearer.size())));
  const WallTime now = clock_.Now();
  if (!token || (token->expires && *token->expires <= now)) {
    return false;
  }
  request.user = "token " + token->name;
  request.role = RoleFrom(token->role).value_or(Role::kNone);
  if (IsStale(token->last_used, now)) {
    WriteIfPossible([&] { users_.UseToken(token->digest); });
  }
  return true;
}

bool Access::BySession(Request& request) const {
  const std::string secret = CookieOf(request.Header("cookie"), SessionCookieName(options_.tls));
  if (secret.empty()) {
    return false;
  }
  const auto session = users_.FindSession(DigestOf(secret));
  const WallTime now = clock_.Now();
  if (!session || !IsAlive(*session, now)) {
    return false;
  }
  const auto user = users_.Find(session->user);
  if (!user) {
    return false;
  }
  request.user = user->name;
  request.role = RoleFrom(user->role).value_or(Role::kNone);
  request.session = session->digest;
  // An open page, which only waits for events, is no use of a session.
  if (request.path != kEvents && IsStale(session->last_used, now)) {
    WriteIfPossible([&] { users_.UseSession(session->digest); });
  }
  return true;
}

Response Access::Answer(Request& request) const {
  request.role = Role::kNone;
  // A name that another site has pointed at this machine must not make our answers its own.
  const bool check_of_health = request.Header("host").empty() && IsHealth(request);
  if (options_.loopback && !check_of_health && !IsLoopbackName(HostName(request.Header("host")))) {
    return Problem(421, "bound to loopback, only localhost and loopback addresses are answered");
  }
  const bool changes = Changes(request);
  if (auto refusal = changes ? ForeignChange(request) : std::nullopt) {
    return *refusal;
  }
  if (!request.Header("authorization").empty()) {
    if (!ByToken(request)) {
      Response refused = Problem(401, "this token is not known, or has expired");
      refused.headers.emplace_back("WWW-Authenticate", "Bearer");
      return refused;
    }
  } else if (options_.loopback && !users_.Any()) {
    if (changes && request.Header("x-requested-with") != "necknode") {
      return Problem(403, "changing requests need the header X-Requested-With: necknode");
    }
    request.user = "local";
    request.role = Role::kAdministrator;
  } else if (!BySession(request)) {
    request.role = RoleOfNobody(request, options_.loopback);
  } else if (changes && !(request.path == kLogin && request.method == "POST")) {
    const std::string secret = CookieOf(request.Header("cookie"), SessionCookieName(options_.tls));
    if (!SameSecret(request.Header("x-csrf-token"), CsrfTokenOf(secret))) {
      return Problem(403, "changing requests need the header X-CSRF-Token of the session");
    }
  }
  return router_.Handle(request);
}

Response Access::Handle(Request request) const {
  try {
    Response response = Answer(request);
    AnswerConditionally(request, response);
    return response;
  } catch (const Error& error) {
    Log(LogLevel::kWarning, "access_failed", {{"reason", error.what()}});
    return Problem(StatusOf(error.code()), "the node could not answer; its log says why");
  } catch (const std::exception& error) {
    Log(LogLevel::kError, "access_failed", {{"reason", error.what()}});
    return Problem(500, "the node could not answer; its log says why");
  }
}

}  // namespace necknode::admin
