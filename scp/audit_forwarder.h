#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "core/error.h"
#include "scp/audit_message.h"
#include "scp/syslog.h"

namespace necknode::scp {

struct AuditForwarderOptions {
  AuditSource source;
  SyslogServer server;
  std::optional<TlsFiles> tls;                    ///< nullopt: by UDP
  std::chrono::milliseconds poll{1'000};          ///< how often the trail is looked at
  std::chrono::milliseconds backoff_base{1'000};  ///< after the first failure; doubles
  std::chrono::milliseconds backoff_limit{60'000};
};

/// Sends the audit trail to one server, in order, on a thread of its own; what was sent is noted
/// only afterwards, so that a server that is away, or a restart, loses nothing and what was under
/// way goes out again. Nothing else waits for it.
class AuditForwarder {
 public:
  /// Starts. `failed` is called on its thread when storage failed, after which it sends nothing
  /// more; `feed` must outlive it.
  AuditForwarder(AuditForwarderOptions options,
                 storage::AuditFeed& feed,
                 std::function<void()> failed);
  ~AuditForwarder();  ///< stops, and lets the batch in hand be
  AuditForwarder(const AuditForwarder&) = delete;
  AuditForwarder& operator=(const AuditForwarder&) = delete;

  /// For `necknode status`: how many rows wait, how many messages went out since the start. Thread
  /// safe.
  [[nodiscard]] std::string StatusLine() const;
  /// Stops and rethrows what ended it.
  void Finish();

 private:
  void Run(const std::stop_token& stop);
  void Serve(const std::stop_token& stop);
  /// True where nothing more waits.
  bool SendBatch(SyslogTransport& transport);
  void Send(SyslogTransport& transport, const storage::AuditEntry& entry);
  void MarkSent();
  void NoteAway(const Error& error);
  void NoteBack();

  // Constant after construction.
  const AuditForwarderOptions options_;
  const std::string name_;  ///< of the server, in the database
  storage::AuditFeed& feed_;
  const std::function<void()> failed_;

  std::atomic<std::int64_t> waiting_{0}, sent_{0};
  std::mutex mutex_;
  std::condition_variable_any wake_;

  // For its thread only, until that has ended.
  std::int64_t unmarked_ = 0;  ///< sent up to this row, but not noted; 0: none
  std::string away_;           ///< why the server cannot be reached, or empty
  std::exception_ptr failure_;

  std::jthread thread_;
};

}  // namespace necknode::scp
