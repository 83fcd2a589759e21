#include "scp/receiver.h"

#include <algorithm>
#include <optional>
#include <thread>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sys/resource.h>

#include "core/error.h"
#include "core/log.h"
#include "scp/association.h"
#include "scp/audit_queue.h"
#include "scp/connection_table.h"
#include "scp/services.h"
#include "scp/tls.h"

namespace necknode::scp {
namespace asio = boost::asio;
using asio::ip::tcp;
namespace {

// Half of the processors, so that the others work on; one that writes must not stop all that read.
constexpr unsigned kFewestNetworkThreads = 2, kMostNetworkThreads = 4;
constexpr std::size_t kSideThreads = 2;
// When no descriptor is left, this long until the next try.
constexpr std::chrono::milliseconds kAcceptPause{20};
// Ended associations whose audit rows are not written yet: a slow disk slows new connections down
// instead of filling the memory.
constexpr std::size_t kMostUnrecorded = 128;
constexpr std::chrono::milliseconds kUnrecordedPause{2};
constexpr std::chrono::milliseconds kGraceAfterFailure{2000};
// Files, database, log, listener.
constexpr int kOtherDescriptors = 128;

// The usual soft limit of 1,024 is less than the connections that we promise to hold.
void RaiseDescriptorLimit(const ReceiverOptions& options) {
  const auto wanted = static_cast<rlim_t>(options.max_unassociated) +
                      2 * static_cast<rlim_t>(options.max_associations) + kOtherDescriptors;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) {
    return;
  }
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < wanted) {
    Log(LogLevel::kWarning, "few_descriptors", {{"limit", limit.rlim_cur}, {"wanted", wanted}});
  }
}

unsigned NetworkThreads() {
  return std::clamp(
      std::thread::hardware_concurrency() / 2, kFewestNetworkThreads, kMostNetworkThreads);
}

tcp::acceptor Listen(const asio::any_io_executor& executor,
                     const std::string& address,
                     std::uint16_t port) {
  const std::string where = address + " port " + std::to_string(port);
  try {
    const tcp::endpoint endpoint(asio::ip::make_address(address), port);
    tcp::acceptor acceptor(executor, endpoint.protocol());
    acceptor.set_option(asio::socket_base::reuse_address(true));
    acceptor.bind(endpoint);
    acceptor.listen(asio::socket_base::max_listen_connections);
    return acceptor;
  } catch (const boost::system::system_error& error) {
    throw Error(ErrorCode::kNetwork, "cannot listen on " + where + ": " + error.code().message());
  }
}

// Associations run on strands of their own, side by side on the network threads; what concerns all
// of them, accepting and stopping, runs on one more.
class AsioReceiver : public Receiver {
 public:
  AsioReceiver(const ReceiverOptions& options, storage::Store& store)
      : options_(options),
        tls_(options_.tls ? MakeAcceptorTls(*options_.tls) : nullptr),
        acceptor_(Listen(control_, options_.bind_address, options_.port)),
        tls_acceptor_(control_),
        grace_timer_(control_),
        work_(io_.get_executor()),
        connections_({options_.max_unassociated,
                      options_.max_associations,
                      options_.max_associations_per_host}),
        committer_(store.MakeCommitter()),
        audit_(std::make_unique<AuditQueue>(store)),
        services_{Current<ReceiverOptions>(options_),
                  store,
                  *committer_,
                  *audit_,
                  judging_thread_,
                  stop_judging_,
                  side_threads_,
                  connections_,
                  counters_,
                  endings_,
                  {},
                  [this](const std::string& reason) { FailStorage(reason); }} {
    RaiseDescriptorLimit(options_);
    for (const char* reason :
         {"calling_ae", "called_ae", "insecure", "disk_reserve", "too_many", "protocol"}) {
      endings_.Add(kRejectedTotal, {{"reason", reason}}, 0);
    }
    for (const char* outcome :
         {"released", "aborted_by_peer", "aborted_by_us", "connection_lost", "rejected"}) {
      endings_.Add(kAssociationsTotal, {{"outcome", outcome}}, 0);
    }
    store.holds().Clear();
    if (tls_) {
      tls_acceptor_ = Listen(control_, options_.bind_address, options_.tls_port);
      tls_port_ = tls_acceptor_.local_endpoint().port();
    }
  }

  ~AsioReceiver() override {
    // Whatever they still do refers to members that are gone afterwards.
    stop_judging_ = true;
    committer_.reset();
    audit_.reset();
    side_threads_.join();
    judging_thread_.join();
  }

  [[nodiscard]] std::uint16_t port() const override { return acceptor_port_; }
  [[nodiscard]] std::uint16_t tls_port() const override { return tls_port_; }

  void Run() override {
    StartAccepting(acceptor_, nullptr);
    if (tls_) {
      StartAccepting(tls_acceptor_, tls_.get());
    }
    {
      std::vector<std::jthread> others;
      for (unsigned i = 1; i < network_threads_; ++i) {
        others.emplace_back([this] { io_.run(); });
      }
      io_.run();
    }
    if (failure_) {
      std::rethrow_exception(failure_);
    }
  }

  void Stop(std::chrono::milliseconds grace) override {
    asio::post(control_, [this, grace] { BeginStop(grace); });
  }

  void Reconfigure(const ReceiverOptions& options) override {
    ReceiverOptions next = options_;
    next.ae_titles = options.ae_titles;
    next.accept_any_calling = options.accept_any_calling && OnLoopback();
    next.peers = options.peers;
    next.grant_commitment = options.grant_commitment;
    next.commitment_keep = options.commitment_keep;
    next.expect_commitment_reports = options.expect_commitment_reports;
    next.commitment_reporters = options.commitment_reporters;
    services_.options.Set(std::move(next));
  }

  [[nodiscard]] std::string StatusLine() const override {
    return "associations=" + std::to_string(open_) +
           " total=" + std::to_string(counters_.associations) +
           " stored=" + std::to_string(counters_.stored) +
           " known=" + std::to_string(counters_.known) +
           " refused=" + std::to_string(counters_.refused) +
           " echoes=" + std::to_string(counters_.echoes) +
           " bytes=" + std::to_string(counters_.bytes) +
           " rejected=" + std::to_string(counters_.rejected) +
           " aborted=" + std::to_string(counters_.aborted) +
           " silent=" + std::to_string(counters_.silent);
  }

  [[nodiscard]] std::vector<CounterSample> Counted() const override {
    std::vector<CounterSample> samples = endings_.Snapshot();
    double ended = 0;
    for (const CounterSample& sample : samples) {
      const bool accepted =
          sample.name == kAssociationsTotal && sample.labels != Labels{{"outcome", "rejected"}};
      ended += accepted ? sample.value : 0;
    }
    const auto add = [&](const char* name, Labels labels, double value) {
      samples.push_back({name, std::move(labels), value});
    };
    // Read after what has ended: the difference is never negative.
    const auto accepted = static_cast<double>(counters_.associations);
    add("necknode_associations_open", {}, accepted - ended);
    for (const auto& [outcome, count] : {std::pair("stored", &counters_.stored),
                                         std::pair("known", &counters_.known),
                                         std::pair("refused", &counters_.refused)}) {
      add("necknode_instances_received_total",
          {{"outcome", outcome}},
          static_cast<double>(count->load()));
    }
    add("necknode_received_bytes_total", {}, static_cast<double>(counters_.bytes));
    add("necknode_echoes_total", {}, static_cast<double>(counters_.echoes));
    add("necknode_silent_connections_total", {}, static_cast<double>(counters_.silent));
    return samples;
  }

 private:
  void StartAccepting(tcp::acceptor& acceptor, asio::ssl::context* tls) {
    asio::co_spawn(control_, Accept(acceptor, tls), [this](std::exception_ptr error) {
      if (error) {
        failure_ = error;
        BeginStop(std::chrono::milliseconds(0));
      }
    });
  }

  asio::awaitable<void> Accept(tcp::acceptor& acceptor, asio::ssl::context* tls) {
    asio::steady_timer pause(control_);
    while (!stopping_) {
      // What ended must be recorded before more is let in.
      while (!stopping_ && audit_->pending() > kMostUnrecorded) {
        pause.expires_after(kUnrecordedPause);
        co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
      }
      const asio::any_io_executor strand = asio::make_strand(io_);
      auto [error, socket] =
          co_await acceptor.async_accept(strand, asio::as_tuple(asio::use_awaitable));
      if (stopping_) {
        break;
      }
      if (!error) {
        Serve(std::move(socket), tls);
        continue;
      }
      if (error == asio::error::no_descriptors ||
          error == boost::system::errc::too_many_files_open_in_system) {
        connections_.DropOldest();
      }
      pause.expires_after(kAcceptPause);
      co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  }

  void Serve(tcp::socket socket, asio::ssl::context* tls) {
    auto association = std::make_shared<Association>(std::move(socket), tls, services_);
    connections_.Add(*association);
    ++open_;
    const auto strand = association->executor();
    asio::co_spawn(strand, association->Serve(), [this, association](std::exception_ptr error) {
      connections_.Remove(*association);
      --open_;
      if (error) {
        LogMistake(error);
      }
      asio::post(control_, [this] { EndIfIdle(); });
    });
  }

  static void LogMistake(const std::exception_ptr& error) {
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& mistake) {
      Log(LogLevel::kError, "association_failed", {{"error", mistake.what()}});
    }
  }

  void FailStorage(const std::string& reason) {
    asio::post(control_, [this, reason] {
      if (!failure_) {
        Log(LogLevel::kError, "storage_failed", {{"reason", reason}});
        failure_ = std::make_exception_ptr(Error(ErrorCode::kStorageFailed, reason));
        BeginStop(kGraceAfterFailure);
      }
    });
  }

  void BeginStop(std::chrono::milliseconds grace) {
    if (stopping_) {
      return;
    }
    stopping_ = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    tls_acceptor_.close(ignored);
    connections_.RequestStop();
    grace_timer_.expires_after(grace);
    grace_timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) {
        connections_.Kill();
      }
    });
    EndIfIdle();
  }

  void EndIfIdle() {
    if (stopping_ && connections_.empty()) {
      grace_timer_.cancel();
      work_.reset();
    }
  }

  [[nodiscard]] bool OnLoopback() const {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(options_.bind_address, error);
    return !error && address.is_loopback();
  }

  const ReceiverOptions options_;                  // as it was started with
  const std::shared_ptr<asio::ssl::context> tls_;  // null: in the clear only
  const unsigned network_threads_ = NetworkThreads();
  asio::io_context io_{static_cast<int>(network_threads_)};
  const asio::any_io_executor control_ = asio::make_strand(io_);
  tcp::acceptor acceptor_, tls_acceptor_;
  const std::uint16_t acceptor_port_ = acceptor_.local_endpoint().port();
  std::uint16_t tls_port_ = 0;
  asio::steady_timer grace_timer_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  asio::thread_pool side_threads_{kSideThreads};
  asio::thread_pool judging_thread_{1};
  std::atomic<bool> stop_judging_{false};
  ConnectionTable connections_;
  Counters counters_;
  CounterSet endings_;
  std::unique_ptr<storage::InstanceCommitter> committer_;
  std::unique_ptr<AuditQueue> audit_;
  Services services_;
  std::atomic<std::size_t> open_{0};
  // On the strand of control_ only.
  bool stopping_ = false;
  std::exception_ptr failure_;
};

}  // namespace

std::unique_ptr<Receiver> Receiver::Make(const ReceiverOptions& options,
                                         storage::Store& store,
                                         const Clock& /*clock*/) {
  return std::make_unique<AsioReceiver>(options, store);
}

}  // namespace necknode::scp
