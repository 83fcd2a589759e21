#include "tests/scp/syslog_server.h"

#include <array>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <openssl/ssl.h>

#include "scp/tls.h"

namespace necknode::scp::tests {
namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;
namespace {

constexpr auto kToken = asio::as_tuple(asio::use_awaitable);

// Takes the frames of RFC 5425 that are whole off the front of `text`.
std::vector<std::string> TakeFrames(std::string& text) {
  std::vector<std::string> frames;
  for (std::size_t space; (space = text.find(' ')) != std::string::npos;) {
    const std::size_t length = std::stoul(text.substr(0, space));
    if (text.size() < space + 1 + length) {
      break;
    }
    frames.push_back(text.substr(space + 1, length));
    text.erase(0, space + 1 + length);
  }
  return frames;
}

}  // namespace

std::vector<std::string> SyslogServer::Received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

void SyslogServer::Keep(std::string message) {
  const std::lock_guard lock(mutex_);
  received_.push_back(std::move(message));
}

void SyslogServer::Start() {
  thread_ = std::thread([this] { io_.run(); });
}

void SyslogServer::Stop() {
  io_.stop();
  thread_.join();
}

UdpSyslogServer::UdpSyslogServer(std::uint16_t port)
    : socket_(io_, udp::endpoint(asio::ip::address_v4::loopback(), port)) {
  asio::co_spawn(io_, Serve(), asio::detached);
  Start();
}

asio::awaitable<void> UdpSyslogServer::Serve() {
  std::array<char, 65536> datagram{};
  while (true) {
    udp::endpoint sender;
    const auto [error, size] =
        co_await socket_.async_receive_from(asio::buffer(datagram), sender, kToken);
    if (error) {
      co_return;
    }
    Keep(std::string(datagram.data(), size));
  }
}

TlsSyslogServer::TlsSyslogServer(const TlsFiles& files, std::uint16_t port)
    : TlsSyslogServer(files, Faults{}, port) {}

TlsSyslogServer::TlsSyslogServer(const TlsFiles& files, Faults faults, std::uint16_t port)
    : context_(MakeAcceptorTls(files)),
      acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), port)),
      faults_(faults) {
  if (!files.trusted.empty()) {
    context_->set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
  }
  asio::co_spawn(io_, Accept(), asio::detached);
  Start();
}

asio::awaitable<void> TlsSyslogServer::Accept() {
  while (true) {
    auto [error, socket] = co_await acceptor_.async_accept(kToken);
    if (error) {
      co_return;
    }
    asio::co_spawn(io_, Serve(std::move(socket), std::exchange(faults_, Faults{})), asio::detached);
  }
}

asio::awaitable<void> TlsSyslogServer::Serve(tcp::socket socket, Faults faults) {
  if (faults.hang_up) {
    co_return;
  }
  asio::ssl::stream<tcp::socket> stream(std::move(socket), *context_);
  const auto [refused] = co_await stream.async_handshake(asio::ssl::stream_base::server, kToken);
  if (refused) {
    co_return;
  }
  std::string text;
  std::array<char, 4096> piece{};
  while (true) {
    const std::size_t most = faults.die_after_bytes > 0 ? faults.die_after_bytes : piece.size();
    const auto [ended, size] =
        co_await stream.async_read_some(asio::buffer(piece.data(), most), kToken);
    if (ended) {
      co_return;
    }
    if (faults.die_after_bytes > 0) {
      stream.next_layer().set_option(asio::socket_base::linger(true, 0));
      co_return;
    }
    text.append(piece.data(), size);
    for (auto& frame : TakeFrames(text)) {
      Keep(std::move(frame));
    }
  }
}

}  // namespace necknode::scp::tests
