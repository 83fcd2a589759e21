#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "scp/audit_forwarder.h"
#include "storage/store.h"

namespace necknode::app {

/// What sends the audit trail to the configured server; null where there is none. `failed`: see
/// scp::AuditForwarder. `store` must outlive it.
[[nodiscard]] std::unique_ptr<scp::AuditForwarder> MakeAuditForwarder(const config::Config& config,
                                                                      storage::Store& store,
                                                                      std::function<void()> failed);

/// Writes an audit row where the configuration, with its command-line flags, differs from the one
/// that the last such row has. Only a digest of it is kept. Never throws for a full disk.
void AuditConfiguration(storage::Store& store,
                        const std::string& config_file,
                        const std::vector<std::string>& flags);

/// Writes the audit rows of a role's start and, in the destructor, of its end: "failed" where an
/// exception ends it. A killed process writes none. Never throws for a full disk.
class AuditedActivity {
 public:
  AuditedActivity(storage::Store& store, std::string role);
  ~AuditedActivity();
  AuditedActivity(const AuditedActivity&) = delete;
  AuditedActivity& operator=(const AuditedActivity&) = delete;

 private:
  storage::Store& store_;
  const std::string role_;
  const int exceptions_;  // in flight when it began
};

}  // namespace necknode::app
