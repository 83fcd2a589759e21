#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "storage/audit_trail.h"

namespace necknode::storage {

// Who may use the page and the API. Roles are "viewer", "operator" and "administrator", of tokens
// also "monitoring". Names of users are equal without regard to case. Secrets are kept as digests
// only.

/// A person who logs in.
struct User {
  std::string name;
  std::string role;
  std::string password_hash;  ///< as the password library wrote it
  WallTime created{};
  std::optional<WallTime> last_login;
};

/// A login that has not ended.
struct LoginSession {
  std::string digest;  ///< of the secret that the browser holds
  std::string user;
  WallTime created{}, last_used{};
};

/// What a program shows instead of a password.
struct ApiToken {
  std::string name;
  std::string role;
  std::string digest;  ///< of the secret that the program holds
  std::string created_by;
  WallTime created{};
  std::optional<WallTime> expires;  ///< nullopt: never
  std::optional<WallTime> last_used;
};

/// What is to be another one.
struct UserChange {
  std::optional<std::string> role = {};
  /// Ends the user's sessions, but the one with the digest `keep_session`.
  std::optional<std::string> password_hash = {};
  std::string keep_session = {};
};

/// Users, their sessions, and API tokens. What changes users or tokens is audited in the same
/// transaction. The last administrator stays: what would take it away is an Error(kConflict). All
/// functions throw Error(kStorageFailed | kNoSpace). Thread safe.
class Users {
 public:
  virtual ~Users() = default;

  /// Sorted by name.
  [[nodiscard]] virtual std::vector<User> List() const = 0;
  [[nodiscard]] virtual std::optional<User> Find(const std::string& name) const = 0;
  /// Whether there is any: then nobody gets in without a login.
  [[nodiscard]] virtual bool Any() const = 0;
  [[nodiscard]] virtual bool HasAdministrator() const = 0;
  /// `created` is filled in. Throws Error(kConflict) where the name is taken.
  virtual void Add(const User& user, const AuditEvent& event) = 0;
  /// All of it or nothing. Throws Error(kNotFound | kConflict).
  virtual void Change(const std::string& name,
                      const UserChange& change,
                      const std::vector<AuditEvent>& events) = 0;
  /// With the user's sessions. Throws Error(kNotFound | kConflict).
  virtual void Remove(const std::string& name, const AuditEvent& event) = 0;

  /// Begins a session of a user, removes those that were created before `oldest` or not used since
  /// `unused_since`, and the user's oldest ones beyond sixteen.
  virtual void BeginSession(const LoginSession& session,
                            WallTime oldest,
                            WallTime unused_since,
                            const AuditEvent& event) = 0;
  [[nodiscard]] virtual std::optional<LoginSession> FindSession(
      const std::string& digest) const = 0;
  virtual void UseSession(const std::string& digest) = 0;
  /// Does nothing where there is none.
  virtual void EndSession(const std::string& digest, const AuditEvent& event) = 0;

  /// Sorted by name.
  [[nodiscard]] virtual std::vector<ApiToken> Tokens() const = 0;
  [[nodiscard]] virtual std::optional<ApiToken> FindToken(const std::string& digest) const = 0;
  /// `created` is filled in. Throws Error(kConflict) where the name is taken.
  virtual void AddToken(const ApiToken& token, const AuditEvent& event) = 0;
  virtual void UseToken(const std::string& digest) = 0;
  /// Throws Error(kNotFound).
  virtual void RemoveToken(const std::string& name, const AuditEvent& event) = 0;
};

}  // namespace necknode::storage
