#include <gmock/gmock.h>

#include "tests/admin/api_fixture.h"

namespace necknode::admin {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class QueueApiTest : public ApiTest {};

TEST_F(QueueApiTest, ListsJobsByStateRouteAndStudy) {
  MakeJob(1);
  MakeJob(2, 2, "chest");
  FinishJob();
  EXPECT_EQ(Get("/jobs").at("items").size(), 2U);
  EXPECT_EQ(Get("/jobs", {{"state", "done"}}).at("items").at(0).at("id"), 1);
  EXPECT_EQ(Get("/jobs", {{"route", "chest"}}).at("items").at(0).at("id"), 2);
  EXPECT_EQ(Get("/jobs", {{"study", "2"}}).at("items").size(), 1U);
  const json job = Get("/jobs/1");
  EXPECT_EQ(job.at("summary"), "2 lymph nodes, 1 suspicious");
  EXPECT_FALSE(job.at("finished").is_null());
  EXPECT_EQ(job.at("results").at(0).at("bytes"), 100);
  EXPECT_TRUE(Get("/jobs/2").at("started").is_null());
  EXPECT_EQ(Ask("GET", "/jobs/3").status, 404);
  EXPECT_EQ(Ask("GET", "/jobs", {{"state", "x"}}).status, 400);
}

TEST_F(QueueApiTest, CancelsWhatIsNotAtItsEnd) {
  MakeJob(1);
  const auto lease = Take();
  EXPECT_EQ(Post("/jobs/1/cancel"), 200);
  EXPECT_FALSE(store_->jobs().Heartbeat(lease, 1, 1min));
  storage::JobResult result;
  result.results = {StoreResult("SR", "1.9.1")};
  EXPECT_FALSE(store_->jobs().Finish(lease, result)) << "its worker comes too late";
  EXPECT_EQ(Get("/jobs/1").at("state"), "cancelled");
  EXPECT_EQ(Post("/jobs/1/cancel"), 409);
  EXPECT_EQ(Post("/jobs/1/requeue"), 200);
  EXPECT_TRUE(Get("/jobs/1").at("finished").is_null());
  EXPECT_EQ(Post("/jobs/1/requeue"), 409);
  EXPECT_EQ(Post("/jobs/9/cancel"), 404);
  const json rows = Get("/audit", {{"event", "job"}}).at("items");
  EXPECT_EQ(rows.at(0).at("outcome"), "requeued");
  EXPECT_EQ(rows.at(1).at("outcome"), "cancelled");
  EXPECT_EQ(rows.at(1).at("user"), "anna");
}

TEST_F(QueueApiTest, ReleasesOneRowOrAllThatAreParked) {
  for (const int study : {1, 2}) {
    MakeJob(study);
    FinishJob({"pacs", "web"});
  }
  for (const auto& row : store_->outbox().List(0)) {
    store_->outbox().MarkParked(row.id, "0xA900", "not taken");
  }
  EXPECT_EQ(Get("/outbox", {{"state", "parked"}, {"destination", "web"}}).at("items").size(), 2U);
  EXPECT_EQ(Post("/outbox/1/release"), 200);
  EXPECT_EQ(Ask("POST", "/outbox/release", {}, R"({"destination": "web"})").body,
            R"({"released":2})");
  EXPECT_EQ(Ask("POST", "/outbox/release").body, R"({"released":1})");
  EXPECT_EQ(Ask("POST", "/outbox/release").body, R"({"released":0})");
  EXPECT_EQ(Get("/outbox", {{"study", "1"}, {"state", "waiting"}}).at("items").size(), 2U);
  EXPECT_EQ(Post("/outbox/9/release"), 404);
  EXPECT_EQ(Get("/audit", {{"event", "outbox"}, {"search", "ANNA"}}).at("items").size(), 4U);
}

TEST_F(QueueApiTest, ReleasesWhatWaitsForADestinationThatWasAway) {
  MakeJob(1);
  FinishJob({"pacs", "web"});
  for (const auto& row : store_->outbox().List(0)) {
    store_->outbox().MarkRetry(row.id, "connection refused", std::chrono::hours(1));
  }
  EXPECT_TRUE(store_->outbox().Due("pacs", 9).empty());
  EXPECT_EQ(Ask("POST", "/outbox/release", {}, R"({"destination": "pacs"})").body,
            R"({"released":1})");
  EXPECT_EQ(store_->outbox().Due("pacs", 9).size(), 1U);
  EXPECT_TRUE(store_->outbox().Due("web", 9).empty());
  store_->outbox().Wake("web");
  EXPECT_EQ(store_->outbox().Due("web", 9).size(), 1U);
  EXPECT_EQ(Ask("POST", "/outbox/release", {}, R"({"destination": "nobody"})").status, 404);
  EXPECT_EQ(Ask("POST", "/outbox/release", {}, R"({"destination": ""})").status, 400);
}

TEST_F(QueueApiTest, TellsOfResultsThatNobodyHasTakenForLong) {
  MakeJob(1);
  FinishJob({"pacs"});
  const auto told = [&] { return Get("/node").at("attention").dump(); };
  EXPECT_THAT(told(), Not(HasSubstr("not delivered")));
  clock_.Advance(std::chrono::minutes(11));
  EXPECT_THAT(told(), HasSubstr("1 document for pacs not delivered for 11 minutes"));
  EXPECT_THAT(told(), Not(HasSubstr("peers.toml")));
  config_edit_ = "peers.toml was edited by hand";
  EXPECT_THAT(told(), HasSubstr("peers.toml was edited by hand"));
}

TEST_F(QueueApiTest, NeverReleasesWhatIsWithheld) {
  MakeJob(1);
  FinishJob({"pacs"}, "not for clinical use");
  const Response response = Ask("POST", "/outbox/1/release");
  EXPECT_EQ(response.status, 409);
  EXPECT_THAT(response.body, HasSubstr("not for clinical use"));
  EXPECT_EQ(StatusOf(1), "done");
  EXPECT_THAT(Get("/studies/1").at("status_text"), HasSubstr("1 document withheld"));
}

TEST_F(QueueApiTest, DiscardsAQuarantinedObjectWithItsFile) {
  auto file = store_->objects().Create(storage::ObjectKind::kQuarantine);
  file->Write(storage::SomeBytes(1));
  store_->Quarantine(std::move(file), "CT1", "no DICOM");
  ASSERT_EQ(FilesIn("quarantine"), 1U);
  EXPECT_EQ(Get("/quarantine").at("items").at(0).at("reason"), "no DICOM");
  EXPECT_EQ(Ask("GET", "/quarantine/1/object", {}, "", Role::kViewer).status, 403);
  const Response object = Ask("GET", "/quarantine/1/object", {}, "", Role::kOperator);
  EXPECT_EQ(object.content_type, "application/dicom");
  EXPECT_EQ(object.body.size(), Get("/quarantine").at("items").at(0).at("bytes"));
  EXPECT_EQ(Get("/audit", {{"event", "quarantine"}}).at("items").at(0).at("outcome"), "exported");
  EXPECT_EQ(Ask("GET", "/quarantine/2/object").status, 404);
  EXPECT_EQ(Ask("DELETE", "/quarantine/1", {}, "", Role::kOperator).status, 403);
  EXPECT_EQ(Ask("DELETE", "/quarantine/1").status, 204);
  EXPECT_EQ(FilesIn("quarantine"), 0U);
  EXPECT_EQ(Ask("DELETE", "/quarantine/1").status, 404);
  EXPECT_EQ(Get("/audit", {{"event", "quarantine"}}).at("items").at(0).at("outcome"), "discarded");
}

TEST_F(QueueApiTest, ListsWhatPeersHaveAskedUsToKeep) {
  const std::vector<storage::SopReference> wanted = {{Uid("1.2"), Uid("1.2.1.1.1")}};
  store_->commitment_requests().Add(Uid("2.25.1"), "PACS", "NECKNODE", wanted, 0ms);
  store_->commitment_requests().Add(Uid("2.25.2"), "PACS", "NECKNODE", wanted, 0ms);
  const json page = Get("/commitment-requests", {{"limit", "1"}});
  EXPECT_EQ(page.at("items").at(0).at("transaction_uid"), "2.25.2");
  EXPECT_EQ(page.at("next"), "2");
  EXPECT_EQ(Get("/commitment-requests", {{"before", "2"}}).at("items").at(0).at("id"), 1);
}

TEST_F(QueueApiTest, NotesAReaderOfTheTrailOnceInAWhile) {
  store_->Audit({"association", "CT1", "done", "100% of a_b", {.peer_ae = "CT1"}});
  EXPECT_EQ(Get("/audit", {{"search", "100%"}}).at("items").size(), 1U);
  EXPECT_EQ(Get("/audit", {{"search", "100_"}}).at("items").size(), 0U) << "no wildcard";
  EXPECT_EQ(Get("/audit", {{"event", "audit_log"}}).at("items").size(), 1U);
  clock_.Advance(16min);
  (void)Get("/audit");
  EXPECT_EQ(Get("/audit", {{"event", "audit_log"}, {"subject", "audit trail"}}).at("items").size(),
            2U);
  EXPECT_EQ(Get("/audit", {{"since", "2027-01-16"}}).at("items").size(), 0U);
}

}  // namespace
}  // namespace necknode::admin
