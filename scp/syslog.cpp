#include "scp/syslog.h"

#include <optional>

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/error.h"

namespace necknode::scp {
namespace asio = boost::asio;
using asio::ip::udp;
namespace {

constexpr int kFacility = 10;
constexpr std::size_t kMostHostBytes = 255;
// On a local network a refusal takes a millisecond.
constexpr int kRefusalWaitMs = 50;

std::string HostField(const std::string& machine) {
  std::string field;
  for (const char c : machine) {
    if (c > ' ' && c < '\x7F' && field.size() < kMostHostBytes) {
      field.push_back(c);
    }
  }
  return field.empty() ? "-" : field;
}

class UdpTransport : public SyslogTransport {
 public:
  explicit UdpTransport(SyslogServer server) : server_(std::move(server)) {}

  void Send(const std::string& message) override {
    const bool first = !socket_;
    if (first) {
      Connect();
    }
    boost::system::error_code error;
    socket_->send(asio::buffer(message), 0, error);
    if (error == asio::error::message_size) {
      throw Error(ErrorCode::kInvalidArgument,
                  "too long for a datagram: " + std::to_string(message.size()) + " bytes");
    }
    if (error) {
      Fail(error.message());
    }
    // A whole batch must not go to a server that is away.
    AwaitRefusal(first ? kRefusalWaitMs : 0);
  }

  void Flush() override {
    if (socket_) {
      AwaitRefusal(kRefusalWaitMs);
    }
  }

 private:
  void Connect() {
    boost::system::error_code error;
    udp::resolver resolver(io_);
    const auto found = resolver.resolve(server_.host, std::to_string(server_.port), error);
    if (!error) {
      socket_.emplace(io_);
      asio::connect(*socket_, found, error);
    }
    if (error) {
      Fail(error.message());
    }
  }

  void AwaitRefusal(int limit_ms) {
    pollfd waited{socket_->native_handle(), 0, 0};
    if (::poll(&waited, 1, limit_ms) <= 0) {
      return;
    }
    int code = 0;
    socklen_t size = sizeof code;
    ::getsockopt(socket_->native_handle(), SOL_SOCKET, SO_ERROR, &code, &size);
    if (code != 0) {
      Fail(boost::system::error_code(code, boost::system::system_category()).message());
    }
  }

  [[noreturn]] void Fail(const std::string& reason) {
    socket_.reset();
    throw Error(ErrorCode::kNetwork, reason);
  }

  const SyslogServer server_;
  asio::io_context io_;
  std::optional<udp::socket> socket_;  // connected
};

}  // namespace

std::string SyslogMessage(SyslogSeverity severity,
                          WallTime time,
                          const std::string& machine,
                          const std::string& xml) {
  return "<" + std::to_string(kFacility * 8 + static_cast<int>(severity)) + ">1 " + Iso8601(time) +
         " " + HostField(machine) + " necknode " + std::to_string(getpid()) +
         " DICOM+RFC3881 - \xEF\xBB\xBF" + xml;
}

std::unique_ptr<SyslogTransport> MakeSyslogUdp(SyslogServer server) {
  return std::make_unique<UdpTransport>(std::move(server));
}

}  // namespace necknode::scp
