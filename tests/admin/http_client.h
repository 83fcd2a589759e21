#pragma once

#include <map>
#include <string>

namespace necknode::admin {

/// A TCP connection to a server on this machine: writes bytes as they are, reads answers.
class HttpClient {
 public:
  explicit HttpClient(int port);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  struct Answer {
    int status = 0;                              ///< 0: the connection ended instead
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;
  };

  void Send(const std::string& bytes);
  /// The next answer with its body, by Content-Length; `without_body` as after HEAD.
  [[nodiscard]] Answer Receive(bool without_body = false);
  /// Everything up to and with `end`, or what came before the connection ended.
  [[nodiscard]] std::string ReadUntil(const std::string& end);
  /// Whether the server has ended the connection, within ten seconds.
  [[nodiscard]] bool Ended();
  Answer Get(const std::string& target, const std::string& more_headers = "");

 private:
  bool Fill();
  int socket_;
  std::string buffer_;
};

}  // namespace necknode::admin
