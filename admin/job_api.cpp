#include "admin/job_api.h"

#include "admin/problem.h"
#include "admin/query.h"
#include "admin/views.h"

namespace necknode::admin {
namespace {

nlohmann::json Shown(const NodeServices& services, const storage::Job& job) {
  return JobAsJson(job, services.store.jobs().ResultsOf(job.id));
}

Response ListJobs(const NodeServices& services, const Request& request) {
  CheckQuery(request, {"state", "route", "study"});
  const storage::JobQuery query{PageOfQuery(request),
                                OneOf(request,
                                      "state",
                                      {"queued",
                                       "running",
                                       "done",
                                       "same_content",
                                       "not_eligible",
                                       "failed",
                                       "parked",
                                       "superseded",
                                       "cancelled"}),
                                request.Query("route"),
                                NumberOf(request, "study")};
  return Json(PageAsJson(services.store.catalog().Jobs(query),
                         [&](const storage::Job& job) { return Shown(services, job); }));
}

Response ShowJob(const NodeServices& services, const Request& request) {
  CheckQuery(request, {});
  const std::int64_t id = IdOf(request);
  const auto job = services.store.jobs().Find(id);
  if (!job) {
    throw Error(ErrorCode::kNotFound, "there is no job " + std::to_string(id));
  }
  return Json(Shown(services, *job));
}

Response Requeue(const NodeServices& services, const Request& request) {
  CheckQuery(request, {});
  services.store.jobs().Requeue(IdOf(request), request.user);
  return ShowJob(services, request);
}

Response Cancel(const NodeServices& services, const Request& request) {
  CheckQuery(request, {});
  services.store.jobs().Cancel(IdOf(request), request.user);
  return ShowJob(services, request);
}

}  // namespace

void AddJobs(Router& router, const NodeServices& services) {
  AddHandler(router, services, "GET", "/api/v1/jobs", Role::kViewer, ListJobs);
  AddHandler(router, services, "GET", "/api/v1/jobs/{id}", Role::kViewer, ShowJob);
  AddHandler(router, services, "POST", "/api/v1/jobs/{id}/requeue", Role::kOperator, Requeue);
  AddHandler(router, services, "POST", "/api/v1/jobs/{id}/cancel", Role::kOperator, Cancel);
}

}  // namespace necknode::admin
