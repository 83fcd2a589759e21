#include "admin/user_api.h"

#include "admin/credentials.h"
#include "admin/json_fields.h"
#include "admin/passwords.h"
#include "admin/problem.h"
#include "admin/query.h"
#include "core/digest.h"
#include "core/error.h"

namespace necknode::admin {
namespace {

using nlohmann::json;

constexpr std::size_t kSecretBytes = 32;
constexpr int kMostDays = 3650;

json TimeOrNull(const std::optional<WallTime>& time) {
  return time ? json(Iso8601(*time)) : json(nullptr);
}

/// Of a person, or of a token where `monitoring` is one too.
void RequireRole(const std::string& role, bool of_token = false) {
  const auto known = RoleFrom(role);
  const bool good = known && (of_token || *known != Role::kMonitoring);
  RequireNone(good ? ""
                   : "\"" + role + "\" is none of: " + (of_token ? "monitoring, " : "") +
                         "viewer, operator, administrator");
}

template <typename Rows>
Response ListOf(const Rows& rows) {
  json items = json::array();
  for (const auto& row : rows) {
    items.push_back(AsJson(row));
  }
  return Json({{"items", std::move(items)}, {"next", nullptr}});
}

Response AddUser(const AccessServices& services, const Request& request) {
  const json body = BodyOf(request);
  CheckMembers(body, {"name", "role", "password"});
  const storage::User user =
      MakeUser(TextOf(body, "name"), TextOf(body, "role"), TextOf(body, "password"));
  services.users.Add(user, ActOf(request, "user", user.name, "added", user.role));
  return Json(AsJson(*services.users.Find(user.name)), 201);
}

Response ChangeUser(const AccessServices& services, const Request& request) {
  const std::string& name = request.parameters.at("name");
  const json body = BodyOf(request);
  CheckMembers(body, {"role", "password"});
  const auto role = OptionalTextOf(body, "role");
  const auto password = OptionalTextOf(body, "password");
  storage::UserChange change;
  std::vector<storage::AuditEvent> events;
  if (role) {
    RequireRole(*role);
    change.role = role;
    events.push_back(ActOf(request, "user", name, "role changed", *role));
  }
  if (password) {
    RequireNone(PasswordProblem(*password));
    change.password_hash = HashPassword(*password);
    change.keep_session = request.user == name ? request.session : "";
    events.push_back(ActOf(request, "user", name, "password changed"));
  }
  services.users.Change(name, change, events);
  const auto user = services.users.Find(name);
  if (!user) {
    throw Error(ErrorCode::kNotFound, "there is no user " + name);
  }
  return Json(AsJson(*user));
}

Response RemoveUser(const AccessServices& services, const Request& request) {
  const std::string& name = request.parameters.at("name");
  services.users.Remove(name, ActOf(request, "user", name, "removed"));
  return {204, "", {}, ""};
}

std::optional<WallTime> ExpiryIn(const json& body, WallTime now) {
  const auto days = body.find("expires_days");
  if (days == body.end() || days->is_null()) {
    return std::nullopt;
  }
  const bool good = days->is_number_integer() && days->get<std::int64_t>() >= 1 &&
                    days->get<std::int64_t>() <= kMostDays;
  RequireNone(good ? "" : "the field expires_days must be a whole number from 1 to 3650");
  return now + std::chrono::days(days->get<int>());
}

Response AddToken(const AccessServices& services, const Request& request) {
  const json body = BodyOf(request);
  CheckMembers(body, {"name", "role", "expires_days"});
  const NewToken made = MakeToken(TextOf(body, "name"),
                                  TextOf(body, "role"),
                                  ExpiryIn(body, services.clock.Now()),
                                  request.user);
  services.users.AddToken(made.row, ActOf(request, "token", made.row.name, "added", made.row.role));
  json view = AsJson(*services.users.FindToken(made.row.digest));
  view["secret"] = made.secret;
  return Json(view, 201);
}

Response RemoveToken(const AccessServices& services, const Request& request) {
  const std::string& name = request.parameters.at("name");
  services.users.RemoveToken(name, ActOf(request, "token", name, "removed"));
  return {204, "", {}, ""};
}

}  // namespace

json AsJson(const storage::User& user) {
  return {{"name", user.name},
          {"role", user.role},
          {"created", Iso8601(user.created)},
          {"last_login", TimeOrNull(user.last_login)}};
}

json AsJson(const storage::ApiToken& token) {
  return {{"name", token.name},
          {"role", token.role},
          {"created", Iso8601(token.created)},
          {"created_by", token.created_by},
          {"expires", TimeOrNull(token.expires)},
          {"last_used", TimeOrNull(token.last_used)}};
}

NewToken MakeToken(const std::string& name,
                   const std::string& role,
                   std::optional<WallTime> expires,
                   const std::string& created_by) {
  RequireNone(NameProblem(name));
  RequireRole(role, true);
  NewToken made;
  // The prefix lets scanners of leaked secrets find one.
  made.secret = "necknode_" + RandomHex(kSecretBytes);
  made.row.name = name;
  made.row.role = role;
  made.row.digest = DigestOf(made.secret);
  made.row.created_by = created_by;
  made.row.expires = expires;
  return made;
}

storage::User MakeUser(const std::string& name,
                       const std::string& role,
                       const std::string& password) {
  RequireNone(NameProblem(name));
  RequireRole(role);
  RequireNone(PasswordProblem(password));
  storage::User user;
  user.name = name;
  user.role = role;
  user.password_hash = HashPassword(password);
  return user;
}

void AddUsers(Router& router, const AccessServices& services) {
  const auto add = [&](const std::string& method,
                       const std::string& pattern,
                       Response (*handler)(const AccessServices&, const Request&)) {
    router.Add(method, pattern, Role::kAdministrator, [services, handler](const Request& request) {
      return handler(services, request);
    });
  };
  add("GET", "/api/v1/users", [](const AccessServices& of, const Request&) {
    return ListOf(of.users.List());
  });
  add("POST", "/api/v1/users", AddUser);
  add("PUT", "/api/v1/users/{name}", ChangeUser);
  add("DELETE", "/api/v1/users/{name}", RemoveUser);
  add("GET", "/api/v1/tokens", [](const AccessServices& of, const Request&) {
    return ListOf(of.users.Tokens());
  });
  add("POST", "/api/v1/tokens", AddToken);
  add("DELETE", "/api/v1/tokens/{name}", RemoveToken);
}

}  // namespace necknode::admin
