#include "admin/study_api.h"

#include <gmock/gmock.h>

#include "admin/study_search.h"
#include "tests/admin/api_fixture.h"

namespace necknode::admin {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

class StudyApiTest : public ApiTest {
 protected:
  std::vector<std::int64_t> Ids(const json& list) {
    std::vector<std::int64_t> ids;
    for (const json& item : list.at("items")) {
      ids.push_back(item.at("id"));
    }
    return ids;
  }
  std::vector<std::string> Events(const json& study) {
    std::vector<std::string> events;
    for (const json& event : study.at("timeline")) {
      events.push_back(event.at("event"));
    }
    return events;
  }
};

TEST_F(StudyApiTest, SaysWhereAStudyIsOnItsWay) {
  Add(CtHeader(1, 1), 1);
  EXPECT_EQ(StatusOf(1), "receiving");
  clock_.Advance(31s);
  EXPECT_EQ(StatusOf(1), "waiting");
  MakeJob(1);
  EXPECT_EQ(StatusOf(1), "queued");
  const auto lease = Take();
  store_->jobs().Heartbeat(lease, 1, 1min);
  EXPECT_EQ(StatusOf(1), "analysing");
  EXPECT_EQ(Get("/studies/1").at("status_text"), "job 1: 1 of 2 slices looked at");
  store_->jobs().Retry(lease, "", 0ms);
  FinishJob();
  EXPECT_EQ(StatusOf(1), "sending");
  const auto row = store_->outbox().List(1).at(0).id;
  store_->outbox().MarkParked(row, "0xA900", "the PACS does not take it");
  EXPECT_EQ(StatusOf(1), "attention");
  EXPECT_THAT(Get("/studies/1").at("status_text"), HasSubstr("the PACS does not take it"));
  store_->outbox().MarkDelivered(row, "0x0000", Uid("1.9.1"));
  EXPECT_EQ(StatusOf(1), "done");
  EXPECT_EQ(Get("/studies/1").at("status_text"), "2 lymph nodes, 1 suspicious");
}

TEST_F(StudyApiTest, SaysWhyNothingWasAnalysed) {
  Add(CtHeader(1, 1), 1);
  const auto row = Study(1);
  ASSERT_TRUE(store_->studies().Decide(row.id,
                                       row.change,
                                       {{Uid("1.2.1.1"), "neck", false, "1 image of at least 20"}},
                                       {},
                                       "route neck: no suitable series"));
  const json study = Get("/studies/1");
  EXPECT_EQ(study.at("status"), "not_analysed");
  EXPECT_EQ(study.at("status_text"), "route neck: no suitable series");
  EXPECT_EQ(study.at("series").at(0).at("reason"), "1 image of at least 20");
  EXPECT_EQ(study.at("series").at(0).at("instances"), 1);
  EXPECT_THAT(Events(study), ElementsAre("received", "complete", "refused"));
}

TEST_F(StudyApiTest, TellsTheWholeStoryInOrder) {
  MakeJob(1);
  clock_.Advance(10s);
  FinishJob({"pacs", "web"});
  clock_.Advance(10s);
  const auto rows = store_->outbox().List(0);
  store_->outbox().MarkDelivered(rows.at(1).id, "0x0000", Uid("1.9.1"));
  store_->outbox().MarkParked(rows.at(0).id, "", "no such service");
  EXPECT_EQ(Post("/studies/1/resend"), 200);
  const json study = Get("/studies/1");
  EXPECT_THAT(Events(study),
              ElementsAre("received",
                          "complete",
                          "job_made",
                          "job_started",
                          "job_finished",
                          "delivered",
                          "person",
                          "person"));
  EXPECT_THAT(study.at("timeline").at(4).at("text"), HasSubstr("2 lymph nodes, 1 suspicious"));
  EXPECT_THAT(study.at("timeline").back().at("text"), HasSubstr("anna: outbox released"));
  EXPECT_EQ(study.at("outbox").size(), 2U);
  EXPECT_EQ(study.at("jobs").at(0).at("results").at(0).at("kind"), "SR");
  EXPECT_EQ(study.at("arrivals").at(0).at("calling_ae"), "PACS");
}

TEST_F(StudyApiTest, KeepsEarlierDeliveriesAndWhatWasParked) {
  MakeJob(1);
  FinishJob({"pacs"});
  const auto row = store_->outbox().List(1).at(0).id;
  const auto note = [&](const std::string& outcome, const std::string& status) {
    storage::AuditEvent event;
    event.event = "result_sent";
    event.subject = "pacs";
    event.outcome = outcome;
    event.detail = "row=" + std::to_string(row) + " kind=SR status=" + status;
    event.context.study = 1;
    store_->Audit(event);
  };
  std::vector<std::string> delivered;
  clock_.Advance(10s);
  store_->outbox().MarkParked(row, "0x0110", "no space");
  note("parked", "0x0110");
  for (int i = 0; i < 2; ++i) {
    clock_.Advance(10s);
    store_->outbox().Release(row, "anna");
    store_->outbox().MarkDelivered(row, "0x0000", Uid("1.9.1"));
    note("delivered", "0x0000");
    delivered.push_back(Iso8601(clock_.Now()));
  }
  std::vector<std::string> told;
  const json study = Get("/studies/1");
  for (const json& event : study.at("timeline")) {
    if (event.contains("row") && event.at("event") == "delivered") {
      told.push_back(event.at("time"));
    } else if (event.contains("row")) {
      EXPECT_EQ(event.at("text"), "SR to pacs parked: 0x0110");
      EXPECT_EQ(event.at("level"), "warning");
    }
  }
  EXPECT_EQ(told, delivered);
}

TEST_F(StudyApiTest, TellsOfEachDeathOfAWorkerAndOfResultsThatNobodyTakes) {
  MakeJob(1);
  for (int i = 0; i < 2; ++i) {
    (void)Take();
    clock_.Advance(10s);
    store_->jobs().ReleaseOwner("worker:1");
    clock_.Advance(10s);
  }
  FinishJob({"pacs"});
  EXPECT_THAT(Events(Get("/studies/1")),
              ElementsAre("received",
                          "complete",
                          "job_made",
                          "worker_died",
                          "worker_died",
                          "job_started",
                          "job_finished"));
  clock_.Advance(10s);
  store_->outbox().MarkRetry(store_->outbox().List(1).at(0).id, "timeout", 60s);
  const json waiting = Get("/studies/1").at("timeline").back();
  EXPECT_EQ(waiting.at("event"), "waiting");
  EXPECT_EQ(waiting.at("text"), "SR to pacs not taken yet: timeout");
}

TEST_F(StudyApiTest, KeepsTheFirstDecisionWhereThereIsAnother) {
  MakeJob(1);
  clock_.Advance(10s);
  FinishJob();
  clock_.Advance(10s);
  Add(CtHeader(1, 1), 101);
  clock_.Advance(10s);
  const auto row = Study(1);
  ASSERT_TRUE(store_->studies().Decide(row.id, row.change, {}, {}, "nothing new"));
  const json study = Get("/studies/1");
  EXPECT_THAT(Events(study),
              ElementsAre("received",
                          "complete",
                          "job_made",
                          "job_started",
                          "job_finished",
                          "received",
                          "complete"));
  const json& events = study.at("timeline");
  EXPECT_EQ(events.at(1).at("text"), "complete and decided on");
  EXPECT_THAT(events.at(5).at("text"), HasSubstr("came late or again"));
  EXPECT_EQ(events.at(6).at("text"), "decided on again: nothing new");
}

TEST_F(StudyApiTest, FindsStudiesByWhatPeopleKnow) {
  Add(CtHeader(1, 1), 1);
  InstanceHeader other = CtHeader(2, 1);
  other.patient_name = PatientText("<script>alert(1)</script>^A");
  other.study_description = "Hals nativ";
  Add(other, 2);
  const auto found = [&](const std::string& search) {
    return Ids(Get("/studies", {{"search", search}}));
  };
  EXPECT_THAT(found(""), ElementsAre(2, 1));
  EXPECT_THAT(found("m\xC3\x9CLLER anna"), ElementsAre(1));
  EXPECT_THAT(found("anna, m\xC3\xBCller"), ElementsAre(1));
  EXPECT_THAT(found("p2"), ElementsAre(2));
  EXPECT_THAT(found("1.2.1"), ElementsAre(1));
  EXPECT_THAT(found("HALS"), ElementsAre(2));
  EXPECT_THAT(found("%"), ElementsAre());
  EXPECT_EQ(Get("/studies/2").at("patient_name"), "<script>alert(1)</script>^A");
  EXPECT_EQ(Get("/studies/1").at("patient_name"), "M\xC3\xBCller^Anna");
}

TEST_F(StudyApiTest, GivesLongListsInPages) {
  for (int study = 1; study <= 7; ++study) {
    Add(CtHeader(study, 1), static_cast<unsigned>(study));
  }
  const json first = Get("/studies", {{"limit", "3"}});
  EXPECT_THAT(Ids(first), ElementsAre(7, 6, 5));
  EXPECT_EQ(first.at("next"), "5");
  const json last = Get("/studies", {{"limit", "4"}, {"before", "5"}});
  EXPECT_THAT(Ids(last), ElementsAre(4, 3, 2, 1));
  EXPECT_TRUE(last.at("next").is_null());
  EXPECT_THAT(Ids(Get("/studies", {{"state", "receiving"}, {"limit", "1"}})), ElementsAre(7));
  EXPECT_THAT(Ids(Get("/studies", {{"state", "done"}})), ElementsAre());
  EXPECT_THAT(Ids(Get("/studies", {{"until", "2027-01-14"}})), ElementsAre());
  EXPECT_EQ(Ids(Get("/studies", {{"since", "2027-01-15"}, {"until", "2027-01-15"}})).size(), 7U);
  EXPECT_EQ(Ids(Get("/studies", {{"since", "2027-01-15T23:00:00Z"}})).size(), 0U);
}

TEST_F(StudyApiTest, NamesWhatCannotBeAskedFor) {
  const auto refusal = [&](const std::map<std::string, std::string>& query) {
    const Response response = Ask("GET", "/studies", query);
    EXPECT_EQ(response.status, 400);
    return json::parse(response.body).at("detail").get<std::string>();
  };
  EXPECT_THAT(refusal({{"patient", "x"}}), HasSubstr("patient"));
  EXPECT_THAT(refusal({{"limit", "501"}}), HasSubstr("limit"));
  EXPECT_THAT(refusal({{"limit", "0"}}), HasSubstr("limit"));
  EXPECT_THAT(refusal({{"before", "-1"}}), HasSubstr("before"));
  EXPECT_THAT(refusal({{"state", "lost"}}), HasSubstr("attention"));
  for (const char* time : {"today", "2027-02-30", "2027-01-15T25:00:00Z", "2027-01-15 10:00"}) {
    EXPECT_THAT(refusal({{"since", time}}), HasSubstr("since"));
  }
  EXPECT_THAT(refusal({{"since", "2027-01-16"}, {"until", "2027-01-14"}}), HasSubstr("until"));
  EXPECT_EQ(Ask("GET", "/studies/4711").status, 404);
  EXPECT_EQ(Ask("GET", "/studies/x").status, 404);
}

TEST_F(StudyApiTest, UnparksAStudyForAPersonOnly) {
  Add(CtHeader(1, 1), 1);
  InstanceHeader other = CtHeader(1, 2);
  other.patient_id = PatientText("another");
  Add(other, 2);
  EXPECT_EQ(StatusOf(1), "attention");
  EXPECT_EQ(Ask("POST", "/studies/1/unpark", {}, "", Role::kViewer).status, 403);
  EXPECT_EQ(Post("/studies/1/unpark"), 409) << "two patients";
  EXPECT_EQ(Post("/studies/1/unpark", R"({"same_patient": "yes"})"), 400);
  EXPECT_EQ(Post("/studies/1/unpark", R"({"same_patient": true})"), 200);
  EXPECT_EQ(StatusOf(1), "receiving");
  EXPECT_EQ(Post("/studies/1/unpark"), 409) << "not parked";
  const json row = Get("/audit", {{"event", "study"}}).at("items").at(0);
  EXPECT_EQ(row.at("outcome"), "unparked");
  EXPECT_EQ(row.at("user"), "anna");
  EXPECT_EQ(row.at("study"), 1);
}

TEST_F(StudyApiTest, ResendsWhatIsStillStored) {
  MakeJob(1);
  EXPECT_EQ(Post("/studies/1/resend"), 409) << "nothing was sent yet";
  FinishJob({"pacs", "web"});
  for (const auto& row : store_->outbox().List(0)) {
    store_->outbox().MarkDelivered(row.id, "0x0000", Uid("1.9.1"));
  }
  const Response one = Ask("POST", "/studies/1/resend", {}, R"({"destination": "web"})");
  EXPECT_EQ(one.body, R"({"released":1})");
  EXPECT_EQ(Post("/studies/1/resend", R"({"destination": "nowhere"})"), 409);
  EXPECT_EQ(Post("/studies/1/resend", R"({"peer": "web"})"), 400);
  EXPECT_EQ(Post("/studies/9/resend"), 404);
}

TEST_F(StudyApiTest, HandsAnOrderOnAsItWasGiven) {
  MakeJob(1);
  EXPECT_EQ(Post("/studies/1/reanalyse", R"({"package": "phantom/3", "route": "neck"})"), 200);
  EXPECT_EQ(order_.study, 1);
  EXPECT_EQ(order_.package, "phantom/3");
  EXPECT_EQ(order_.route, "neck");
  EXPECT_EQ(order_.user, "anna");
  EXPECT_EQ(Post("/studies/1/reanalyse", R"({"package": 3})"), 400);
  EXPECT_EQ(Post("/studies/1/reanalyse", "[]"), 400);
}

TEST(Folded, HasNoCaseInTheAlphabetsThatHaveOne) {
  EXPECT_EQ(Folded("ABCz^1"), "abcz 1");
  EXPECT_EQ(Folded("\xC3\x84\xC3\x96\xC3\x9F\xC3\x97"), "ao\xC3\x9F\xC3\x97");
  EXPECT_EQ(Folded("\xD0\x98\xD0\x92\xD0\x90\xD0\x9D"), "\xD0\xB8\xD0\xB2\xD0\xB0\xD0\xBD");
  EXPECT_EQ(Folded("\xC5\x81\xC4\x98"), "le");  // Polish L and E
  EXPECT_EQ(Folded("e\xCC\x81"), "e") << "a mark of its own";
  EXPECT_EQ(Folded("\xC3\xB0\xC3\xBE"), "\xC3\xB0\xC3\xBE") << "letters without a plain one";
  EXPECT_EQ(Folded("\xE5\xB1\xB1"), "\xE5\xB1\xB1");
  EXPECT_EQ(Folded("\xC3"), "\xC3");
}

}  // namespace
}  // namespace necknode::admin
