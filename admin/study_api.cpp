#include "admin/study_api.h"

#include <map>
#include <set>

#include "admin/problem.h"
#include "admin/query.h"
#include "admin/study_search.h"
#include "admin/timeline.h"
#include "admin/views.h"

namespace necknode::admin {
namespace {

using nlohmann::json;
using storage::StudyId;

Response ListStudies(const NodeServices& services, const Request& request) {
  CheckQuery(request, {"search", "state", "since", "until"});
  storage::StudyQuery query;
  query.page = PageOfQuery(request);
  query.status = OneOf(request,
                       "state",
                       {"receiving",
                        "waiting",
                        "queued",
                        "analysing",
                        "sending",
                        "done",
                        "not_analysed",
                        "attention"});
  query.first_received = SpanOf(request);
  query.quiet_time = services.config().quiet_time;
  if (const std::string search = request.Query("search"); !search.empty()) {
    query.matches = StudyMatches(search, services.text);
  }
  return Json(PageAsJson(services.store.catalog().Studies(query),
                         [&](const auto& study) { return StudyAsJson(study, services.text); }));
}

storage::StudySummary Found(const NodeServices& services, StudyId study) {
  auto summary = services.store.catalog().Study(study, services.config().quiet_time);
  if (!summary) {
    throw Error(ErrorCode::kNotFound, "there is no study " + std::to_string(study));
  }
  return std::move(*summary);
}

/// Names the patients of each series where the study has more than one.
void AddPatients(const NodeServices& services, StudyId study, json& series) {
  std::map<std::string, std::set<json>> of_series;
  std::set<json> all;
  for (const auto& instance : services.store.studies().Instances(study)) {
    const auto& header = instance.header;
    const std::string& charset = header.specific_character_set;
    const json patient = {{"patient_id", services.text(header.patient_id, charset)},
                          {"patient_name", services.text(header.patient_name, charset)}};
    of_series[header.series_instance_uid.value()].insert(patient);
    all.insert(patient);
  }
  for (json& one : series) {
    if (all.size() > 1) {
      one["patients"] = of_series[one.at("series_instance_uid").get<std::string>()];
    }
  }
}

Response ShowStudy(const NodeServices& services, const Request& request) {
  CheckQuery(request, {});
  const StudyId study = IdOf(request);
  const storage::Catalog& catalog = services.store.catalog();
  const StudyStory story{Found(services, study),
                         catalog.Series(study),
                         catalog.Outbox({{0, 0}, "", "", study}).items,
                         catalog.Audit({{0, 0}, "", "", "", study, true, {}}).items,
                         catalog.Audit({{0, 0}, "store", "", "", study, false, {}}).items,
                         catalog.Audit({{0, 0}, "result_sent", "", "", study, false, {}}).items,
                         catalog.Audit({{0, 0}, "job", "", "", study, false, {}}).items};
  json value = StudyAsJson(story.summary, services.text);
  for (const char* list : {"series", "arrivals", "priors", "jobs", "outbox"}) {
    value[list] = json::array();
  }
  for (const auto& series : story.series) {
    value["series"].push_back(SeriesAsJson(series, services.text));
  }
  if (story.summary.study.state == "parked") {
    AddPatients(services, study, value["series"]);
  }
  for (const auto& arrival : services.store.studies().Arrivals(study)) {
    value["arrivals"].push_back(
        {{"calling_ae", arrival.calling_ae}, {"called_ae", arrival.called_ae}});
  }
  for (const auto& prior : services.store.priors().Of(study)) {
    value["priors"].push_back(PriorAsJson(prior));
  }
  for (const auto& job : story.summary.jobs) {
    value["jobs"].push_back(JobAsJson(job, services.store.jobs().ResultsOf(job.id)));
  }
  for (const auto& row : story.rows) {
    value["outbox"].push_back(OutboxRowAsJson(row));
  }
  value["timeline"] = TimelineOf(story);
  return Json(value);
}

// An action's body may be left out.
json OptionalBody(const Request& request) {
  return request.body.empty() ? json::object() : BodyOf(request);
}

Response Reanalyse(const NodeServices& services, const Request& request) {
  const json body = OptionalBody(request);
  CheckMembers(body, {"package", "route"});
  const auto jobs = services.reanalyse(
      {IdOf(request), TextMember(body, "package"), TextMember(body, "route"), request.user});
  json made = json::array();
  for (const storage::Job& job : jobs) {
    made.push_back(JobAsJson(job));
  }
  return Json({{"jobs", std::move(made)}});
}

Response Unpark(const NodeServices& services, const Request& request) {
  const json body = OptionalBody(request);
  CheckMembers(body, {"same_patient"});
  const auto same = body.find("same_patient");
  if (same != body.end() && !same->is_boolean()) {
    throw Error(ErrorCode::kInvalidArgument, "same_patient: must be true or false");
  }
  const StudyId study = IdOf(request);
  services.store.studies().Unpark(study, same != body.end() && same->get<bool>(), request.user);
  return Json(StudyAsJson(Found(services, study), services.text));
}

Response Resend(const NodeServices& services, const Request& request) {
  const json body = OptionalBody(request);
  CheckMembers(body, {"destination"});
  const int released =
      services.store.outbox().Resend(IdOf(request), TextMember(body, "destination"), request.user);
  return Json({{"released", released}});
}

}  // namespace

void AddStudies(Router& router, const NodeServices& services) {
  AddHandler(router, services, "GET", "/api/v1/studies", Role::kViewer, ListStudies);
  AddHandler(router, services, "GET", "/api/v1/studies/{id}", Role::kViewer, ShowStudy);
  AddHandler(
      router, services, "POST", "/api/v1/studies/{id}/reanalyse", Role::kOperator, Reanalyse);
  AddHandler(router, services, "POST", "/api/v1/studies/{id}/unpark", Role::kOperator, Unpark);
  AddHandler(router, services, "POST", "/api/v1/studies/{id}/resend", Role::kOperator, Resend);
}

}  // namespace necknode::admin
