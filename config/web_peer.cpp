#include <algorithm>
#include <charconv>

#include "config/parsed.h"

namespace necknode::config {
namespace {

constexpr const char* kHttp = "http://";
constexpr const char* kHttps = "https://";

/// Between the scheme and the path.
std::string AuthorityOf(const std::string& url) {
  const auto start = url.find("://") + 3;
  return url.substr(start, url.find_first_of("/?#", start) - start);
}

/// An IPv6 address keeps its brackets.
std::string HostOf(const std::string& authority) {
  const auto bracket = authority.find(']');
  return bracket == std::string::npos ? authority.substr(0, authority.find(':'))
                                      : authority.substr(0, bracket + 1);
}

bool IsPort(const std::string& text) {
  unsigned port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  return error == std::errc() && stop == end && port >= 1 && port <= 65535;
}

bool IsLoopbackHost(const std::string& host) {
  const bool address = host.find_first_not_of("0123456789.") == std::string::npos;
  return host == "localhost" || host == "[::1]" || (address && host.starts_with("127."));
}

}  // namespace

std::string UrlProblem(const std::string& url) {
  if (!url.starts_with(kHttp) && !url.starts_with(kHttps)) {
    return "must begin with http:// or https://";
  }
  const bool printable =
      std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  if (!printable) {
    return "may hold neither spaces nor anything but ASCII";
  }
  const std::string authority = AuthorityOf(url);
  if (authority.find('@') != std::string::npos) {
    return "may hold no user or password: use user with password_file, or token_file";
  }
  if (url.find_first_of("?#") != std::string::npos) {
    return "may hold no query and no fragment";
  }
  const std::string host = HostOf(authority);
  if (host.empty() || host == "[]") {
    return "names no host";
  }
  const std::string rest = authority.substr(host.size());
  if (!rest.empty() && (rest.front() != ':' || !IsPort(rest.substr(1)))) {
    return "has no good port: 1 to 65535";
  }
  return "";
}

bool IsLoopbackUrl(const std::string& url) { return IsLoopbackHost(HostOf(AuthorityOf(url))); }

void CheckWebPeer(Parsed& parsed, const std::string& path, const Peer& peer) {
  const bool credentials =
      !peer.user.empty() || !peer.password_file.empty() || !peer.token_file.empty();
  if (peer.url.empty()) {
    if (credentials) {
      parsed.AddProblem(path, "user, password_file and token_file need a url");
    }
    return;
  }
  const std::string problem = UrlProblem(peer.url);
  if (!problem.empty()) {
    parsed.AddProblem(path + ".url", problem);
    return;
  }
  if (peer.tls) {
    parsed.AddProblem(path + ".tls", "the url says by http or https how results are sent");
  }
  if (peer.verify_count) {
    parsed.AddProblem(path + ".verify_count", "is not to be had by web, only by DICOM");
  }
  if (peer.storage_commitment) {
    parsed.AddProblem(path + ".storage_commitment", "is not to be had by web, only by DICOM");
  }
  if (peer.user.empty() != peer.password_file.empty()) {
    parsed.AddProblem(path + (peer.user.empty() ? ".password_file" : ".user"),
                      "user and password_file belong together");
  }
  if (peer.user.find(':') != std::string::npos) {
    parsed.AddProblem(path + ".user", "may hold no colon (RFC 7617)");
  }
  if (!peer.user.empty() && !peer.token_file.empty()) {
    parsed.AddProblem(path + ".token_file", "a user with a password or a token, not both");
  }
  if (credentials && peer.url.starts_with(kHttp) &&
      !IsLoopbackHost(HostOf(AuthorityOf(peer.url)))) {
    parsed.AddProblem(path + ".url", "credentials go by https only, but for this machine itself");
  }
}

}  // namespace necknode::config
