#include "scp/connection_table.h"

namespace necknode::scp {

void ConnectionTable::Add(Connection& connection) {
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[&connection];
  entry.waiting = unassociated_.insert(unassociated_.end(), &connection);
  if (unassociated_.size() > static_cast<std::size_t>(limits_.unassociated)) {
    DropFirst();
  }
}

bool ConnectionTable::Associate(Connection& connection) {
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_.at(&connection);
  if (associations_ >= static_cast<std::size_t>(limits_.associations)) {
    return false;
  }
  const auto found = associations_of_host_.find(connection.host());
  if (found != associations_of_host_.end() && found->second >= limits_.associations_per_host) {
    return false;
  }
  Release(connection, entry);
  entry.associated = true;
  ++associations_;
  ++associations_of_host_[connection.host()];
  return true;
}

void ConnectionTable::Dissociate(Connection& connection) {
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_.at(&connection);
  Release(connection, entry);
  entry.associated = false;
  entry.waiting = unassociated_.insert(unassociated_.end(), &connection);
}

void ConnectionTable::Remove(Connection& connection) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(&connection);
  if (found != entries_.end()) {
    Release(connection, found->second);
    entries_.erase(found);
  }
}

void ConnectionTable::Release(Connection& connection, Entry& entry) {
  if (!entry.associated) {
    if (entry.waiting != unassociated_.end()) {
      unassociated_.erase(entry.waiting);
      entry.waiting = unassociated_.end();
    }
    return;
  }
  --associations_;
  const auto host = associations_of_host_.find(connection.host());
  if (--host->second == 0) {
    associations_of_host_.erase(host);
  }
}

void ConnectionTable::DropOldest() {
  const std::lock_guard lock(mutex_);
  DropFirst();
}

void ConnectionTable::DropFirst() {
  if (unassociated_.empty()) {
    return;
  }
  Connection& oldest = *unassociated_.front();
  unassociated_.pop_front();
  entries_.at(&oldest).waiting = unassociated_.end();
  oldest.Drop();
}

bool ConnectionTable::empty() const {
  const std::lock_guard lock(mutex_);
  return entries_.empty();
}

void ConnectionTable::RequestStop() {
  const std::lock_guard lock(mutex_);
  for (const auto& [connection, entry] : entries_) {
    connection->RequestStop();
  }
}

void ConnectionTable::Kill() {
  const std::lock_guard lock(mutex_);
  for (const auto& [connection, entry] : entries_) {
    connection->Kill();
  }
}

}  // namespace necknode::scp
