#pragma once

#include <atomic>
#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "admin/server.h"

namespace necknode::admin {

class Connection;

/// What the connections of a server share. All but `pool` and the counters belongs to the network's
/// thread.
struct ServerState {
  ServerState(const ServerOptions& its_options, Handler its_handler)
      : options(its_options),
        handler(std::move(its_handler)),
        pool(static_cast<std::size_t>(its_options.handler_threads)) {}

  const ServerOptions options;
  const Handler handler;
  boost::asio::io_context io{1};
  boost::asio::thread_pool pool;
  std::shared_ptr<boost::asio::ssl::context> tls;  ///< null: plain HTTP
  std::list<std::shared_ptr<Connection>> open;     ///< the oldest first
  bool stopping = false;
  std::size_t queued = 0;  ///< requests given to `pool` and not yet answered
  std::atomic<std::int64_t> connections = 0, streams = 0, requests = 0;
};

/// One connection, from its acceptance to its end. Belongs to the network's thread.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(ServerState& state, boost::asio::ip::tcp::socket socket);

  /// Serves it to its end; never throws.
  boost::asio::awaitable<void> Serve();
  /// Ends it at once.
  void Close();
  /// Ends it once the request under way, if there is one, is answered.
  void Finish();
  /// Has no whole request yet, since `waiting_since`.
  [[nodiscard]] bool waiting() const { return waiting_; }
  [[nodiscard]] std::chrono::steady_clock::time_point waiting_since() const { return since_; }
  /// Tells an event stream that topics have changed; does nothing on another connection.
  void Notify(const std::set<std::string>& topics);

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  using Error = boost::system::error_code;
  enum class Part { kHeader, kWhole };

  /// In the clear or through TLS.
  boost::asio::awaitable<std::pair<Error, std::size_t>> ReadSome(boost::asio::mutable_buffer into);
  boost::asio::awaitable<Error> Send(std::string_view head, std::string_view body);
  /// Reads on until so much of the request is whole.
  boost::asio::awaitable<Error> Read(Parser& parser, boost::beast::flat_buffer& buffer, Part part);

  boost::asio::awaitable<void> Converse();
  boost::asio::awaitable<void> Refuse(Response response);
  boost::asio::awaitable<bool> Write(Response response, unsigned version, bool head);
  boost::asio::awaitable<void> StreamEvents(Request request, Response response);
  boost::asio::awaitable<void> WatchEnd();
  boost::asio::awaitable<Response> Handle(Request request);

  ServerState& state_;
  boost::beast::tcp_stream tcp_;
  std::optional<boost::asio::ssl::stream<boost::beast::tcp_stream&>> tls_;
  std::string client_;
  bool waiting_ = true, closed_ = false, finishing_ = false, streaming_ = false, watched_ = false;
  std::chrono::steady_clock::time_point since_;
  boost::asio::steady_timer wake_;  // of an event stream
  std::set<std::string> changed_;   // topics that it has not been told of
};

}  // namespace necknode::admin
