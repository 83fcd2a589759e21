#include "admin/connection.h"

#include <algorithm>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>

#include "admin/changed_topics.h"
#include "admin/http_message.h"
#include "admin/problem.h"
#include "admin/security_headers.h"
#include "core/log.h"

namespace necknode::admin {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace {

using SteadyClock = std::chrono::steady_clock;
using boost::system::error_code;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t kMaxHeaderBytes = 16U << 10U;
constexpr std::uint64_t kMaxBodyBytes = 1ULL << 20U;
constexpr std::size_t kReadBufferBytes = 64U << 10U;
constexpr std::size_t kReadBytes = 16U << 10U;
// What a client is still sending when it is refused is read for so long, else the reset of the
// connection could overtake the answer.
constexpr std::chrono::milliseconds kLinger{500};
constexpr int kStreamBufferBytes = 16 << 10;

std::string AddressOf(const beast::tcp_stream& stream) {
  error_code error;
  const auto endpoint = stream.socket().remote_endpoint(error);
  if (error) {
    return "unknown";
  }
  auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return address.to_string();
}

// nullopt: the connection is gone, or closed since its time was over: there is nobody to tell.
std::optional<Response> AnswerTo(const error_code& error) {
  if (error == http::error::header_limit) {
    return Problem(431, "the header is longer than 16 KiB");
  }
  if (error == http::error::body_limit) {
    return Problem(413, "the body is longer than 1 MiB");
  }
  if (error == http::error::end_of_stream || error == http::error::partial_message ||
      error.category() != make_error_code(http::error::bad_method).category()) {
    return std::nullopt;
  }
  return Problem(400, "this is no HTTP request");
}

asio::awaitable<Response> CallHandler(const Handler& handler, Request request) {
  co_return handler(request);
}

}  // namespace

Connection::Connection(ServerState& state, asio::ip::tcp::socket socket)
    : state_(state),
      tcp_(std::move(socket)),
      client_(AddressOf(tcp_)),
      since_(SteadyClock::now()),
      wake_(state.io) {
  error_code ignored;
  tcp_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
  if (state_.tls) {
    tls_.emplace(tcp_, *state_.tls);
  }
}

void Connection::Close() {
  closed_ = true;
  tcp_.close();
  wake_.cancel();
}

void Connection::Finish() {
  finishing_ = true;
  if (waiting_ || streaming_) {
    Close();
  }
}

void Connection::Notify(const std::set<std::string>& topics) {
  if (streaming_) {
    changed_.insert(topics.begin(), topics.end());
    wake_.cancel();
  }
}

asio::awaitable<void> Connection::Serve() {
  try {
    if (!tls_) {
      co_await Converse();
    } else {
      tcp_.expires_after(state_.options.read_timeout);
      const auto [refused] = co_await tls_->async_handshake(asio::ssl::stream_base::server, kAwait);
      if (!refused) {
        co_await Converse();
        // Beside an event stream a read is under way, and there may be only one.
        if (!watched_) {
          tcp_.expires_after(kLinger);
          (void)co_await tls_->async_shutdown(kAwait);
        }
      }
    }
  } catch (const std::exception& error) {
    Log(LogLevel::kError, "connection_failed", {{"reason", error.what()}});
  }
  Close();
}

asio::awaitable<std::pair<error_code, std::size_t>> Connection::ReadSome(
    asio::mutable_buffer into) {
  if (tls_) {
    const auto [error, count] = co_await tls_->async_read_some(into, kAwait);
    co_return std::pair(error, count);
  }
  const auto [error, count] = co_await tcp_.async_read_some(into, kAwait);
  co_return std::pair(error, count);
}

asio::awaitable<error_code> Connection::Send(std::string_view head, std::string_view body) {
  const std::array<asio::const_buffer, 2> parts = {asio::buffer(head), asio::buffer(body)};
  if (tls_) {
    const auto [error, count] = co_await asio::async_write(*tls_, parts, kAwait);
    co_return error;
  }
  const auto [error, count] = co_await asio::async_write(tcp_, parts, kAwait);
  co_return error;
}

asio::awaitable<error_code> Connection::Read(Parser& parser,
                                             beast::flat_buffer& buffer,
                                             Part part) {
  parser.eager(part == Part::kWhole);
  while (part == Part::kWhole ? !parser.is_done() : !parser.is_header_done()) {
    if (buffer.size() > 0) {
      error_code error;
      buffer.consume(parser.put(buffer.data(), error));
      if (!error) {
        continue;
      }
      if (error != http::error::need_more) {
        co_return error;
      }
    }
    const std::size_t room = std::min(kReadBytes, buffer.max_size() - buffer.size());
    if (room == 0) {
      co_return http::error::buffer_overflow;
    }
    const auto [error, count] = co_await ReadSome(buffer.prepare(room));
    if (error) {
      co_return error;
    }
    buffer.commit(count);
  }
  co_return error_code();
}

asio::awaitable<void> Connection::Converse() {
  beast::flat_buffer buffer(kReadBufferBytes);
  while (!closed_ && !finishing_) {
    Parser parser;
    parser.header_limit(kMaxHeaderBytes);
    parser.body_limit(kMaxBodyBytes);
    waiting_ = true;
    since_ = SteadyClock::now();
    if (buffer.size() == 0) {
      tcp_.expires_after(state_.options.idle_timeout);
      const auto [ended, count] = co_await ReadSome(buffer.prepare(kReadBytes));
      buffer.commit(count);
      if (ended) {
        co_return;
      }
    }
    tcp_.expires_after(state_.options.read_timeout);
    error_code error = co_await Read(parser, buffer, Part::kHeader);
    if (!error && beast::iequals(parser.get()[http::field::expect], "100-continue")) {
      error = co_await Send("HTTP/1.1 100 Continue\r\n\r\n", "");
    }
    if (!error) {
      tcp_.expires_after(state_.options.read_timeout);
      error = co_await Read(parser, buffer, Part::kWhole);
    }
    waiting_ = false;
    if (error) {
      if (auto answer = AnswerTo(error)) {
        co_await Refuse(std::move(*answer));
      }
      co_return;
    }
    ++state_.requests;
    if (auto problem = ProblemOf(parser.get())) {
      co_await Refuse(std::move(*problem));
      co_return;
    }
    const unsigned version = parser.get().version();
    finishing_ = finishing_ || !parser.get().keep_alive();
    const bool head = parser.get().method() == http::verb::head;
    const Request request = RequestOf(parser.release(), client_);
    Response response = co_await Handle(request);
    if (response.content_type == "text/event-stream" && !head) {
      co_await StreamEvents(request, std::move(response));
      co_return;
    }
    if (!co_await Write(std::move(response), version, head)) {
      co_return;
    }
  }
}

asio::awaitable<Response> Connection::Handle(Request request) {
  if (state_.queued >= state_.options.max_queued) {
    Response busy = Problem(503, "too many requests wait for an answer");
    busy.headers.emplace_back("Retry-After", "1");
    co_return busy;
  }
  ++state_.queued;
  Response response = co_await asio::co_spawn(state_.pool.get_executor(),
                                              CallHandler(state_.handler, std::move(request)),
                                              asio::use_awaitable);
  --state_.queued;
  co_return response;
}

asio::awaitable<bool> Connection::Write(Response response, unsigned version, bool head) {
  AddSecurityHeaders(response, state_.tls != nullptr);
  const auto mib = 1 + static_cast<int>(response.body.size() >> 20U);
  const WireResponse wire = WireOf(std::move(response), version, head, finishing_ || closed_);
  tcp_.expires_after(state_.options.write_timeout * mib);
  const std::string head_text = HeaderText(wire);
  const error_code error = co_await Send(head_text, wire.body());
  co_return !error;
}

asio::awaitable<void> Connection::Refuse(Response response) {
  finishing_ = true;
  if (!co_await Write(std::move(response), 11, false)) {
    co_return;
  }
  error_code ignored;
  if (!tls_) {
    tcp_.socket().shutdown(asio::socket_base::shutdown_send, ignored);
  }
  tcp_.expires_after(kLinger);
  std::array<char, 4096> dropped{};
  std::size_t left = kMaxBodyBytes;
  while (left > 0) {
    const auto [error, count] = co_await ReadSome(asio::buffer(dropped));
    if (error) {
      co_return;
    }
    left -= std::min(left, count);
  }
}

asio::awaitable<void> Connection::WatchEnd() {
  const auto self = shared_from_this();
  std::array<char, 64> dropped{};
  tcp_.expires_never();
  (void)co_await ReadSome(asio::buffer(dropped));
  Close();
}

asio::awaitable<void> Connection::StreamEvents(Request request, Response response) {
  if (state_.streams >= static_cast<std::int64_t>(state_.options.max_streams)) {
    (void)co_await Write(Problem(503, "too many event streams are open"), 11, false);
    co_return;
  }
  ++state_.streams;
  streaming_ = true;
  error_code ignored;
  // A client that does not read is to be noticed, not to be buffered for.
  tcp_.socket().set_option(asio::socket_base::send_buffer_size(kStreamBufferBytes), ignored);
  finishing_ = true;
  bool good = co_await Write(std::move(response), 11, false);
  if (good) {
    watched_ = true;
    asio::co_spawn(state_.io, WatchEnd(), asio::detached);
  }
  const auto end = SteadyClock::now() + state_.options.stream_life;
  std::string text = "retry: 2000\n\n";
  while (good && !closed_ && SteadyClock::now() < end) {
    tcp_.expires_after(state_.options.write_timeout);
    good = !co_await Send(text, "");
    if (changed_.empty() && good && !closed_) {
      wake_.expires_at(std::min(end, SteadyClock::now() + state_.options.comment_interval));
      (void)co_await wake_.async_wait(kAwait);
    }
    if (!good || closed_) {
      break;
    }
    // Asked again, for whoever has logged out or was removed meanwhile.
    const Response again = co_await Handle(request);
    good = again.status != 401 && again.status != 403;
    text = changed_.empty() ? ":\n\n" : ChangedEvent(changed_);
    changed_.clear();
  }
  streaming_ = false;
  --state_.streams;
}

}  // namespace necknode::admin
