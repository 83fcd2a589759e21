#include "admin/server.h"

#include <algorithm>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "admin/changed_topics.h"
#include "admin/connection.h"
#include "admin/tls_context.h"
#include "core/error.h"
#include "core/log.h"

namespace necknode::admin {
namespace asio = boost::asio;
using asio::ip::tcp;
namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
// When no descriptor is left, this long until the next try.
constexpr std::chrono::milliseconds kAcceptPause{50};

tcp::acceptor Listen(asio::io_context& io, const std::string& address, std::uint16_t port) {
  try {
    const tcp::endpoint endpoint(asio::ip::make_address(address), port);
    tcp::acceptor acceptor(io, endpoint.protocol());
    acceptor.set_option(asio::socket_base::reuse_address(true));
    acceptor.bind(endpoint);
    acceptor.listen(asio::socket_base::max_listen_connections);
    return acceptor;
  } catch (const boost::system::system_error& error) {
    throw Error(ErrorCode::kNetwork,
                "cannot listen for HTTP on " + address + " port " + std::to_string(port) + ": " +
                    error.code().message() + " (see [http] in the configuration, or --http-port)");
  }
}

// Without marks nothing seems to have changed; the next time there may be some again.
asio::awaitable<std::map<std::string, std::int64_t>> CallMarks(const Marks& marks) {
  try {
    co_return marks();
  } catch (const std::exception& error) {
    Log(LogLevel::kWarning, "marks_failed", {{"reason", error.what()}});
  }
  co_return std::map<std::string, std::int64_t>();
}

class BeastServer : public Server {
 public:
  BeastServer(const ServerOptions& options, Handler handler, Marks marks)
      : state_(options, std::move(handler)),
        marks_(std::move(marks)),
        acceptor_(Listen(state_.io, options.bind_address, options.port)),
        poll_(state_.io),
        pause_(state_.io),
        grace_(state_.io) {
    if (options.tls) {
      state_.tls = MakeServerTls(*options.tls);
    }
  }
  ~BeastServer() override {
    state_.pool.stop();
    state_.pool.join();
  }

  [[nodiscard]] std::uint16_t port() const override { return acceptor_.local_endpoint().port(); }

  void Run() override {
    asio::co_spawn(state_.io, Accept(), asio::detached);
    asio::co_spawn(state_.io, PollMarks(), asio::detached);
    state_.io.run();
  }

  void Stop(std::chrono::milliseconds grace) override {
    asio::post(state_.io, [this, grace] {
      boost::system::error_code ignored;
      state_.stopping = true;
      acceptor_.close(ignored);
      poll_.cancel();
      for (const auto& connection : state_.open) {
        connection->Finish();
      }
      grace_.expires_after(grace);
      grace_.async_wait([this](const boost::system::error_code& error) {
        if (!error) {
          state_.io.stop();
        }
      });
      EndWhenIdle();
    });
  }

  [[nodiscard]] std::string StatusLine() const override {
    return "connections=" + std::to_string(state_.connections) +
           " streams=" + std::to_string(state_.streams) +
           " requests=" + std::to_string(state_.requests);
  }

 private:
  asio::awaitable<void> Accept() {
    while (acceptor_.is_open()) {
      auto [error, socket] = co_await acceptor_.async_accept(kAwait);
      if (state_.stopping) {
        co_return;
      }
      if (error) {
        Log(LogLevel::kWarning, "accept_failed", {{"reason", error.message()}});
        pause_.expires_after(kAcceptPause);
        (void)co_await pause_.async_wait(kAwait);
        continue;
      }
      MakeRoom();
      const auto connection = std::make_shared<Connection>(state_, std::move(socket));
      state_.open.push_back(connection);
      ++state_.connections;
      asio::co_spawn(state_.io, Serve(std::prev(state_.open.end())), asio::detached);
    }
  }

  asio::awaitable<void> Serve(std::list<std::shared_ptr<Connection>>::iterator entry) {
    const std::shared_ptr<Connection> connection = *entry;
    co_await connection->Serve();
    state_.open.erase(entry);
    --state_.connections;
    EndWhenIdle();
  }

  // The one that has been silent for longest goes, else the oldest: silent peers can keep nobody
  // out.
  void MakeRoom() {
    if (state_.open.size() < state_.options.max_connections) {
      return;
    }
    std::shared_ptr<Connection> victim;
    for (const auto& connection : state_.open) {
      if (connection->waiting() &&
          (!victim || connection->waiting_since() < victim->waiting_since())) {
        victim = connection;
      }
    }
    (victim ? victim : state_.open.front())->Close();
  }

  asio::awaitable<std::map<std::string, std::int64_t>> ReadMarks() {
    co_return co_await asio::co_spawn(
        state_.pool.get_executor(), CallMarks(marks_), asio::use_awaitable);
  }
  asio::awaitable<void> PollMarks() {
    ChangedTopics topics;
    // So that what changes before the first look is told.
    (void)topics.Update(co_await ReadMarks());
    while (!state_.stopping) {
      poll_.expires_after(state_.options.poll_interval);
      (void)co_await poll_.async_wait(kAwait);
      if (state_.streams == 0 || state_.stopping) {
        continue;
      }
      const auto marks = co_await ReadMarks();
      const std::set<std::string> changed =
          marks.empty() ? std::set<std::string>() : topics.Update(marks);
      for (const auto& connection : state_.open) {
        if (!changed.empty()) {
          connection->Notify(changed);
        }
      }
    }
  }

  void EndWhenIdle() {
    if (state_.stopping && state_.open.empty()) {
      grace_.cancel();
    }
  }

  ServerState state_;
  const Marks marks_;
  tcp::acceptor acceptor_;
  asio::steady_timer poll_, pause_, grace_;
};

}  // namespace

std::unique_ptr<Server> Server::Make(const ServerOptions& options, Handler handler, Marks marks) {
  return std::make_unique<BeastServer>(options, std::move(handler), std::move(marks));
}

}  // namespace necknode::admin
