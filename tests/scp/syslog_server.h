#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "scp/tls_files.h"

namespace necknode::scp::tests {

/// A syslog server on the loopback, until the end of the scope.
class SyslogServer {
 public:
  SyslogServer() = default;
  virtual ~SyslogServer() = default;
  SyslogServer(const SyslogServer&) = delete;
  SyslogServer& operator=(const SyslogServer&) = delete;
  /// Whole messages, as they came.
  [[nodiscard]] std::vector<std::string> Received() const;
  [[nodiscard]] virtual std::uint16_t port() const = 0;

 protected:
  void Keep(std::string message);
  void Start();
  void Stop();
  boost::asio::io_context io_{1};

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> received_;
  std::thread thread_;
};

class UdpSyslogServer : public SyslogServer {
 public:
  explicit UdpSyslogServer(std::uint16_t port = 0);
  ~UdpSyslogServer() override { Stop(); }
  [[nodiscard]] std::uint16_t port() const override { return socket_.local_endpoint().port(); }

 private:
  boost::asio::awaitable<void> Serve();
  boost::asio::ip::udp::socket socket_;
};

class TlsSyslogServer : public SyslogServer {
 public:
  struct Faults {
    bool hang_up = false;             ///< close the first connection at once
    std::size_t die_after_bytes = 0;  ///< of the first connection: read so many, then reset it
  };
  explicit TlsSyslogServer(const TlsFiles& files, std::uint16_t port = 0);
  TlsSyslogServer(const TlsFiles& files, Faults faults, std::uint16_t port = 0);
  ~TlsSyslogServer() override { Stop(); }
  [[nodiscard]] std::uint16_t port() const override { return acceptor_.local_endpoint().port(); }

 private:
  boost::asio::awaitable<void> Accept();
  boost::asio::awaitable<void> Serve(boost::asio::ip::tcp::socket socket, Faults faults);
  std::shared_ptr<boost::asio::ssl::context> context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  Faults faults_;
};

}  // namespace necknode::scp::tests
