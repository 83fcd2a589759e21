#include "admin/quarantine_api.h"

#include "admin/problem.h"
#include "admin/query.h"
#include "admin/views.h"

namespace necknode::admin {
namespace {

Response List(const NodeServices& services, const Request& request) {
  CheckQuery(request, {});
  return Json(
      PageAsJson(services.store.catalog().Quarantine(PageOfQuery(request)), QuarantineAsJson));
}

Response Discard(const NodeServices& services, const Request& request) {
  services.store.DiscardQuarantined(IdOf(request), request.user);
  return {204, "", {}, ""};
}

}  // namespace

void AddQuarantine(Router& router, const NodeServices& services) {
  AddHandler(router, services, "GET", "/api/v1/quarantine", Role::kViewer, List);
  AddHandler(router, services, "DELETE", "/api/v1/quarantine/{id}", Role::kAdministrator, Discard);
}

}  // namespace necknode::admin
