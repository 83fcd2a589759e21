#pragma once

#include "admin/request.h"
#include "admin/router.h"

namespace necknode::admin {

struct AccessOptions {
  bool loopback = true;  ///< the server is bound to a loopback address
};

/// Decides who a request comes from and what it may do, then lets the router answer it. Thread
/// safe.
class Access {
 public:
  /// `router` must outlive it.
  Access(AccessOptions options, const Router& router) : options_(options), router_(router) {}

  /// Never throws.
  [[nodiscard]] Response Handle(Request request) const;

 private:
  const AccessOptions options_;
  const Router& router_;
};

}  // namespace necknode::admin
