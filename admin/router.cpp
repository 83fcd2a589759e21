#include "admin/router.h"

#include <optional>
#include <set>

#include "admin/problem.h"
#include "core/error.h"
#include "core/log.h"

namespace necknode::admin {
namespace {

using Parameters = std::map<std::string, std::string>;

std::vector<std::string> PartsOf(const std::string& path) {
  std::vector<std::string> parts;
  std::string part;
  for (const char c : path.substr(path.starts_with('/') ? 1 : 0)) {
    if (c == '/') {
      parts.push_back(part);
      part.clear();
    } else {
      part += c;
    }
  }
  parts.push_back(part);
  return parts;
}

std::optional<Parameters> Match(const std::vector<std::string>& pattern,
                                const std::vector<std::string>& path) {
  Parameters parameters;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::string& part = pattern[i];
    if (i >= path.size()) {
      return std::nullopt;
    }
    if (!part.starts_with('{')) {
      if (part != path[i]) {
        return std::nullopt;
      }
      continue;
    }
    std::string name = part.substr(1, part.size() - 2);
    std::string value = path[i];
    if (name.ends_with("...")) {
      name.resize(name.size() - 3);
      for (std::size_t k = i + 1; k < path.size(); ++k) {
        value += "/" + path[k];
      }
      parameters[name] = value;
      return parameters;
    }
    if (value.empty()) {
      return std::nullopt;
    }
    parameters[name] = value;
  }
  return pattern.size() == path.size() ? std::optional(parameters) : std::nullopt;
}

Response Answer(const Handler& handler, const Request& request) {
  try {
    return handler(request);
  } catch (const Error& error) {
    return Problem(StatusOf(error.code()), error.what());
  } catch (const std::exception& error) {
    Log(LogLevel::kError, "http_handler_failed", {{"reason", error.what()}});
    return Problem(500, "the node could not answer; its log says why");
  }
}

}  // namespace

std::string_view ToString(Role role) {
  switch (role) {
    case Role::kNone:
      return "none";
    case Role::kMonitoring:
      return "monitoring";
    case Role::kViewer:
      return "viewer";
    case Role::kOperator:
      return "operator";
    case Role::kAdministrator:
      break;
  }
  return "administrator";
}

std::string Request::Header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

std::string Request::Query(const std::string& name) const {
  const auto found = query.find(name);
  return found == query.end() ? "" : found->second;
}

void Router::Add(const std::string& method,
                 const std::string& pattern,
                 Role needed,
                 Handler handler) {
  routes_.push_back({method, pattern, PartsOf(pattern), needed, std::move(handler)});
}

std::vector<RouteName> Router::Patterns() const {
  std::vector<RouteName> names;
  for (const Route& route : routes_) {
    names.push_back({route.method, route.pattern, route.needed});
  }
  return names;
}

Response Router::Handle(Request request) const {
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  const std::vector<std::string> path = PartsOf(request.path);
  std::set<std::string> allowed;
  for (const Route& route : routes_) {
    const auto parameters = Match(route.parts, path);
    if (!parameters) {
      continue;
    }
    if (route.method != method) {
      allowed.insert(route.method);
      if (route.method == "GET") {
        allowed.insert("HEAD");
      }
      continue;
    }
    if (request.role < route.needed && request.role == Role::kNone) {
      Response refused = Problem(401, "log in first");
      refused.headers.emplace_back("WWW-Authenticate", "Bearer");
      return refused;
    }
    if (request.role < route.needed) {
      return Problem(403, "this needs the role " + std::string(ToString(route.needed)));
    }
    request.parameters = *parameters;
    return Answer(route.handler, request);
  }
  if (allowed.empty()) {
    return Problem(404, "there is nothing at this address");
  }
  std::string methods;
  for (const std::string& one : allowed) {
    methods += (methods.empty() ? "" : ", ") + one;
  }
  Response response = Problem(405, "this address takes " + methods);
  response.headers.emplace_back("Allow", methods);
  return response;
}

}  // namespace necknode::admin
