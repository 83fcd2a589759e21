#include "coordinator/notifier.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "core/error.h"
#include "core/log.h"

namespace necknode::coordinator {
namespace {

constexpr const char* kWebhook = "webhook";
constexpr const char* kEmail = "email";
constexpr int kMostDoublings = 20;
constexpr std::uint64_t kFreeAgainShare = 8;  // of the reserve

// Sleeps; woken by `stop`.
void Pause(const std::stop_token& stop, std::chrono::milliseconds duration) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, duration, [] { return false; });
}

}  // namespace

Notifier::Notifier(NotifierOptions options, storage::Store& store, const Clock& clock)
    : options_(std::move(options)), store_(store), clock_(clock) {
  try {
    Collect();  // what happens from now on is told
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNoSpace) {
      throw;
    }
  }
  collecting_ = std::jthread([this](const std::stop_token& stop) { Serve(stop, "", nullptr); });
  if (options_.webhook) {
    webhook_ = std::jthread(
        [this](const std::stop_token& stop) { Serve(stop, kWebhook, &Notifier::ByWebhook); });
  }
  if (options_.email) {
    email_ = std::jthread(
        [this](const std::stop_token& stop) { Serve(stop, kEmail, &Notifier::ByEmail); });
  }
}

Notifier::~Notifier() {
  for (std::jthread* thread : {&collecting_, &webhook_, &email_}) {
    thread->request_stop();
  }
}

void Notifier::Check() {
  const std::lock_guard lock(mutex_);
  if (failure_) {
    std::rethrow_exception(failure_);
  }
}

void Notifier::Serve(const std::stop_token& stop, const char* channel, Send send) {
  while (!stop.stop_requested()) {
    try {
      if (send == nullptr) {
        Collect();
      } else {
        SendDue(stop, channel, send);
      }
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kStorageFailed) {
        const std::lock_guard lock(mutex_);
        failure_ = std::current_exception();
        return;
      }
      Log(LogLevel::kWarning, "notices_wait", {{"reason", error.what()}});
      Pause(stop, options_.backoff_base);
    }
    Pause(stop, options_.poll);
  }
}

void Notifier::Collect() {
  // A disk that moves around its reserve is told of once.
  const std::uint64_t free = store_.objects().FreeAboveReserve();
  full_ = free == 0 || (full_ && free < store_.objects().Disk().reserve_bytes / kFreeAgainShare);
  store_.notices().Collect(options_.kinds, full_);
}

void Notifier::SendDue(const std::stop_token& stop, const char* channel, Send send) {
  for (const storage::NoticeMessage& message :
       store_.notices().Due(channel, options_.settle, options_.interval)) {
    if (stop.stop_requested()) {
      return;
    }
    std::string failure;
    try {
      failure = (this->*send)(WriteNotice(message, options_.wording), stop);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kStorageFailed) {
        throw;
      }
      failure = error.what();
    }
    if (!failure.empty() && stop.stop_requested()) {
      return;  // no try of its own: it was we who ended it
    }
    Settle(message, failure);
  }
}

void Notifier::Settle(const storage::NoticeMessage& message, const std::string& failure) {
  if (failure.empty()) {
    store_.notices().MarkSent(message.id);
    Log(LogLevel::kInfo,
        "notice_sent",
        {{"channel", message.channel}, {"kind", message.kind}, {"events", message.events}});
    return;
  }
  const bool give_up = clock_.Now() - message.created >= options_.give_up_after;
  Log(LogLevel::kWarning,
      give_up ? "notice_given_up" : "notice_retry",
      {{"channel", message.channel},
       {"kind", message.kind},
       {"attempts", message.attempts + 1},
       {"reason", failure}});
  if (give_up) {
    store_.notices().GiveUp(message.id, failure);
    return;
  }
  const auto factor = std::int64_t{1} << std::clamp(message.attempts, 0, kMostDoublings);
  store_.notices().MarkRetry(
      message.id, failure, std::min(options_.backoff_base * factor, options_.backoff_limit));
}

std::string Notifier::ByWebhook(const NoticeText& text, const std::stop_token& stop) const {
  return PostWebhook(*options_.webhook, text, stop);
}

std::string Notifier::ByEmail(const NoticeText& text, const std::stop_token& stop) const {
  return SendMail(*options_.email, text, stop);
}

}  // namespace necknode::coordinator
