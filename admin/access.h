#pragma once

#include "admin/request.h"
#include "admin/router.h"
#include "core/clock.h"
#include "storage/users.h"

namespace necknode::admin {

struct AccessOptions {
  bool loopback = true;  ///< the server is bound to a loopback address
  bool tls = false;
};

/// Decides who a request comes from and what it may do, then lets the router answer it: the user of
/// a session's cookie, an API token, or, on loopback while there are no users, whoever asks as an
/// administrator. Keeps out what pages of other sites make a browser send. Thread safe.
class Access {
 public:
  /// All must outlive it.
  Access(AccessOptions options, const Router& router, storage::Users& users, const Clock& clock)
      : options_(options), router_(router), users_(users), clock_(clock) {}

  /// Never throws.
  [[nodiscard]] Response Handle(Request request) const;

 private:
  [[nodiscard]] Response Answer(Request& request) const;
  // Each fills user and role in, and says whether the request showed what it looks for.
  [[nodiscard]] bool ByToken(Request& request) const;
  [[nodiscard]] bool BySession(Request& request) const;

  const AccessOptions options_;
  const Router& router_;
  storage::Users& users_;
  const Clock& clock_;
};

}  // namespace necknode::admin
