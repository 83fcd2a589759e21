#include "admin/access.h"

#include <optional>

#include "admin/http_text.h"
#include "admin/problem.h"
#include "admin/security_headers.h"

namespace necknode::admin {
namespace {

bool Changes(const Request& request) {
  return request.method != "GET" && request.method != "HEAD" && request.method != "OPTIONS";
}

// A page of another site must not be able to act through the browser of somebody who may: it
// cannot set these headers, nor send JSON, without being asked first.
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

}  // namespace

Response Access::Handle(Request request) const {
  // A name that another site has pointed at this machine must not make our answers its own.
  if (options_.loopback && !IsLoopbackName(HostName(request.Header("host")))) {
    return Problem(421, "bound to loopback only localhost or a loopback address is answered");
  }
  const bool changes = Changes(request);
  if (changes) {
    if (auto refusal = ForeignChange(request)) {
      return *refusal;
    }
    if (request.Header("x-requested-with") != "necknode") {
      return Problem(403, "changing requests need the header X-Requested-With: necknode");
    }
  }
  request.user = "local";
  request.role = Role::kAdministrator;
  Response response = router_.Handle(request);
  AnswerConditionally(request, response);
  return response;
}

}  // namespace necknode::admin
