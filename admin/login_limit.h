#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <string>

#include "core/clock.h"

namespace necknode::admin {

/// Slows down those who guess passwords: within five minutes ten failures of one user from one
/// address, twenty from one address, or fifty of one user, and there is no trying until the oldest
/// of them is that old. So a few machines cannot keep a person out. Kept in memory only. Thread
/// safe.
class LoginLimit {
 public:
  /// `clock` must outlive it.
  explicit LoginLimit(const Clock& clock) : clock_(clock) {}

  /// How long nobody may try as this user from this address; zero: one may try now.
  [[nodiscard]] std::chrono::seconds Wait(const std::string& user, const std::string& address);
  /// Whether nobody was told of this within the time of the limit, so that a trail of those who
  /// were stopped does not grow with their tries. Notes that somebody is told now.
  [[nodiscard]] bool ShouldTell(const std::string& user, const std::string& address);
  void Failed(const std::string& user, const std::string& address);
  /// Forgets the failures of the user from there.
  void Succeeded(const std::string& user, const std::string& address);

 private:
  using Failures = std::map<std::string, std::deque<BootTime>>;
  [[nodiscard]] BootTime WaitOf(const Failures& of, const std::string& key, std::size_t most) const;
  void Note(Failures& in, const std::string& key, std::size_t most);

  const Clock& clock_;
  std::mutex mutex_;
  Failures by_both_, by_user_, by_address_, told_;  // guarded by mutex_
};

}  // namespace necknode::admin
