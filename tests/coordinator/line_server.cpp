#include "tests/coordinator/line_server.h"

#include <array>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace necknode::tests {
namespace {

constexpr int kPollMs = 50;

bool Readable(int descriptor) {
  pollfd one{descriptor, POLLIN, 0};
  return poll(&one, 1, kPollMs) > 0;
}

void Say(int descriptor, const std::string& text) {
  if (send(descriptor, text.data(), text.size(), MSG_NOSIGNAL) < 0) {
    return;  // the client has gone
  }
}

}  // namespace

LineServer::LineServer(std::string greeting, Answer answer)
    : greeting_(std::move(greeting)), answer_(std::move(answer)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      listen(listener_, 8) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    throw std::runtime_error("cannot listen");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::jthread([this](const std::stop_token& stop) { Serve(stop); });
}

LineServer::~LineServer() {
  thread_.request_stop();
  thread_.join();
  close(listener_);
}

std::vector<std::string> LineServer::Received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

void LineServer::Serve(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (Readable(listener_)) {
      const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      ServeOne(descriptor, stop);
      close(descriptor);
    }
  }
}

void LineServer::ServeOne(int descriptor, const std::stop_token& stop) {
  {
    const std::lock_guard lock(mutex_);
    received_.emplace_back();
  }
  Say(descriptor, greeting_);
  std::string pending;
  while (!stop.stop_requested()) {
    if (!Readable(descriptor)) {
      continue;
    }
    std::array<char, 4096> bytes{};
    const ssize_t count = recv(descriptor, bytes.data(), bytes.size(), 0);
    if (count <= 0) {
      return;
    }
    pending.append(bytes.data(), static_cast<std::size_t>(count));
    {
      const std::lock_guard lock(mutex_);
      received_.back().append(bytes.data(), static_cast<std::size_t>(count));
    }
    std::string answer = answer_(pending);
    if (answer.empty()) {
      continue;
    }
    pending.clear();
    const bool last = answer.back() == '\0';
    if (last) {
      answer.pop_back();
    }
    Say(descriptor, answer);
    if (last) {
      return;
    }
  }
}

LineServer::Answer HttpAnswers(int status) {
  return [status](const std::string& received) -> std::string {
    const std::size_t head = received.find("\r\n\r\n");
    if (head == std::string::npos ||
        received.size() < head + 4 + std::stoul("0" + HeaderOf(received, "Content-Length"))) {
      return "";
    }
    return "HTTP/1.1 " + std::to_string(status) + " so\r\nContent-Length: 0\r\n\r\n" + '\0';
  };
}

LineServer::Answer SmtpAnswers(bool refuse) {
  return [refuse, in_mail = false, in_login = false](
             const std::string& received) mutable -> std::string {
    if (in_mail) {
      if (!received.ends_with("\r\n.\r\n")) {
        return "";
      }
      in_mail = false;
      return "250 taken\r\n";
    }
    if (!received.ends_with("\r\n")) {
      return "";
    }
    if (received.starts_with("EHLO")) {
      return "250-test\r\n250 AUTH PLAIN\r\n";
    }
    if (std::exchange(in_login, false)) {
      return "235 good\r\n";
    }
    if (received.starts_with("AUTH")) {
      in_login = true;
      return "334 \r\n";
    }
    if (received.starts_with("RCPT") && refuse) {
      return "550 nobody here\r\n";
    }
    if (received.starts_with("DATA")) {
      in_mail = true;
      return "354 go on\r\n";
    }
    if (received.starts_with("QUIT")) {
      return std::string("221 bye\r\n") + '\0';
    }
    return "250 good\r\n";
  };
}

std::string HeaderOf(const std::string& request, const std::string& name) {
  const std::size_t at = request.find("\r\n" + name + ": ");
  if (at == std::string::npos) {
    return "";
  }
  const std::size_t start = at + name.size() + 4;
  return request.substr(start, request.find("\r\n", start) - start);
}

std::string BodyOf(const std::string& request) {
  const std::size_t head = request.find("\r\n\r\n");
  return head == std::string::npos ? "" : request.substr(head + 4);
}

}  // namespace necknode::tests
