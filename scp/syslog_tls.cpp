#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <linux/sockios.h>
#include <openssl/ssl.h>
#include <sys/ioctl.h>

#include "core/error.h"
#include "scp/syslog.h"
#include "scp/tls.h"

namespace necknode::scp {
namespace asio = boost::asio;
namespace ssl = asio::ssl;
using asio::ip::tcp;
namespace {

using SteadyClock = std::chrono::steady_clock;
// How soon a request to stop, or an acknowledgement of TCP, is seen: neither comes as an event.
constexpr std::chrono::milliseconds kSlice{5};
// TLS 1.3: a server that refuses our certificate says so after the handshake, which has succeeded
// for us; until then nothing is sent. And one that dies while it reads says so by a reset, after
// its TCP has acknowledged.
constexpr std::chrono::milliseconds kRefusalWait{100};
constexpr std::chrono::milliseconds kFarewell{500};
constexpr const char* kClosed = "the server has closed the connection";

class TlsTransport : public SyslogTransport {
 public:
  TlsTransport(SyslogServer server, TlsFiles files, std::stop_token stop)
      : server_(std::move(server)), files_(std::move(files)), stop_(std::move(stop)) {}

  ~TlsTransport() override {
    if (link_ && !link_->ended) {
      // RFC 5425 4.4 wants a close_notify; whether the server answers does not matter.
      const auto done = std::make_shared<bool>(false);
      link_->stream.async_shutdown([done](const boost::system::error_code&) { *done = true; });
      RunUntil([&] { return *done; }, kFarewell, false);
    }
    Drop();
  }

  void Send(const std::string& message) override {
    io_.restart();
    io_.poll();
    if (link_ && link_->ended) {
      if (link_->unflushed) {
        Fail(ErrorCode::kNetwork, kClosed);
      }
      Drop();  // a server that restarted since the last batch
    }
    if (!link_) {
      Connect();
    }
    const std::string frame = std::to_string(message.size()) + " " + message;
    link_->unflushed = true;
    Await("sending", [&](auto done) {
      asio::async_write(
          link_->stream,
          asio::buffer(frame),
          [done](const boost::system::error_code& error, std::size_t) { done(error); });
    });
  }

  void Flush() override {
    const auto acknowledged = [&] {
      int left = 0;
      return ioctl(link_->stream.next_layer().native_handle(), SIOCOUTQ, &left) != 0 || left == 0;
    };
    if (!link_) {
      return;
    }
    const auto ended = [&] { return link_->ended; };
    if (!RunUntil([&] { return ended() || acknowledged(); }, server_.timeout, true)) {
      Fail(ErrorCode::kTimeout, "the server acknowledges nothing");
    }
    if (RunUntil(ended, kRefusalWait, true)) {
      Fail(ErrorCode::kNetwork, kClosed);
    }
    link_->unflushed = false;
  }

 private:
  struct Link {
    Link(asio::io_context& io, ssl::context& context) : stream(io, context) {}
    ssl::stream<tcp::socket> stream;
    std::array<char, 512> dropped{};  // a syslog server has nothing to say
    bool ended = false;
    bool unflushed = false;  // something was sent that may be lost with the connection
  };
  using Done = std::function<void(const boost::system::error_code&)>;

  ssl::context Context() const {
    ssl::context context(ssl::context::tls_client);
    SSL_CTX* native = context.native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(native, kTlsCipherSuites);
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    LoadTlsFiles(native, files_);
    context.set_verify_mode(ssl::verify_peer);
    if (!ExpectHost(native, server_.host)) {
      throw Error(ErrorCode::kConfig, "TLS cannot be set up for " + server_.host);
    }
    return context;
  }

  void Connect() {
    context_.emplace(Context());
    link_ = std::make_shared<Link>(io_, *context_);
    tcp::resolver resolver(io_);
    const auto found = std::make_shared<tcp::resolver::results_type>();
    Await("name look-up", [&](auto done) {
      resolver.async_resolve(
          server_.host,
          std::to_string(server_.port),
          [done, found](const boost::system::error_code& error, tcp::resolver::results_type all) {
            *found = std::move(all);
            done(error);
          });
    });
    Await("connecting", [&](auto done) {
      asio::async_connect(
          link_->stream.next_layer(),
          *found,
          [done](const boost::system::error_code& error, const tcp::endpoint&) { done(error); });
    });
    boost::system::error_code no_address, ignored;
    asio::ip::make_address(server_.host, no_address);
    if (no_address) {
      std::string name = server_.host;
      SSL_ctrl(link_->stream.native_handle(),
               SSL_CTRL_SET_TLSEXT_HOSTNAME,
               TLSEXT_NAMETYPE_host_name,
               name.data());
    }
    link_->stream.next_layer().set_option(asio::socket_base::keep_alive(true), ignored);
    Await("TLS", [&](auto done) { link_->stream.async_handshake(ssl::stream_base::client, done); });
    Listen();
    if (RunUntil([&] { return link_->ended; }, kRefusalWait, true)) {
      Fail(ErrorCode::kNetwork, "the server has closed the connection after the handshake");
    }
  }

  // Sees the end of the connection, and takes what TLS itself sends.
  void Listen() {
    link_->stream.async_read_some(
        asio::buffer(link_->dropped),
        [this, link = link_](const boost::system::error_code& error, std::size_t) {
          link->ended = link->ended || error;
          if (!link->ended) {
            Listen();
          }
        });
  }

  // Runs until `condition()`; false where the limit passed, or the stop came, before.
  template <typename Condition>
  bool RunUntil(Condition condition, std::chrono::milliseconds limit, bool stoppable) {
    const auto end = SteadyClock::now() + limit;
    while (!condition()) {
      if (SteadyClock::now() >= end || (stoppable && stop_.stop_requested())) {
        return false;
      }
      io_.restart();
      io_.run_one_for(std::min<SteadyClock::duration>(kSlice, end - SteadyClock::now()));
    }
    return true;
  }

  // Starts an operation that ends with `done(error)` and waits for its end.
  template <typename Start>
  void Await(const char* what, Start start) {
    // A name look-up cannot be called off, and may end when this frame is gone.
    const auto result = std::make_shared<std::optional<boost::system::error_code>>();
    start(Done([result](const boost::system::error_code& error) { *result = error; }));
    if (!RunUntil([&] { return result->has_value(); }, server_.timeout, true)) {
      Fail(ErrorCode::kTimeout, std::string(what) + ": no answer in time");
    }
    if (**result) {
      Fail(ErrorCode::kNetwork, std::string(what) + ": " + (*result)->message());
    }
  }

  void Drop() {
    if (!link_) {
      return;
    }
    boost::system::error_code ignored;
    link_->stream.next_layer().close(ignored);
    // What is under way refers to the link and to the frame that is being sent.
    io_.restart();
    io_.run_for(kFarewell);
    link_.reset();
    context_.reset();
  }

  [[noreturn]] void Fail(ErrorCode code, const std::string& reason) {
    Drop();
    throw Error(code, reason);
  }

  const SyslogServer server_;
  const TlsFiles files_;
  const std::stop_token stop_;
  std::optional<ssl::context> context_;
  asio::io_context io_{1};
  std::shared_ptr<Link> link_;
};

}  // namespace

std::unique_ptr<SyslogTransport> MakeSyslogTls(SyslogServer server,
                                               TlsFiles files,
                                               std::stop_token stop) {
  return std::make_unique<TlsTransport>(std::move(server), std::move(files), std::move(stop));
}

}  // namespace necknode::scp
