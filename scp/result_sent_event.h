#pragma once

#include <string>

#include "scp/storage_scu.h"
#include "storage/store.h"

namespace necknode::scp {

/// The audit row of a document that was delivered, or parked. `peer`: where it went; without a name
/// where the configuration does not know the destination.
[[nodiscard]] storage::AuditEvent ResultSentEvent(const storage::OutboxRow& row,
                                                  const std::string& outcome,
                                                  const std::string& status,
                                                  const std::string& our_ae_title,
                                                  const RemotePeer& peer);

}  // namespace necknode::scp
