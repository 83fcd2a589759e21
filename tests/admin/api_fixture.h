#pragma once

#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "admin/audit_api.h"
#include "admin/commitment_api.h"
#include "admin/job_api.h"
#include "admin/model_api.h"
#include "admin/node_api.h"
#include "admin/outbox_api.h"
#include "admin/quarantine_api.h"
#include "admin/study_api.h"
#include "tests/storage/storage_fixture.h"

namespace necknode::admin {

using namespace std::chrono_literals;
using storage::CtHeader;

/// ISO 8859-1 as UTF-8, which is enough for the names of these tests.
inline std::string FromLatin1(const PatientText& text, const std::string&) {
  std::string utf8;
  for (const char c : text.Reveal()) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      utf8 += c;
    } else {
      utf8 += static_cast<char>(0xC0U | byte >> 6U);
      utf8 += static_cast<char>(0x80U | (byte & 0x3FU));
    }
  }
  return utf8;
}

/// The resources of a node on a real store whose clock stands still.
class ApiTest : public storage::StoreTest {
 protected:
  ApiTest() {
    const NodeServices services{*store_,
                                clock_,
                                [this] { return config_; },
                                FromLatin1,
                                "0.9",
                                [this] { return config_edit_; },
                                [this](const auto& order) {
                                  order_ = order;
                                  return store_->jobs().OfStudy(order.study);
                                }};
    AddNode(router_, services);
    AddStudies(router_, services);
    AddJobs(router_, services);
    AddOutbox(router_, services);
    AddQuarantine(router_, services);
    AddCommitmentRequests(router_, services);
    AddModels(router_, services);
    AddAudit(router_, services);
  }

  Response Ask(const std::string& method,
               const std::string& path,
               const std::map<std::string, std::string>& query = {},
               const std::string& body = "",
               Role role = Role::kAdministrator) {
    Request request;
    request.method = method;
    request.path = "/api/v1" + path;
    request.query = query;
    request.body = body;
    request.user = "anna";
    request.role = role;
    return router_.Handle(request);
  }
  nlohmann::json Get(const std::string& path,
                     const std::map<std::string, std::string>& query = {}) {
    const Response response = Ask("GET", path, query);
    EXPECT_EQ(response.status, 200) << response.body;
    return nlohmann::json::parse(response.body);
  }
  int Post(const std::string& path, const std::string& body = "") {
    return Ask("POST", path, {}, body, Role::kOperator).status;
  }
  storage::Lease Take() {
    const auto job = store_->jobs().Acquire("worker:1", std::chrono::minutes(1)).value();
    return {job.id, job.attempt};
  }
  /// Ends the job that a worker would take with one SR for each destination.
  void FinishJob(const std::vector<std::string>& destinations = {"pacs"},
                 const std::string& withheld = "") {
    storage::JobResult result;
    const auto lease = Take();
    result.summary = "2 lymph nodes, 1 suspicious";
    result.results = {StoreResult("SR", "1.9." + std::to_string(lease.job))};
    for (const std::string& destination : destinations) {
      result.deliveries.push_back({destination, 0, std::nullopt, withheld});
    }
    ASSERT_TRUE(store_->jobs().Finish(lease, result));
  }
  std::string StatusOf(int study) {
    return Get("/studies/" + std::to_string(Study(study).id)).at("status");
  }

  config::Config config_;
  std::string config_edit_;
  Router router_;
  ReanalyseOrder order_;
};

}  // namespace necknode::admin
