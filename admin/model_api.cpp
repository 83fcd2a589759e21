#include "admin/model_api.h"

#include "admin/problem.h"
#include "admin/query.h"
#include "admin/views.h"

namespace necknode::admin {
namespace {

Response ListModels(const NodeServices& services, const Request& request) {
  CheckQuery(request, {});
  const config::Config config = services.config();
  storage::Page<storage::PackageRow> page{services.store.Packages(), std::nullopt};
  return Json(PageAsJson(
      page, [&](const storage::PackageRow& package) { return PackageAsJson(package, config); }));
}

}  // namespace

void AddModels(Router& router, const NodeServices& services) {
  AddHandler(router, services, "GET", "/api/v1/models", Role::kViewer, ListModels);
}

}  // namespace necknode::admin
