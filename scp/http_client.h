#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "scp/web_service.h"

namespace necknode::scp {

/// Of an answer's body no more is read, of its header lines together not either.
inline constexpr std::size_t kMaxAnswerBytes = std::size_t{256} << 10U;

/// What came back for one HTTP request.
struct HttpAnswer {
  std::string failure;       ///< empty, or why no whole answer came: "timeout", "TLS failed", ...
  std::string detail;        ///< of `failure`
  int status = 0;            ///< 0: none came
  std::string content_type;  ///< lower case, without parameters
  std::string body;          ///< at most kMaxAnswerBytes
  bool too_long = false;     ///< there was more of `body`
  std::chrono::seconds retry_after{0};
};

/// `path`, which begins with a slash, behind the service's URL.
[[nodiscard]] std::string UrlOf(const WebService& service, const std::string& path);

/// Speaks HTTP/1.1 with one web service, over one connection where the server keeps it open
/// (libcurl). TLS 1.2 and 1.3; the server's certificate must be made out for the host of the URL.
/// Redirects are not followed, no proxy is used, whatever the environment says. Not thread safe.
class HttpClient {
 public:
  /// `timeout`: for connecting, and for each pause of the server; a whole exchange may take ten
  /// times as long. Throws Error(kConfig) where a credential cannot be read.
  HttpClient(const WebService& service, std::chrono::seconds timeout);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// `path` as for UrlOf. What fails is in the answer.
  [[nodiscard]] HttpAnswer Get(const std::string& path, const std::string& accept);
  [[nodiscard]] HttpAnswer Post(const std::string& path,
                                const std::string& accept,
                                const std::string& content_type,
                                std::span<const std::byte> body);

 private:
  class Handle;
  std::unique_ptr<Handle> handle_;
};

}  // namespace necknode::scp
