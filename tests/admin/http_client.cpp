#include "tests/admin/http_client.h"

#include <array>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "admin/http_text.h"

namespace necknode::admin {

HttpClient::HttpClient(int port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval limit{10, 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    throw std::runtime_error("cannot connect");
  }
}

HttpClient::~HttpClient() { close(socket_); }

void HttpClient::Send(const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const auto count = send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) {
      return;  // the server has said enough; its answer counts
    }
    sent += static_cast<std::size_t>(count);
  }
}

bool HttpClient::Fill() {
  std::array<char, 4096> bytes{};
  const auto count = recv(socket_, bytes.data(), bytes.size(), 0);
  if (count <= 0) {
    return false;
  }
  buffer_.append(bytes.data(), static_cast<std::size_t>(count));
  return true;
}

std::string HttpClient::ReadUntil(const std::string& end) {
  while (buffer_.find(end) == std::string::npos) {
    if (!Fill()) {
      return std::exchange(buffer_, "");
    }
  }
  const auto size = buffer_.find(end) + end.size();
  std::string text = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return text;
}

HttpClient::Answer HttpClient::Receive(bool without_body) {
  const std::string head = ReadUntil("\r\n\r\n");
  Answer answer;
  if (!head.ends_with("\r\n\r\n")) {
    return answer;
  }
  answer.status = std::stoi(head.substr(head.find(' ') + 1));
  std::size_t at = head.find("\r\n") + 2;
  while (at < head.size() - 2) {
    const auto end = head.find("\r\n", at);
    const auto colon = head.find(": ", at);
    answer.headers[LowerCase(head.substr(at, colon - at))] =
        head.substr(colon + 2, end - colon - 2);
    at = end + 2;
  }
  const auto length = answer.headers.find("content-length");
  if (without_body || length == answer.headers.end()) {
    return answer;
  }
  const std::size_t size = std::stoul(length->second);
  while (buffer_.size() < size && Fill()) {
  }
  answer.body = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return answer;
}

bool HttpClient::Ended() {
  char byte = 0;
  return recv(socket_, &byte, 1, 0) == 0;
}

HttpClient::Answer HttpClient::Get(const std::string& target, const std::string& more_headers) {
  Send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + more_headers + "\r\n");
  return Receive();
}

}  // namespace necknode::admin
