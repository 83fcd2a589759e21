#pragma once

#include <optional>
#include <string>
#include <vector>

#include "storage/connections.h"
#include "storage/users.h"

namespace necknode::storage {

class SqliteUsers : public Users {
 public:
  /// Both must outlive it.
  SqliteUsers(Connections& connections, const Clock& clock)
      : connections_(connections), clock_(clock) {}

  [[nodiscard]] std::vector<User> List() const override;
  [[nodiscard]] std::optional<User> Find(const std::string& name) const override;
  [[nodiscard]] bool Any() const override;
  [[nodiscard]] bool HasAdministrator() const override;
  void Add(const User& user, const AuditEvent& event) override;
  void Change(const std::string& name,
              const UserChange& change,
              const std::vector<AuditEvent>& events) override;
  void Remove(const std::string& name, const AuditEvent& event) override;

  void BeginSession(const LoginSession& session,
                    WallTime oldest,
                    WallTime unused_since,
                    const AuditEvent& event) override;
  [[nodiscard]] std::optional<LoginSession> FindSession(const std::string& digest) const override;
  void UseSession(const std::string& digest) override;
  void EndSession(const std::string& digest, const AuditEvent& event) override;

  [[nodiscard]] std::vector<ApiToken> Tokens() const override;
  [[nodiscard]] std::optional<ApiToken> FindToken(const std::string& digest) const override;
  void AddToken(const ApiToken& token, const AuditEvent& event) override;
  void UseToken(const std::string& digest) override;
  void RemoveToken(const std::string& name, const AuditEvent& event) override;

 private:
  Connections& connections_;
  const Clock& clock_;
};

}  // namespace necknode::storage
