#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace necknode::coordinator {

/// What is told, as both channels say it.
struct NoticeText {
  std::string key;      ///< see storage::NoticeMessage
  std::string subject;  ///< one line, ASCII
  std::string body;     ///< plain text
  std::string json;     ///< of the webhook
};

struct WebhookOptions {
  std::string url;  ///< http or https
  std::filesystem::path secret_file;
  std::filesystem::path trusted;  ///< PEM authorities; empty: the system's
};

struct EmailOptions {
  std::string server;
  std::uint16_t port = 587;
  std::string security = "starttls";  ///< starttls | tls | none
  std::string user;                   ///< empty: without login
  std::filesystem::path password_file;
  std::string from;
  std::vector<std::string> to;
  std::filesystem::path trusted;  ///< PEM authorities; empty: the system's
};

/// The longest that one try takes.
inline constexpr std::chrono::seconds kNoticeTimeout{20};

/// The first line of the file. Throws Error(kConfig) naming the file where it cannot be read or has
/// no such line.
[[nodiscard]] std::string ReadNoticeSecret(const std::filesystem::path& file);

/// "sha256=" and the HMAC-SHA256 of "<timestamp>.<body>" with the secret, in hex.
[[nodiscard]] std::string WebhookSignature(const std::string& secret,
                                           const std::string& timestamp,
                                           const std::string& body);

/// POSTs the JSON with the headers X-Necknode-Id, X-Necknode-Timestamp (seconds since 1970) and
/// X-Necknode-Signature. Returns what went wrong: "HTTP 500", "connection refused"; empty where the
/// answer was a 2xx. `stop` ends it early. Throws Error(kConfig) where the secret cannot be read.
[[nodiscard]] std::string PostWebhook(const WebhookOptions& options,
                                      const NoticeText& text,
                                      const std::stop_token& stop);

/// Sends one mail (RFC 5322) to all receivers; returns and throws as PostWebhook.
[[nodiscard]] std::string SendMail(const EmailOptions& options,
                                   const NoticeText& text,
                                   const std::stop_token& stop);

}  // namespace necknode::coordinator
