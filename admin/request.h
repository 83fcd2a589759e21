#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace necknode::admin {

/// What a person may do. Each may all that the ones before it may; kNone has not logged in.
/// kMonitoring, for programs, may read metrics only.
enum class Role { kNone, kMonitoring, kViewer, kOperator, kAdministrator };
[[nodiscard]] std::string_view ToString(Role role);

/// An HTTP request after authentication, as a handler sees it.
struct Request {
  std::string method;                          ///< "GET", "POST", ...
  std::string path;                            ///< decoded, without query, e.g. "/api/v1/studies/7"
  std::map<std::string, std::string> query;    ///< decoded; of a name that stands twice the last
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
  std::string client;  ///< address of the peer
  std::string user;    ///< login name or "token NAME"; "local" without users
  Role role = Role::kViewer;
  std::string session;  ///< key of the login session in storage::Users; empty: there is none
  std::map<std::string, std::string> parameters;  ///< of the route's pattern, see Router::Add

  /// The header's or the query's value, or empty.
  [[nodiscard]] std::string Header(const std::string& name) const;
  [[nodiscard]] std::string Query(const std::string& name) const;
};

/// An answer. One of content type "text/event-stream" has no body: the server goes on with events.
struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
};

using Handler = std::function<Response(const Request&)>;

}  // namespace necknode::admin
