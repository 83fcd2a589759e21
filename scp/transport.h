#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

namespace necknode::scp {

/// One accepted connection, in the clear or through TLS: a receive buffer of at most one PDU that
/// grows only with what really arrives, whole writes, and one deadline for everything that waits on
/// the peer. All functions run on the socket's executor, one at a time.
class Transport {
 public:
  enum class Wait {
    kReady,    ///< the bytes are there
    kClosed,   ///< by the peer or by a network error
    kExpired,  ///< the deadline passed
    kWoken,    ///< by Wake()
  };

  /// Speaks TLS as `tls` says where it is given; it must outlive the transport.
  Transport(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls);
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  /// Where everything of it runs.
  [[nodiscard]] boost::asio::any_io_executor executor() { return socket_.get_executor(); }
  /// Textual address of the peer, IPv4 where it is IPv4 in disguise.
  [[nodiscard]] const std::string& host() const { return host_; }

  /// Where the connection is to speak TLS: the handshake, once, before anything else. What failed
  /// in it is then in tls_error().
  boost::asio::awaitable<Wait> Handshake();
  [[nodiscard]] bool secure() const { return tls_ != nullptr; }
  [[nodiscard]] const std::string& tls_error() const { return tls_error_; }
  /// The handshake failed for what the peer sent, not because it left or was late.
  [[nodiscard]] bool tls_refused() const { return tls_refused_; }
  /// Subject of the client certificate that was vouched for, "no subject" where it has none; empty
  /// without a certificate.
  [[nodiscard]] std::string ClientCertificate() const;

  /// From now on waiting longer than `limit` ends with kExpired.
  void SetDeadline(std::chrono::milliseconds limit);
  void ClearDeadline();

  /// Waits until at least `count` received bytes are in the buffer.
  boost::asio::awaitable<Wait> Fill(std::size_t count);
  /// The first `count` bytes of the buffer; Fill(count) must have been kReady. Valid until the next
  /// Fill().
  [[nodiscard]] std::span<const std::byte> Peek(std::size_t count) const;
  void Consume(std::size_t count) { begin_ += count; }
  [[nodiscard]] std::size_t buffered() const { return end_ - begin_; }

  /// Writes all of it in one go. Anything but kReady: the connection is of no more use.
  boost::asio::awaitable<Wait> Send(std::vector<std::byte> bytes);
  /// Writes what fits into the socket's buffer, without waiting, unless a Send() is under way or
  /// the connection speaks TLS. Ignores failures.
  void TrySend(std::span<const std::byte> bytes);

  /// Ends a Fill() that is waiting, with kWoken.
  void Wake();
  /// Closes at once; what waits ends with kClosed.
  void Close();

 private:
  struct Deadline;
  void MakeRoom(std::size_t count);
  [[nodiscard]] Wait WhyEnded();

  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;  ///< over socket_
  std::string host_, tls_error_;
  std::shared_ptr<Deadline> deadline_;
  std::vector<std::byte> buffer_;
  std::size_t begin_ = 0, end_ = 0;
  bool filling_ = false, sending_ = false, woken_ = false, ended_ = false, tls_refused_ = false;
};

}  // namespace necknode::scp
