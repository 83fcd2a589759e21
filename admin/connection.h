#pragma once

#include <atomic>
#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/tcp_stream.hpp>

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
  /// Waits for a request, since `waiting_since`.
  [[nodiscard]] bool waiting() const { return waiting_; }
  [[nodiscard]] std::chrono::steady_clock::time_point waiting_since() const { return since_; }
  /// Tells an event stream that topics have changed; does nothing on another connection.
  void Notify(const std::set<std::string>& topics);

 private:
  template <typename Stream>
  boost::asio::awaitable<void> Converse(Stream& stream);
  template <typename Stream>
  boost::asio::awaitable<void> Refuse(Stream& stream, Response response);
  template <typename Stream>
  boost::asio::awaitable<bool> Write(Stream& stream,
                                     Response response,
                                     unsigned version,
                                     bool head);
  template <typename Stream>
  boost::asio::awaitable<void> StreamEvents(Stream& stream, Response response);
  template <typename Stream>
  boost::asio::awaitable<void> WatchEnd(Stream& stream);
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
