#pragma once

#include <string>

namespace necknode::admin {

/// What is wrong with a new password, or empty: 12 to 256 bytes, of whatever kind (NIST SP 800-63B
/// 5.1.1.2 wants at least eight characters and no rules of composition).
[[nodiscard]] std::string PasswordProblem(const std::string& password);

/// Argon2id of a password with a salt of its own, in the form of the reference implementation
/// (libsodium's interactive limits: 64 MiB, two passes). One at a time, whatever the threads.
/// Throws Error(kInternal) where there is no memory for it.
[[nodiscard]] std::string HashPassword(const std::string& password);

/// Whether `hash` is one of `password`. An empty hash, of a user that does not exist, takes the
/// same time and is never one.
[[nodiscard]] bool IsPassword(const std::string& password, const std::string& hash);

/// Compares two secrets in a time that tells nothing of where they differ.
[[nodiscard]] bool SameSecret(const std::string& one, const std::string& other);

}  // namespace necknode::admin
