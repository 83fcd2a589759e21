#include <array>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "config/parsed.h"

namespace necknode::config {
namespace {

bool Overlap(const std::string& one, const std::string& other) {
  const auto any = [](const std::string& address) {
    return address == "0.0.0.0" || address == "::";
  };
  return one == other || any(one) || any(other);
}

}  // namespace

bool IsAddress(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return text.find('\0') == std::string::npos &&
         (inet_pton(AF_INET, text.c_str(), address.data()) == 1 ||
          inet_pton(AF_INET6, text.c_str(), address.data()) == 1);
}

bool IsLoopback(const std::string& address) {
  return address == "localhost" || address == "::1" || address.rfind("127.", 0) == 0;
}

bool Config::HttpBeyondLoopback() const { return http.port != 0 && !IsLoopback(http.bind); }

void CheckHttp(Parsed& parsed) {
  const Config& config = parsed.config;
  const Http& http = config.http;
  if (http.port == 0) {
    return;
  }
  if (!IsAddress(http.bind)) {
    parsed.AddProblem("http.bind",
                      "\"" + http.bind + "\" is not an IPv4 or IPv6 address of this machine");
  } else if (!IsLoopback(http.bind) && !http.tls) {
    parsed.AddProblem("http.bind",
                      "beyond loopback (" + http.bind +
                          ") the page needs tls = true, and a user with the role administrator");
  }
  if ((http.port == config.port || http.port == config.tls_port) &&
      Overlap(http.bind, config.BindAddress())) {
    parsed.AddProblem("http.port", "is a port of [receiver]");
  }
  if (http.certificate.empty() != http.private_key.empty()) {
    parsed.AddProblem(http.certificate.empty() ? "http.certificate" : "http.private_key",
                      "certificate and private key belong together");
  } else if (http.tls && http.certificate.empty() && config.tls_certificate.empty()) {
    parsed.AddProblem("http.tls", "needs certificate and private_key, here or in [tls]");
  }
}

}  // namespace necknode::config
