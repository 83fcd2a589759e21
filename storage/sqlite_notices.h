#pragma once

#include <set>
#include <string>
#include <vector>

#include "storage/connections.h"
#include "storage/notices.h"

namespace necknode::storage {

class SqliteNotices : public Notices {
 public:
  /// Both must outlive it.
  SqliteNotices(Connections& connections, const Clock& clock)
      : connections_(connections), clock_(clock) {}

  int Collect(const std::set<std::string>& kinds, bool reserve_reached) override;
  [[nodiscard]] std::vector<NoticeMessage> Due(const std::string& channel,
                                               std::chrono::milliseconds settle,
                                               std::chrono::milliseconds interval) override;
  void MarkSent(std::int64_t message) override;
  void MarkRetry(std::int64_t message,
                 const std::string& status,
                 std::chrono::milliseconds delay) override;
  void GiveUp(std::int64_t message, const std::string& status) override;
  [[nodiscard]] int CountWaiting() const override;

 private:
  Connections& connections_;
  const Clock& clock_;
};

}  // namespace necknode::storage
