#include "storage/peer_names.h"

#include "storage/outbox.h"

namespace necknode::storage {

void RenamePeer(Database& database, const std::string& from, const std::string& to) {
  database.Run(
      "UPDATE outbox SET state = 'waiting', due_boot_id = '', reason = '' "
      "WHERE destination = ? AND state = 'parked' AND last_status = ?",
      from,
      kNoSuchPeer);
  database.Run("UPDATE outbox SET destination = ? WHERE destination = ?", to, from);
  database.Run("UPDATE commitments SET destination = ? WHERE destination = ?", to, from);
  // A study asks each peer but once.
  database.Run("UPDATE OR IGNORE archive_requests SET peer = ? WHERE peer = ?", to, from);
  database.Run("UPDATE priors SET peer = ? WHERE peer = ?", to, from);
}

}  // namespace necknode::storage
