#include "admin/events_api.h"

namespace necknode::admin {

void AddEvents(Router& router) {
  router.Add("GET", "/api/v1/events", Role::kViewer, [](const Request&) {
    return Response{200, "text/event-stream", {{"Cache-Control", "no-store"}}, ""};
  });
}

}  // namespace necknode::admin
