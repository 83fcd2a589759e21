#include "scp/transport.h"

#include <algorithm>
#include <cstring>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/x509.h>

namespace necknode::scp {
namespace asio = boost::asio;
namespace {

constexpr std::size_t kFirstBufferBytes = 8 * 1024;
using SteadyClock = std::chrono::steady_clock;

std::string HostOf(const asio::ip::tcp::socket& socket) {
  boost::system::error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) {
    return "unknown";
  }
  auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return address.to_string();
}

void AcknowledgeAtOnce(asio::ip::tcp::socket& socket) {
  using QuickAck = asio::detail::socket_option::boolean<IPPROTO_TCP, TCP_QUICKACK>;
  boost::system::error_code ignored;
  socket.set_option(QuickAck(true), ignored);
}

}  // namespace

// Kept apart so that the timer's handler never touches a transport that is gone. A deadline is
// moved far more often than it passes, so that moving it later only notes the time; the handler
// waits again.
struct Transport::Deadline : std::enable_shared_from_this<Transport::Deadline> {
  explicit Deadline(asio::ip::tcp::socket& its_socket)
      : socket(&its_socket), timer(its_socket.get_executor()) {}

  void Arm(SteadyClock::time_point when) {
    armed_until = when;
    timer.expires_at(when);
    timer.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (error || self->socket == nullptr) {
        return;
      }
      self->armed_until = SteadyClock::time_point::max();
      if (SteadyClock::now() < self->due) {
        if (self->due != SteadyClock::time_point::max()) {
          self->Arm(self->due);
        }
        return;
      }
      self->expired = true;
      boost::system::error_code ignored;
      self->socket->cancel(ignored);
    });
  }

  asio::ip::tcp::socket* socket;
  asio::steady_timer timer;
  SteadyClock::time_point due = SteadyClock::time_point::max();
  SteadyClock::time_point armed_until = SteadyClock::time_point::max();
  bool expired = false;
};

Transport::Transport(asio::ip::tcp::socket socket, asio::ssl::context* tls)
    : socket_(std::move(socket)),
      tls_(tls == nullptr
               ? nullptr
               : std::make_unique<asio::ssl::stream<asio::ip::tcp::socket&>>(socket_, *tls)),
      host_(HostOf(socket_)),
      deadline_(std::make_shared<Deadline>(socket_)) {
  boost::system::error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
}

Transport::~Transport() {
  deadline_->socket = nullptr;
  deadline_->timer.cancel();
}

asio::awaitable<Transport::Wait> Transport::Handshake() {
  if (tls_ == nullptr) {
    co_return Wait::kReady;
  }
  filling_ = true;
  const auto [error] = co_await tls_->async_handshake(asio::ssl::stream_base::server,
                                                      asio::as_tuple(asio::use_awaitable));
  filling_ = false;
  if (!error) {
    co_return Wait::kReady;
  }
  tls_error_ = error.message();
  tls_refused_ = error.category() == asio::error::get_ssl_category();
  co_return WhyEnded();
}

std::string Transport::ClientCertificate() const {
  X509* certificate = tls_ == nullptr ? nullptr : SSL_get0_peer_certificate(tls_->native_handle());
  if (certificate == nullptr) {
    return "";
  }
  const std::unique_ptr<BIO, decltype(&BIO_free)> text(BIO_new(BIO_s_mem()), &BIO_free);
  X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  char* bytes = nullptr;
  const long length = BIO_get_mem_data(text.get(), &bytes);
  // A subject may be empty where the certificate names its holder otherwise.
  return length > 0 ? std::string(bytes, static_cast<std::size_t>(length)) : "no subject";
}

void Transport::SetDeadline(std::chrono::milliseconds limit) {
  deadline_->expired = false;
  deadline_->due = SteadyClock::now() + limit;
  if (deadline_->due < deadline_->armed_until) {
    deadline_->Arm(deadline_->due);
  }
}

void Transport::ClearDeadline() {
  deadline_->expired = false;
  deadline_->due = SteadyClock::time_point::max();
}

Transport::Wait Transport::WhyEnded() {
  if (deadline_->expired) {
    return Wait::kExpired;
  }
  if (woken_ && socket_.is_open()) {
    woken_ = false;
    return Wait::kWoken;
  }
  return Wait::kClosed;
}

void Transport::MakeRoom(std::size_t count) {
  if (begin_ > 0 && (begin_ == end_ || begin_ + count > buffer_.size())) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) {
    const std::size_t doubled = std::max(kFirstBufferBytes, buffer_.size() * 2);
    buffer_.resize(std::min(doubled, std::max(count, kFirstBufferBytes)));
  }
}

asio::awaitable<Transport::Wait> Transport::Fill(std::size_t count) {
  while (buffered() < count) {
    if (ended_) {
      co_return Wait::kClosed;
    }
    if (deadline_->expired || woken_) {
      co_return WhyEnded();
    }
    if (buffered() > 0) {
      // A peer with Nagle's algorithm on holds the rest of a PDU back until its first bytes are
      // acknowledged.
      AcknowledgeAtOnce(socket_);
    }
    MakeRoom(count);
    filling_ = true;
    const auto room = asio::buffer(buffer_.data() + end_, buffer_.size() - end_);
    const auto token = asio::as_tuple(asio::use_awaitable);
    const auto [error, received] = tls_ ? co_await tls_->async_read_some(room, token)
                                        : co_await socket_.async_read_some(room, token);
    filling_ = false;
    end_ += received;
    if (error) {
      const Wait why = WhyEnded();
      // Asio waits for ever where a socket that has ended is read once more.
      ended_ = why == Wait::kClosed;
      co_return why;
    }
  }
  co_return Wait::kReady;
}

std::span<const std::byte> Transport::Peek(std::size_t count) const {
  return std::span(buffer_).subspan(begin_, count);
}

asio::awaitable<Transport::Wait> Transport::Send(std::vector<std::byte> bytes) {
  sending_ = true;
  const auto all = asio::buffer(bytes);
  const auto token = asio::as_tuple(asio::use_awaitable);
  const auto [error, sent] = tls_ ? co_await asio::async_write(*tls_, all, token)
                                  : co_await asio::async_write(socket_, all, token);
  sending_ = false;
  static_cast<void>(sent);
  co_return error ? WhyEnded() : Wait::kReady;
}

void Transport::TrySend(std::span<const std::byte> bytes) {
  if (sending_ || tls_ || !socket_.is_open()) {
    return;
  }
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.write_some(asio::buffer(bytes.data(), bytes.size()), ignored);
}

void Transport::Wake() {
  if (filling_) {
    woken_ = true;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
  }
}

void Transport::Close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace necknode::scp
