#include "coordinator/notice_channels.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <fstream>

#include "core/digest.h"
#include "core/error.h"
#include "scp/curl_easy.h"

namespace necknode::coordinator {
namespace {

constexpr std::size_t kMaxSecretBytes = 16'384;

// One exchange with a server over a connection of its own.
class Exchange {
 public:
  Exchange(const std::string& url, const std::filesystem::path& trusted, std::stop_token stop)
      : stop_(std::move(stop)) {
    curl.Set(CURLOPT_URL, url.c_str());
    curl.Set(CURLOPT_PROTOCOLS_STR, "http,https,smtp,smtps");
    curl.Set(CURLOPT_TIMEOUT, static_cast<long>(kNoticeTimeout.count()));
    curl.Set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(kNoticeTimeout.count()) / 2);
    curl.Set(CURLOPT_NOPROGRESS, 0L);
    curl.Set(CURLOPT_XFERINFOFUNCTION, WatchStop);
    curl.Set(CURLOPT_XFERINFODATA, static_cast<void*>(this));
    curl.Set(CURLOPT_WRITEFUNCTION, DropAnswer);
    if (!trusted.empty()) {
      // Those authorities instead of the system's, not beside them.
      curl.Set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
      curl.Set(CURLOPT_CAINFO, trusted.c_str());
    }
  }

  // Empty where the server took it; `status` is its last answer's.
  std::string Perform(long& status) {
    const CURLcode code = curl.Perform();
    status = curl.Info<long>(CURLINFO_RESPONSE_CODE);
    if (code == CURLE_OK) {
      return "";
    }
    return code == CURLE_ABORTED_BY_CALLBACK ? "stopped" : curl_easy_strerror(code);
  }

  scp::CurlEasy curl;

 private:
  static int WatchStop(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Exchange*>(user)->stop_.stop_requested() ? 1 : 0;
  }

  static std::size_t DropAnswer(const char*, std::size_t size, std::size_t count, void*) {
    return size * count;
  }

  const std::stop_token stop_;
};

// The mail that libcurl reads piece by piece.
struct Upload {
  std::string text;
  std::size_t sent = 0;
};

std::size_t GiveUpload(char* to, std::size_t size, std::size_t count, void* user) {
  auto& upload = *static_cast<Upload*>(user);
  const std::size_t piece = std::min(size * count, upload.text.size() - upload.sent);
  std::copy_n(upload.text.data() + upload.sent, piece, to);
  upload.sent += piece;
  return piece;
}

std::string MailDate() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  // Not by strftime's %a and %b, which follow the locale.
  constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::array<char, 64> text{};
  std::snprintf(text.data(),
                text.size(),
                "%s, %02d %s %d %02d:%02d:%02d +0000",
                kDays.at(static_cast<std::size_t>(utc.tm_wday)),
                utc.tm_mday,
                kMonths.at(static_cast<std::size_t>(utc.tm_mon)),
                utc.tm_year + 1900,
                utc.tm_hour,
                utc.tm_min,
                utc.tm_sec);
  return text.data();
}

std::string MailOf(const EmailOptions& options, const NoticeText& text) {
  std::string to;
  for (const std::string& receiver : options.to) {
    to += (to.empty() ? "" : ",\r\n ") + receiver;
  }
  const std::string domain = options.from.substr(options.from.find('@') + 1);
  std::string mail = "Date: " + MailDate() + "\r\nFrom: " + options.from + "\r\nTo: " + to +
                     "\r\nSubject: " + text.subject + "\r\nMessage-ID: <" + text.key + "@" +
                     domain +
                     ">\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                     "Content-Type: text/plain; charset=utf-8\r\n"
                     "Content-Transfer-Encoding: 8bit\r\n\r\n";
  for (const char c : text.body) {
    mail += c == '\n' ? "\r\n" : std::string(1, c);
  }
  return mail;
}

}  // namespace

std::string ReadNoticeSecret(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string line;
  std::getline(stream, line);
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) {
    line.pop_back();
  }
  if (line.empty() || line.size() > kMaxSecretBytes) {
    throw Error(ErrorCode::kConfig,
                "secret " + file.string() +
                    ": cannot be read, or its first line is empty or longer "
                    "than " +
                    std::to_string(kMaxSecretBytes) + " bytes");
  }
  return line;
}

std::string WebhookSignature(const std::string& secret,
                             const std::string& timestamp,
                             const std::string& body) {
  return "sha256=" + HmacSha256Of(secret, timestamp + "." + body);
}

std::string PostWebhook(const WebhookOptions& options,
                        const NoticeText& text,
                        const std::stop_token& stop) {
  const std::string timestamp = std::to_string(std::time(nullptr));
  scp::CurlLines headers;
  headers.Add("Content-Type: application/json");
  headers.Add("User-Agent: necknode");
  headers.Add("X-Necknode-Id: " + text.key);
  headers.Add("X-Necknode-Timestamp: " + timestamp);
  headers.Add("X-Necknode-Signature: " +
              WebhookSignature(ReadNoticeSecret(options.secret_file), timestamp, text.json));
  headers.Add("Expect:");
  Exchange exchange(options.url, options.trusted, stop);
  exchange.curl.Set(CURLOPT_HTTPHEADER, headers.get());
  exchange.curl.Set(CURLOPT_POSTFIELDS, text.json.c_str());
  exchange.curl.Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(text.json.size()));
  long status = 0;
  const std::string failure = exchange.Perform(status);
  if (!failure.empty()) {
    return failure;
  }
  return status >= 200 && status < 300 ? "" : "HTTP " + std::to_string(status);
}

std::string SendMail(const EmailOptions& options,
                     const NoticeText& text,
                     const std::stop_token& stop) {
  const bool bare_ipv6 = options.server.find(':') != std::string::npos;
  const std::string host = bare_ipv6 ? "[" + options.server + "]" : options.server;
  const std::string scheme = options.security == "tls" ? "smtps" : "smtp";
  Exchange exchange(
      scheme + "://" + host + ":" + std::to_string(options.port), options.trusted, stop);
  exchange.curl.Set(
      CURLOPT_USE_SSL,
      static_cast<long>(options.security == "none" ? CURLUSESSL_NONE : CURLUSESSL_ALL));
  if (!options.user.empty()) {
    exchange.curl.Set(CURLOPT_USERNAME, options.user.c_str());
    exchange.curl.Set(CURLOPT_PASSWORD, ReadNoticeSecret(options.password_file).c_str());
  }
  scp::CurlLines receivers;
  for (const std::string& receiver : options.to) {
    receivers.Add("<" + receiver + ">");
  }
  const std::string from = "<" + options.from + ">";
  Upload upload{MailOf(options, text)};
  exchange.curl.Set(CURLOPT_MAIL_FROM, from.c_str());
  exchange.curl.Set(CURLOPT_MAIL_RCPT, receivers.get());
  exchange.curl.Set(CURLOPT_UPLOAD, 1L);
  exchange.curl.Set(CURLOPT_READFUNCTION, GiveUpload);
  exchange.curl.Set(CURLOPT_READDATA, static_cast<void*>(&upload));
  long status = 0;
  const std::string failure = exchange.Perform(status);
  return failure.empty() || status == 0 ? failure : failure + " (" + std::to_string(status) + ")";
}

}  // namespace necknode::coordinator
