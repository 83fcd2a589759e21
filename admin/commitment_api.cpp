#include "admin/commitment_api.h"

#include "admin/problem.h"
#include "admin/query.h"
#include "admin/views.h"

namespace necknode::admin {
namespace {

Response ListCommitments(const NodeServices& services, const Request& request) {
  CheckQuery(request, {});
  return Json(PageAsJson(services.store.catalog().CommitmentRequests(PageOfQuery(request)),
                         CommitmentRequestAsJson));
}

}  // namespace

void AddCommitmentRequests(Router& router, const NodeServices& services) {
  AddHandler(
      router, services, "GET", "/api/v1/commitment-requests", Role::kViewer, ListCommitments);
}

}  // namespace necknode::admin
