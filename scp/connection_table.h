#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <mutex>
#include <string>

namespace necknode::scp {

/// A connection as the limits see it. What ends it is done soon, not before the call returns.
/// Thread safe.
class Connection {
 public:
  virtual ~Connection() = default;
  [[nodiscard]] virtual const std::string& host() const = 0;
  /// Closes at once: there are too many that have no association.
  virtual void Drop() = 0;
  /// Finish the message in hand, then abort.
  virtual void RequestStop() = 0;
  /// Abort and close now.
  virtual void Kill() = 0;
};

/// All open connections and their limits (RECEIVER: before its A-ASSOCIATE-RQ, and after its end, a
/// connection counts only against a global limit whose oldest member is closed; associations are
/// limited in all and per host). Borrows the connections. Thread safe.
class ConnectionTable {
 public:
  struct Limits {
    int unassociated = 0, associations = 0, associations_per_host = 0;
  };
  explicit ConnectionTable(Limits limits) : limits_(limits) {}

  /// A new connection, without an association. Drops the oldest of these where there are too many.
  void Add(Connection& connection);
  /// Counts it as an association from now on. False, and nothing changed, where a limit is reached.
  [[nodiscard]] bool Associate(Connection& connection);
  /// Its association is over; the connection waits to be closed by its peer.
  void Dissociate(Connection& connection);
  void Remove(Connection& connection);
  /// Drops the oldest connection without an association, if any.
  void DropOldest();

  [[nodiscard]] bool empty() const;
  /// RequestStop() of all that are open now.
  void RequestStop();
  /// Kill() of all that are open now.
  void Kill();

 private:
  struct Entry {
    bool associated = false;
    std::list<Connection*>::iterator waiting;  ///< in unassociated_, where not associated
  };
  // With mutex_ held.
  void Release(Connection& connection, Entry& entry);
  void DropFirst();

  const Limits limits_;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::map<Connection*, Entry> entries_;
  std::list<Connection*> unassociated_;  ///< oldest first
  std::map<std::string, int> associations_of_host_;
  std::size_t associations_ = 0;
};

}  // namespace necknode::scp
