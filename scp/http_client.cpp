#include "scp/http_client.h"

#include <array>
#include <cctype>
#include <cerrno>

#include "core/error.h"
#include "scp/credentials.h"
#include "scp/curl_easy.h"
#include "scp/send_status.h"
#include "scp/tls.h"

namespace necknode::scp {
namespace {

constexpr int kTimeoutsOfAnExchange = 10;

// One exchange, as the callbacks see it.
struct HttpExchange {
  const TlsFiles* tls = nullptr;
  std::size_t header_bytes = 0;
  HttpAnswer answer;
  std::string tls_problem;
  std::chrono::seconds longest_pause{0};
  curl_off_t bytes_moved = 0;
  std::chrono::steady_clock::time_point moved = std::chrono::steady_clock::now();
};

// Anything but the number of bytes taken makes libcurl end the transfer.
std::size_t TakeBody(const char* data, std::size_t size, std::size_t count, void* user) {
  HttpAnswer& answer = static_cast<HttpExchange*>(user)->answer;
  const std::size_t bytes = size * count;
  if (bytes > kMaxAnswerBytes - answer.body.size()) {
    answer.too_long = true;
    return 0;
  }
  answer.body.append(data, bytes);
  return bytes;
}

std::size_t TakeHeader(const char* /*data*/, std::size_t size, std::size_t count, void* user) {
  auto& exchange = *static_cast<HttpExchange*>(user);
  exchange.header_bytes += size * count;
  return exchange.header_bytes > kMaxAnswerBytes ? 0 : size * count;
}

// libcurl calls it at least once a second. Its own limit on slowness averages over five seconds, in
// which what was just sent hides a server that says nothing.
int WatchPauses(void* user, curl_off_t, curl_off_t received, curl_off_t, curl_off_t sent) {
  auto& exchange = *static_cast<HttpExchange*>(user);
  const auto now = std::chrono::steady_clock::now();
  if (received + sent != exchange.bytes_moved) {
    exchange.bytes_moved = received + sent;
    exchange.moved = now;
  }
  return now - exchange.moved > exchange.longest_pause ? 1 : 0;
}

CURLcode SetUpTls(CURL* /*curl*/, void* context, void* user) {
  auto& exchange = *static_cast<HttpExchange*>(user);
  try {
    LoadTlsFiles(static_cast<SSL_CTX*>(context), *exchange.tls);
    return CURLE_OK;
  } catch (const Error& error) {
    exchange.tls_problem = error.what();
    return CURLE_SSL_CERTPROBLEM;
  }
}

std::string FailureOf(CURLcode code, long system_error) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_ABORTED_BY_CALLBACK:
      return "timeout";
    case CURLE_COULDNT_RESOLVE_HOST:
      return kUnknownHost;
    case CURLE_COULDNT_CONNECT:
      return system_error == ECONNREFUSED ? kConnectionRefused : "network error";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_PEER_FAILED_VERIFICATION:
      return "TLS failed";
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
      return "connection closed";
    default:
      return "network error";
  }
}

std::string MediaType(const char* content_type) {
  std::string type = content_type == nullptr ? "" : content_type;
  type = type.substr(0, type.find(';'));
  type.erase(type.find_last_not_of(" \t") + 1);
  for (char& c : type) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return type;
}

}  // namespace

std::string UrlOf(const WebService& service, const std::string& path) {
  std::string base = service.url;
  base.erase(base.find_last_not_of('/') + 1);
  return base + path;
}

class HttpClient::Handle {
 public:
  Handle(const WebService& service, std::chrono::seconds timeout)
      : service_(service), timeout_(timeout) {
    const long seconds = static_cast<long>(timeout.count());
    curl_.Set(CURLOPT_PROTOCOLS_STR, "http,https");
    curl_.Set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_.Set(CURLOPT_USERAGENT, "necknode/" NECKNODE_VERSION);
    curl_.Set(CURLOPT_CONNECTTIMEOUT, seconds);
    curl_.Set(CURLOPT_NOPROGRESS, 0L);
    curl_.Set(CURLOPT_XFERINFOFUNCTION, WatchPauses);
    curl_.Set(CURLOPT_TIMEOUT, seconds * kTimeoutsOfAnExchange);
    curl_.Set(CURLOPT_ERRORBUFFER, error_.data());
    curl_.Set(CURLOPT_WRITEFUNCTION, TakeBody);
    curl_.Set(CURLOPT_HEADERFUNCTION, TakeHeader);
    SetTls();
    SetCredentials();
  }

  void UseGet() { curl_.Set(CURLOPT_HTTPGET, 1L); }
  // `body` must outlive the exchange.
  void UsePost(std::span<const std::byte> body) {
    curl_.Set(CURLOPT_POST, 1L);
    curl_.Set(CURLOPT_POSTFIELDS, static_cast<const void*>(body.data()));
    curl_.Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  }

  HttpAnswer Perform(const std::string& path, const CurlLines& headers) {
    HttpExchange exchange;
    exchange.tls = &service_.tls;
    exchange.longest_pause = timeout_;
    curl_.Set(CURLOPT_URL, UrlOf(service_, path).c_str());
    curl_.Set(CURLOPT_HTTPHEADER, headers.get());
    for (const CURLoption option :
         {CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_XFERINFODATA, CURLOPT_SSL_CTX_DATA}) {
      curl_.Set(option, static_cast<void*>(&exchange));
    }
    error_.fill('\0');
    const CURLcode code = curl_.Perform();
    HttpAnswer& answer = exchange.answer;
    answer.status = static_cast<int>(curl_.Info<long>(CURLINFO_RESPONSE_CODE));
    answer.content_type = MediaType(curl_.Info<const char*>(CURLINFO_CONTENT_TYPE));
    answer.retry_after = std::chrono::seconds(curl_.Info<curl_off_t>(CURLINFO_RETRY_AFTER));
    if (code != CURLE_OK && !answer.too_long) {
      answer.failure = FailureOf(code, curl_.Info<long>(CURLINFO_OS_ERRNO));
      answer.detail = !exchange.tls_problem.empty() ? exchange.tls_problem
                      : error_.front() != '\0'      ? error_.data()
                                                    : curl_easy_strerror(code);
    }
    return answer;
  }

 private:
  void SetTls() {
    curl_.Set(CURLOPT_SSL_CIPHER_LIST, kTlsCipherSuites);
    curl_.Set(CURLOPT_SSL_SESSIONID_CACHE, 0L);
    curl_.Set(CURLOPT_SSL_VERIFYPEER, 1L);
    curl_.Set(CURLOPT_SSL_VERIFYHOST, 2L);
    curl_.Set(CURLOPT_SSL_CTX_FUNCTION, SetUpTls);
    if (!service_.tls.trusted.empty()) {
      // Those authorities instead of the system's, not beside them.
      curl_.Set(CURLOPT_CAINFO, static_cast<const char*>(nullptr));
      curl_.Set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
    }
  }

  void SetCredentials() {
    if (!service_.token_file.empty()) {
      curl_.Set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BEARER));
      curl_.Set(CURLOPT_XOAUTH2_BEARER, ReadSecret(service_.token_file).c_str());
    } else if (!service_.user.empty()) {
      curl_.Set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
      curl_.Set(CURLOPT_USERNAME, service_.user.c_str());
      curl_.Set(CURLOPT_PASSWORD, ReadSecret(service_.password_file).c_str());
    }
  }

  const WebService service_;
  const std::chrono::seconds timeout_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  CurlEasy curl_;
};

HttpClient::HttpClient(const WebService& service, std::chrono::seconds timeout)
    : handle_(std::make_unique<Handle>(service, timeout)) {}

HttpClient::~HttpClient() = default;

HttpAnswer HttpClient::Get(const std::string& path, const std::string& accept) {
  CurlLines headers;
  headers.Add("Accept: " + accept);
  handle_->UseGet();
  return handle_->Perform(path, headers);
}

HttpAnswer HttpClient::Post(const std::string& path,
                            const std::string& accept,
                            const std::string& content_type,
                            std::span<const std::byte> body) {
  CurlLines headers;
  headers.Add("Accept: " + accept);
  headers.Add("Content-Type: " + content_type);
  headers.Add("Expect:");  // many servers never say "100 Continue", and a second would be lost
  handle_->UsePost(body);
  return handle_->Perform(path, headers);
}

}  // namespace necknode::scp
