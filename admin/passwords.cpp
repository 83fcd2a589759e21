#include "admin/passwords.h"

#include <array>
#include <mutex>
#include <set>

#include <sodium.h>

#include "core/error.h"

namespace necknode::admin {
namespace {

constexpr std::size_t kMinBytes = 12, kMaxBytes = 256, kMinDifferent = 5;

// Each run takes 64 MiB: many logins at once must not take the machine's memory.
std::mutex& OneAtATime() {
  static std::mutex mutex;
  static const bool ready = sodium_init() >= 0;
  if (!ready) {
    throw Error(ErrorCode::kInternal, "libsodium cannot be used");
  }
  return mutex;
}

}  // namespace

std::string PasswordProblem(const std::string& password) {
  if (password.size() < kMinBytes) {
    return "a password has at least 12 characters";
  }
  if (std::set(password.begin(), password.end()).size() < kMinDifferent) {
    return "a password has at least 5 different characters";
  }
  return password.size() > kMaxBytes ? "a password has at most 256 bytes" : "";
}

std::string HashPassword(const std::string& password) {
  const std::lock_guard lock(OneAtATime());
  std::array<char, crypto_pwhash_STRBYTES> hash{};
  if (crypto_pwhash_str_alg(hash.data(),
                            password.data(),
                            password.size(),
                            crypto_pwhash_OPSLIMIT_INTERACTIVE,
                            crypto_pwhash_MEMLIMIT_INTERACTIVE,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    throw Error(ErrorCode::kInternal, "no memory to hash a password");
  }
  return hash.data();
}

bool IsPassword(const std::string& password, const std::string& hash) {
  static const std::string nobodys = HashPassword("nobody's");
  if (password.size() > kMaxBytes) {
    return false;
  }
  const std::string& checked = hash.empty() ? nobodys : hash;
  const std::lock_guard lock(OneAtATime());
  const bool same =
      crypto_pwhash_str_verify(checked.c_str(), password.data(), password.size()) == 0;
  return same && !hash.empty();
}

bool SameSecret(const std::string& one, const std::string& other) {
  return one.size() == other.size() && sodium_memcmp(one.data(), other.data(), one.size()) == 0;
}

}  // namespace necknode::admin
