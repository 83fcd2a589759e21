#include "admin/login_limit.h"

#include <algorithm>

namespace necknode::admin {
namespace {

constexpr BootTime kWindow = std::chrono::minutes(5);
constexpr std::size_t kMostOfBoth = 10, kMostOfAddress = 20, kMostOfUser = 50;
// Names are the client's to choose: no more of them are remembered.
constexpr std::size_t kMostKeys = 4096;

std::string BothOf(const std::string& user, const std::string& address) {
  return address + " " + user;
}

}  // namespace

BootTime LoginLimit::WaitOf(const Failures& of, const std::string& key, std::size_t most) const {
  const auto found = of.find(key);
  if (found == of.end() || found->second.size() < most) {
    return BootTime(0);
  }
  const BootTime counted = found->second[found->second.size() - most];
  return std::max(BootTime(0), counted + kWindow - clock_.SinceBoot());
}

std::chrono::seconds LoginLimit::Wait(const std::string& user, const std::string& address) {
  const std::lock_guard lock(mutex_);
  const BootTime wait = std::max({WaitOf(by_both_, BothOf(user, address), kMostOfBoth),
                                  WaitOf(by_address_, address, kMostOfAddress),
                                  WaitOf(by_user_, user, kMostOfUser)});
  return std::chrono::ceil<std::chrono::seconds>(wait);
}

void LoginLimit::Note(Failures& in, const std::string& key, std::size_t most) {
  const BootTime now = clock_.SinceBoot();
  std::erase_if(in, [&](const auto& entry) { return entry.second.back() + kWindow <= now; });
  if (in.size() >= kMostKeys && !in.contains(key)) {
    return;
  }
  auto& times = in[key];
  times.push_back(now);
  while (times.size() > most || times.front() + kWindow <= now) {
    times.pop_front();
  }
}

bool LoginLimit::ShouldTell(const std::string& user, const std::string& address) {
  const std::lock_guard lock(mutex_);
  const std::string key = BothOf(user, address);
  const bool told = WaitOf(told_, key, 1).count() > 0;
  if (!told) {
    Note(told_, key, 1);
  }
  // Where so many are stopped that they are not remembered, only the first ones are told of.
  return !told && told_.contains(key);
}

void LoginLimit::Failed(const std::string& user, const std::string& address) {
  const std::lock_guard lock(mutex_);
  Note(by_both_, BothOf(user, address), kMostOfBoth);
  Note(by_address_, address, kMostOfAddress);
  Note(by_user_, user, kMostOfUser);
}

void LoginLimit::Succeeded(const std::string& user, const std::string& address) {
  const std::lock_guard lock(mutex_);
  by_both_.erase(BothOf(user, address));
}

}  // namespace necknode::admin
