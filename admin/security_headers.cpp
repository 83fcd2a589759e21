#include "admin/security_headers.h"

#include <algorithm>

#include "admin/http_text.h"
#include "core/digest.h"

namespace necknode::admin {
namespace {

constexpr const char* kPolicy = "Content-Security-Policy";
constexpr const char* kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'";
constexpr std::size_t kTagDigits = 32;

std::string* Find(Response& response, const std::string& name) {
  const auto found = std::ranges::find_if(
      response.headers, [&](const auto& header) { return LowerCase(header.first) == name; });
  return found == response.headers.end() ? nullptr : &found->second;
}

void AddUnlessThere(Response& response, const char* name, const char* value) {
  if (Find(response, LowerCase(name)) == nullptr) {
    response.headers.emplace_back(name, value);
  }
}

}  // namespace

void AddSecurityHeaders(Response& response, bool tls) {
  if (std::string* own = Find(response, "content-security-policy")) {
    if (own->find("frame-ancestors") == std::string::npos) {
      *own += "; frame-ancestors 'self'";
    }
  } else {
    response.headers.emplace_back(kPolicy, kPagePolicy);
    AddUnlessThere(response, "X-Frame-Options", "DENY");
  }
  AddUnlessThere(response, "X-Content-Type-Options", "nosniff");
  AddUnlessThere(response, "Referrer-Policy", "no-referrer");
  AddUnlessThere(response, "Cross-Origin-Opener-Policy", "same-origin");
  AddUnlessThere(response, "Cross-Origin-Resource-Policy", "same-origin");
  AddUnlessThere(response, "Cross-Origin-Embedder-Policy", "require-corp");
  AddUnlessThere(response, "Permissions-Policy", "camera=(), microphone=(), geolocation=()");
  AddUnlessThere(response, "Cache-Control", "no-store");
  if (tls) {
    AddUnlessThere(response, "Strict-Transport-Security", "max-age=31536000");
  }
}

void AnswerConditionally(const Request& request, Response& response) {
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (!reads || response.status != 200 || response.body.empty()) {
    return;
  }
  const std::string* own = Find(response, "etag");
  const std::string tag =
      own != nullptr ? *own : '"' + Sha256Of(response.body).substr(0, kTagDigits) + '"';
  if (own == nullptr) {
    response.headers.emplace_back("ETag", tag);
  }
  const std::string wanted = request.Header("if-none-match");
  if (wanted == "*" || wanted.find(tag) != std::string::npos) {
    response.status = 304;
    response.body.clear();
  }
}

}  // namespace necknode::admin
