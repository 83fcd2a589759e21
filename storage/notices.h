#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "core/clock.h"
#include "storage/study_index.h"

namespace necknode::storage {

/// What people may be told of, as the configuration and the messages name it.
inline constexpr const char* kNoticeRowParked = "row_parked";
inline constexpr const char* kNoticeObjectQuarantined = "object_quarantined";
inline constexpr const char* kNoticeJobFailed = "job_failed";  ///< or parked
inline constexpr const char* kNoticeStudyParked = "study_parked";
inline constexpr const char* kNoticeDiskReserve = "disk_reserve";
inline constexpr const char* kNoticeSuspiciousFinding = "suspicious_finding";

/// One thing that happened. Numbers of rows and configured names only, no patient data.
struct NoticeEvent {
  std::int64_t id = 0;
  std::string kind;
  WallTime time{};
  StudyId study = 0;            ///< 0: none
  std::int64_t job = 0;         ///< 0: none
  std::int64_t row = 0;         ///< of the outbox; 0: none
  std::string subject;          ///< a destination, a route, a calling AE title; may be empty
  Uid study_instance_uid = {};  ///< of `study`
};

/// What one channel (webhook, email) is to say: all events of one kind since its message before.
struct NoticeMessage {
  std::int64_t id = 0;
  std::string channel, kind;
  std::string key;  ///< random, the same at every try: by it a receiver knows a repeated message
  int events = 0;
  int attempts = 0;  ///< before this one
  WallTime created{};
  std::vector<NoticeEvent> items;  ///< the oldest of the events, at most kMaxNoticeItems
};
inline constexpr int kMaxNoticeItems = 20;

/// Events that people are told of, and the messages that tell them. Events are found in the rows
/// that other transactions have written, each once, whatever dies in between. A message is sent at
/// least once, or given up a day after it was made. All functions throw Error(kStorageFailed |
/// kNoSpace). Thread safe.
class Notices {
 public:
  virtual ~Notices() = default;
  /// Notes what has happened of `kinds` since the last call; the first call ever begins with now.
  /// `reserve_reached`: whether nothing more is accepted for want of space; only its beginning is
  /// an event. Returns how many events were new.
  virtual int Collect(const std::set<std::string>& kinds, bool reserve_reached) = 0;
  /// Messages of `channel` that are due, oldest first. Makes one for each kind whose oldest untold
  /// event is older than `settle`, unless the kind's message before is younger than `interval` or
  /// still waits.
  [[nodiscard]] virtual std::vector<NoticeMessage> Due(const std::string& channel,
                                                       std::chrono::milliseconds settle,
                                                       std::chrono::milliseconds interval) = 0;
  virtual void MarkSent(std::int64_t message) = 0;
  /// To be tried again after `delay`.
  virtual void MarkRetry(std::int64_t message,
                         const std::string& status,
                         std::chrono::milliseconds delay) = 0;
  /// Never to be tried again; writes an audit row.
  virtual void GiveUp(std::int64_t message, const std::string& status) = 0;
  /// Messages that wait.
  [[nodiscard]] virtual int CountWaiting() const = 0;
};

}  // namespace necknode::storage
