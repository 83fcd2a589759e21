#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "admin/request.h"

namespace necknode::admin {

/// PEM files of the server's side of TLS.
struct ServerTls {
  std::filesystem::path certificate;  ///< followed by its chain
  std::filesystem::path private_key;
};

struct ServerOptions {
  std::string bind_address = "127.0.0.1";
  std::uint16_t port = 8080;     ///< 0: any free one
  std::optional<ServerTls> tls;  ///< nullopt: plain HTTP
  int handler_threads = 4;
  /// Beyond it the connection that has been without a whole request for longest is closed.
  std::size_t max_connections = 512;
  std::size_t max_streams = 256;  ///< of events
  std::size_t max_queued = 256;   ///< requests that no handler thread has taken yet: then 503
  std::chrono::milliseconds idle_timeout{60'000};   ///< between two requests, and for the first
  std::chrono::milliseconds read_timeout{15'000};   ///< for a TLS handshake, a header, a body
  std::chrono::milliseconds write_timeout{30'000};  ///< for an answer, and a MiB of it
  std::chrono::milliseconds poll_interval{1000};    ///< of the marks
  std::chrono::milliseconds comment_interval{15'000};
  /// A stream ends then; the client comes again and is authenticated again.
  std::chrono::milliseconds stream_life{300'000};
};

/// For each topic of the events a number that is another one when something of it has changed.
using Marks = std::function<std::map<std::string, std::int64_t>()>;

/// An HTTP/1.1 server (Boost.Beast): one thread for the network, which no peer can hold up, and a
/// few for handlers, which may block. Headers are limited to 16 KiB, bodies to 1 MiB. It answers
/// what is no proper HTTP itself (400, 413, 431), everything else is `handler`'s, with method,
/// path, query, headers, body and client of the Request filled in.
class Server {
 public:
  /// Listens at once. `handler` and `marks` are called on several threads; `handler` must not
  /// throw. Throws Error(kNetwork) where the port is taken, Error(kConfig) naming a TLS file.
  [[nodiscard]] static std::unique_ptr<Server> Make(const ServerOptions& options,
                                                    Handler handler,
                                                    Marks marks);
  virtual ~Server() = default;

  [[nodiscard]] virtual std::uint16_t port() const = 0;
  /// Serves until Stop. Call once.
  virtual void Run() = 0;
  /// No new requests; those under way are answered, for at most `grace`. Thread safe.
  virtual void Stop(std::chrono::milliseconds grace) = 0;
  /// "3 connections 1 streams 812 requests". Thread safe.
  [[nodiscard]] virtual std::string StatusLine() const = 0;
};

}  // namespace necknode::admin
