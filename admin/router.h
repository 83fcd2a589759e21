#pragma once

#include <string>
#include <vector>

#include "admin/request.h"

namespace necknode::admin {

/// What a Router was given, without the handler.
struct RouteName {
  std::string method, pattern;
  Role needed = Role::kNone;
};

/// Finds the handler of a request, checks the role and turns what a handler throws into problem
/// details. Filled before the server starts, then only read: thread safe.
class Router {
 public:
  /// `pattern` is a path whose parts in braces match one part each, "/api/v1/studies/{id}"; a last
  /// part "{rest...}" matches all that is left. Their values are in Request::parameters. Patterns
  /// added first win.
  void Add(const std::string& method, const std::string& pattern, Role needed, Handler handler);

  /// 404 where no pattern fits, 405 with Allow where only the method does not, 403 where the role
  /// is less than needed, 401 where nobody has logged in. HEAD is answered as GET. What a handler
  /// throws is answered by its code; what is no Error is logged and answered 500 without its words.
  [[nodiscard]] Response Handle(Request request) const;

  /// All that were added, in that order.
  [[nodiscard]] std::vector<RouteName> Patterns() const;

 private:
  struct Route {
    std::string method, pattern;
    std::vector<std::string> parts;
    Role needed = Role::kViewer;
    Handler handler;
  };
  std::vector<Route> routes_;
};

}  // namespace necknode::admin
