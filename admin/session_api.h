#pragma once

#include "admin/router.h"
#include "core/clock.h"
#include "storage/users.h"

namespace necknode::admin {

class LoginLimit;

/// What the resources of access need. All must outlive the router.
struct AccessServices {
  storage::Users& users;
  LoginLimit& limit;
  const Clock& clock;
  /// Writes an audit row of what changes no user: a login that failed.
  std::function<void(const storage::AuditEvent&)> audit;
  bool tls = false;
};

/// Adds /api/v1/session: log in (POST), who one is (GET), log out (DELETE), and
/// /api/v1/session/password: change one's own password, which ends one's other sessions (POST).
void AddSession(Router& router, const AccessServices& services);

}  // namespace necknode::admin
