#include "admin/outbox_api.h"

#include "admin/problem.h"
#include "admin/query.h"
#include "admin/views.h"
#include "core/error.h"

namespace necknode::admin {
namespace {

Response ListOutbox(const NodeServices& services, const Request& request) {
  CheckQuery(request, {"state", "destination", "study"});
  const storage::OutboxQuery query{
      PageOfQuery(request),
      OneOf(request, "state", {"waiting", "delivered", "parked", "withheld"}),
      request.Query("destination"),
      NumberOf(request, "study")};
  return Json(PageAsJson(services.store.catalog().Outbox(query), OutboxRowAsJson));
}

Response Release(const NodeServices& services, const Request& request) {
  const std::int64_t row = IdOf(request);
  services.store.outbox().Release(row, request.user);
  return Json(OutboxRowAsJson(services.store.outbox().Find(row).value()));
}

Response ReleaseAll(const NodeServices& services, const Request& request) {
  const nlohmann::json body = request.body.empty() ? nlohmann::json::object() : BodyOf(request);
  CheckMembers(body, {"destination"});
  const std::string destination = TextMember(body, "destination");
  const auto is_known = [&] {
    return services.config().FindPeer(destination) != nullptr ||
           !services.store.catalog().Outbox({{0, 1}, "", destination, 0}).items.empty();
  };
  if (!destination.empty() && !is_known()) {
    throw Error(ErrorCode::kNotFound, "there is no destination \"" + destination + "\"");
  }
  const int released = services.store.outbox().ReleaseAll(destination, request.user);
  return Json({{"released", released}});
}

}  // namespace

void AddOutbox(Router& router, const NodeServices& services) {
  AddHandler(router, services, "GET", "/api/v1/outbox", Role::kViewer, ListOutbox);
  AddHandler(router, services, "POST", "/api/v1/outbox/release", Role::kOperator, ReleaseAll);
  AddHandler(router, services, "POST", "/api/v1/outbox/{id}/release", Role::kOperator, Release);
}

}  // namespace necknode::admin
