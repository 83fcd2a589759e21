#pragma once

#include <chrono>
#include <exception>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "coordinator/notice_channels.h"
#include "coordinator/notice_text.h"
#include "storage/store.h"

namespace necknode::coordinator {

struct NotifierOptions {
  std::set<std::string> kinds;  ///< see storage/notices.h
  NoticeWording wording;
  std::optional<WebhookOptions> webhook;
  std::optional<EmailOptions> email;
  std::chrono::milliseconds poll{1'000};
  /// What happens within this time is told in one message.
  std::chrono::milliseconds settle{5'000};
  std::chrono::milliseconds interval{60'000};  ///< between two messages of one kind
  std::chrono::milliseconds backoff_base{30'000};
  std::chrono::milliseconds backoff_limit{3'600'000};
  std::chrono::milliseconds give_up_after{std::chrono::hours(24)};
};

/// Tells people what needs them, on a thread of its own: looks for what happened, and sends each
/// channel its messages; a channel that does not answer holds up neither the other nor the node. A
/// message is tried again with doubling delays for a day, then given up with an audit row.
class Notifier {
 public:
  /// `store` and `clock` must outlive it.
  Notifier(NotifierOptions options, storage::Store& store, const Clock& clock);
  /// Ends what it is doing at once; what was not sent waits in the store.
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  /// Throws what ended its thread: Error(kStorageFailed) when storage failed.
  void Check();

 private:
  using Send = std::string (Notifier::*)(const NoticeText&, const std::stop_token&) const;
  [[nodiscard]] std::string ByWebhook(const NoticeText& text, const std::stop_token& stop) const;
  [[nodiscard]] std::string ByEmail(const NoticeText& text, const std::stop_token& stop) const;
  void Serve(const std::stop_token& stop, const char* channel, Send send);
  void Collect();
  void SendDue(const std::stop_token& stop, const char* channel, Send send);
  void Settle(const storage::NoticeMessage& message, const std::string& failure);

  // Constant after construction.
  const NotifierOptions options_;
  storage::Store& store_;
  const Clock& clock_;

  bool full_ = false;  // of the constructor, then of collecting_

  std::mutex mutex_;
  std::exception_ptr failure_;  // guarded by mutex_

  std::jthread collecting_, webhook_, email_;
};

}  // namespace necknode::coordinator
