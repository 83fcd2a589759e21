#include "scp/audit_forwarder.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/log.h"

namespace necknode::scp {
namespace {

constexpr int kRowsAtOnce = 64;

std::string NameOf(const AuditForwarderOptions& options) {
  return (options.tls ? "tls://" : "udp://") + options.server.host + ":" +
         std::to_string(options.server.port);
}

}  // namespace

AuditForwarder::AuditForwarder(AuditForwarderOptions options,
                               storage::AuditFeed& feed,
                               std::function<void()> failed)
    : options_(std::move(options)),
      name_(NameOf(options_)),
      feed_(feed),
      failed_(std::move(failed)),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

AuditForwarder::~AuditForwarder() {
  thread_.request_stop();
  if (thread_.joinable()) {
    thread_.join();
  }
}

std::string AuditForwarder::StatusLine() const {
  return "audit_waiting=" + std::to_string(waiting_) + " audit_sent=" + std::to_string(sent_);
}

void AuditForwarder::Finish() {
  thread_.request_stop();
  thread_.join();
  if (failure_) {
    std::rethrow_exception(failure_);
  }
}

void AuditForwarder::Run(const std::stop_token& stop) {
  try {
    Serve(stop);
  } catch (const std::exception& error) {
    Log(LogLevel::kError, "audit_forwarder_failed", {{"error", error.what()}});
    failure_ = std::current_exception();
    failed_();
  }
}

void AuditForwarder::Serve(const std::stop_token& stop) {
  const auto transport = options_.tls ? MakeSyslogTls(options_.server, *options_.tls, stop)
                                      : MakeSyslogUdp(options_.server);
  auto backoff = options_.backoff_base;
  while (!stop.stop_requested()) {
    auto pause = options_.poll;
    try {
      const bool all = SendBatch(*transport);
      NoteBack();
      backoff = options_.backoff_base;
      if (!all) {
        continue;
      }
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kStorageFailed) {
        throw;
      }
      if (!stop.stop_requested()) {
        NoteAway(error);
      }
      pause = backoff;
      backoff = std::min(2 * backoff, options_.backoff_limit);
    }
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, pause, [] { return false; });
  }
}

bool AuditForwarder::SendBatch(SyslogTransport& transport) {
  MarkSent();
  const auto entries = feed_.Unsent(name_, kRowsAtOnce);
  waiting_ = feed_.CountUnsent(name_);
  if (entries.empty()) {
    return true;
  }
  const std::int64_t before = sent_;
  for (const storage::AuditEntry& entry : entries) {
    Send(transport, entry);
  }
  if (sent_ != before) {
    transport.Flush();
  }
  unmarked_ = entries.back().row.id;
  MarkSent();
  waiting_ -= static_cast<std::int64_t>(entries.size());
  return entries.size() < kRowsAtOnce;
}

void AuditForwarder::Send(SyslogTransport& transport, const storage::AuditEntry& entry) {
  const auto xml = AuditMessageOf(entry, options_.source);
  if (!xml) {
    return;
  }
  const bool success = AuditOutcomeOf(entry.row.event) == AuditOutcome::kSuccess;
  try {
    transport.Send(SyslogMessage(success ? SyslogSeverity::kNotice : SyslogSeverity::kWarning,
                                 entry.row.time,
                                 options_.source.machine,
                                 *xml));
    ++sent_;
  } catch (const Error& error) {
    // It would stand in the way of all others for ever; the row stays in the trail.
    if (error.code() != ErrorCode::kInvalidArgument) {
      throw;
    }
    Log(LogLevel::kError,
        "audit_message_not_sent",
        {{"row", entry.row.id}, {"error", error.what()}});
  }
}

// A full disk must not make the same rows go out again and again.
void AuditForwarder::MarkSent() {
  if (unmarked_ != 0) {
    feed_.MarkSent(name_, unmarked_);
    unmarked_ = 0;
  }
}

void AuditForwarder::NoteAway(const Error& error) {
  if (away_ != error.what()) {
    away_ = error.what();
    Log(LogLevel::kWarning,
        "audit_server_away",
        {{"server", name_}, {"waiting", waiting_.load()}, {"error", error.what()}});
  }
}

void AuditForwarder::NoteBack() {
  if (!std::exchange(away_, {}).empty()) {
    Log(LogLevel::kInfo, "audit_server_back", {{"server", name_}});
  }
}

}  // namespace necknode::scp
