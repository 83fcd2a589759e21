#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace necknode::tests {

/// Takes connections on a free port of the loopback, one after the other. Thread safe.
class LineServer {
 public:
  /// What a server says: `greeting` at first, then `answer(received)`, where `received` is all that
  /// came since the last answer; empty: it waits for more. An answer that ends in '\0' closes.
  using Answer = std::function<std::string(const std::string& received)>;
  LineServer(std::string greeting, Answer answer);
  ~LineServer();
  LineServer(const LineServer&) = delete;
  LineServer& operator=(const LineServer&) = delete;

  [[nodiscard]] int port() const { return port_; }
  /// Everything that came, connection by connection.
  [[nodiscard]] std::vector<std::string> Received() const;

 private:
  void Serve(const std::stop_token& stop);
  void ServeOne(int descriptor, const std::stop_token& stop);

  const std::string greeting_;
  const Answer answer_;
  int listener_ = -1, port_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> received_;  // guarded by mutex_
  std::jthread thread_;
};

/// An HTTP server that answers every POST with `status`.
[[nodiscard]] LineServer::Answer HttpAnswers(int status);
/// An SMTP server that takes every mail, or where `refuse` none of its receivers.
[[nodiscard]] LineServer::Answer SmtpAnswers(bool refuse = false);
inline constexpr const char* kSmtpGreeting = "220 test ESMTP\r\n";

/// The value of a header in an HTTP request; empty: none.
[[nodiscard]] std::string HeaderOf(const std::string& request, const std::string& name);
[[nodiscard]] std::string BodyOf(const std::string& request);

}  // namespace necknode::tests
