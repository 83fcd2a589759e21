#include "admin/quarantine_api.h"

#include "admin/problem.h"
#include "admin/query.h"
#include "admin/views.h"
#include "core/error.h"

namespace necknode::admin {
namespace {

Response ListQuarantine(const NodeServices& services, const Request& request) {
  CheckQuery(request, {});
  return Json(
      PageAsJson(services.store.catalog().Quarantine(PageOfQuery(request)), QuarantineAsJson));
}

// What leaves the node is noted before it does.
Response Object(const NodeServices& services, const Request& request) {
  const std::int64_t id = IdOf(request);
  const auto page = services.store.catalog().Quarantine({id + 1, 1});
  if (page.items.empty() || page.items.front().id != id) {
    throw Error(ErrorCode::kNotFound, "there is no quarantined object " + std::to_string(id));
  }
  const storage::QuarantineRow& row = page.items.front();
  const auto bytes =
      services.store.objects().Read(storage::ObjectKind::kQuarantine, row.object_key);
  services.store.Audit({"quarantine",
                        row.calling_ae,
                        "exported",
                        "object " + std::to_string(id),
                        {.user = request.user}});
  return {200,
          "application/dicom",
          {{"Content-Disposition",
            "attachment; filename=\"quarantined-" + std::to_string(id) + ".dcm\""},
           {"Cache-Control", "no-store"}},
          std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size())};
}

Response Discard(const NodeServices& services, const Request& request) {
  services.store.DiscardQuarantined(IdOf(request), request.user);
  return {204, "", {}, ""};
}

}  // namespace

void AddQuarantine(Router& router, const NodeServices& services) {
  AddHandler(router, services, "GET", "/api/v1/quarantine", Role::kViewer, ListQuarantine);
  AddHandler(router, services, "GET", "/api/v1/quarantine/{id}/object", Role::kOperator, Object);
  AddHandler(router, services, "DELETE", "/api/v1/quarantine/{id}", Role::kAdministrator, Discard);
}

}  // namespace necknode::admin
