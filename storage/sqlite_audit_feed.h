#pragma once

#include <optional>
#include <string>
#include <vector>

#include "storage/audit_trail.h"
#include "storage/connections.h"

namespace necknode::storage {

class SqliteAuditFeed : public AuditFeed {
 public:
  /// Both must outlive it.
  SqliteAuditFeed(Connections& connections, const Clock& clock)
      : connections_(connections), clock_(clock) {}

  [[nodiscard]] std::vector<AuditEntry> Unsent(const std::string& server, int limit) const override;
  [[nodiscard]] std::int64_t CountUnsent(const std::string& server) const override;
  void MarkSent(const std::string& server, std::int64_t id) override;
  [[nodiscard]] std::optional<AuditRow> LastConfiguration() const override;

 private:
  Connections& connections_;
  const Clock& clock_;
};

}  // namespace necknode::storage
