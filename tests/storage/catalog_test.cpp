#include "storage/catalog.h"

#include <gmock/gmock.h>

#include "storage/outbox_rows.h"
#include "storage/study_status.h"
#include "tests/storage/storage_fixture.h"

namespace necknode::storage {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class CatalogTest : public StoreTest {
 protected:
  const Catalog& catalog() { return store_->catalog(); }
  /// So many studies with a finished job and two delivered documents each, written as rows.
  void AddMany(int studies) {
    Database database(Options().folder / kDatabaseFile, Database::Mode::kWriter);
    Transaction transaction(database, Transaction::Kind::kWrite);
    const std::string numbers =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
        " WHERE i < " +
        std::to_string(studies) + ") ";
    database.Run(
        "INSERT INTO studies (id, study_instance_uid, patient_id, issuer_of_patient_id,"
        " patient_name, specific_character_set, study_date, study_description, change, considered,"
        " state, reason, instances, bytes, first_received_ms, last_received_ms, quiet_boot_id,"
        " quiet_boot_ms) " +
        numbers +
        "SELECT i, '1.2.' || i, CAST('P' || i AS BLOB), X'', CAST('Name^' || i AS BLOB), '', '',"
        " X'', 1, 1, 'decided', '', 1, 1, 1000 * i, 1000 * i, 'boot', 0 FROM n");
    database.Run(
        "INSERT INTO jobs (id, job_key, study_id, series_instance_uid, route, package,"
        " package_digest, slices, state, reason, created_ms, updated_ms, finished_ms) " +
        numbers +
        "SELECT i, 'k' || i, i, '1.2.' || i || '.1', 'neck', 'phantom/2', 'd', 1, 'done', '', 1, 1,"
        " 1 FROM n");
    database.Run(
        "INSERT INTO results (id, job_id, attempt, kind, sop_class_uid, sop_instance_uid,"
        " series_instance_uid, object_key, bytes) " +
        numbers + "SELECT i, i, 1, 'SR', '1', '1.3.' || i, '1.4', 'r' || i, 1 FROM n");
    for (const char* destination : {"pacs", "web"}) {
      database.Run(
          "INSERT INTO outbox (job_id, study_id, destination, result_id, state, reason,"
          " created_ms, updated_ms, delivered_ms) " +
              numbers + "SELECT i, i, ?, i, 'delivered', '', 1, 1, 1 FROM n",
          destination);
    }
    database.Run("UPDATE outbox SET state = 'parked', reason = 'not taken' WHERE study_id = 3");
    transaction.Commit();
  }
  std::string PlanOf(const std::string& sql) {
    const Database::Mode mode = Database::Mode::kWriter;
    Database database(Options().folder / kDatabaseFile, mode);
    Statement rows(database, "EXPLAIN QUERY PLAN " + sql);
    std::string plan;
    while (rows.Step()) {
      static_cast<void>(rows.Integer());
      static_cast<void>(rows.Integer());
      static_cast<void>(rows.Integer());
      plan += rows.Text() + "\n";
    }
    return plan;
  }
};

TEST_F(CatalogTest, LooksThroughManyStudiesByIndices) {
  AddMany(10'000);
  StudyQuery query;
  query.status = "attention";
  const auto parked = catalog().Studies(query);
  ASSERT_EQ(parked.items.size(), 1U);
  EXPECT_EQ(parked.items[0].study.id, 3);
  EXPECT_EQ(parked.items[0].documents.parked, 2);
  EXPECT_EQ(parked.items[0].documents.reason, "not taken");
  EXPECT_FALSE(parked.next);

  query.status.clear();
  int asked = 0;
  query.matches = [&](const StudyRow& study) {
    ++asked;
    return study.patient_id == PatientText("P17");
  };
  EXPECT_EQ(catalog().Studies(query).items.at(0).study.id, 17);
  EXPECT_EQ(asked, 10'000);
  query.matches = [](const StudyRow&) { return true; };
  const auto page = catalog().Studies(query);
  EXPECT_EQ(page.items.size(), 50U);
  EXPECT_EQ(page.next, 9951);
  EXPECT_EQ(catalog().Counts().studies, 10'000);

  const std::string plan =
      PlanOf(SelectSummaries("WHERE status = 'done' AND id < 9 ORDER BY id DESC LIMIT 9"));
  EXPECT_THAT(plan,
              AllOf(Not(HasSubstr("SCAN j")),
                    Not(HasSubstr("SCAN o")),
                    Not(HasSubstr("SCAN h")),
                    Not(HasSubstr("TEMP B-TREE"))));
  EXPECT_THAT(PlanOf(std::string(kSelectOutbox) + "WHERE o.study_id = 7 ORDER BY o.id DESC"),
              HasSubstr("outbox_of_study"));
  EXPECT_THAT(PlanOf("SELECT destination, COUNT(*) FROM outbox WHERE delivered_ms > 0"
                     " AND delivered_ms >= 5 GROUP BY destination"),
              HasSubstr("outbox_delivered"));
}

TEST_F(CatalogTest, NamesTheDestinationsWhereTheirReasonsDiffer) {
  MakeJob(1);
  const auto job = store_->jobs().Acquire("w", 1min).value();
  JobResult result;
  result.results = {StoreResult("SR", "1.9.1")};
  for (const char* destination : {"mirror", "pacs", "web"})
    result.deliveries.push_back({destination, 0, std::nullopt, ""});
  store_->jobs().Finish({job.id, job.attempt}, result);
  const auto documents = [&] { return catalog().Studies({}).items.at(0).documents; };
  for (const int row : {1, 2, 3})
    store_->outbox().MarkRetry(row, "nobody listens", 1s);
  EXPECT_EQ(documents().reason, "nobody listens");
  store_->outbox().MarkRetry(3, "not sent", 1s);
  EXPECT_EQ(documents().reason, "mirror: nobody listens; pacs: nobody listens");
  store_->outbox().MarkRetry(3, "nobody listens", 1s);
  store_->outbox().MarkParked(1, "0xA900", "");
  EXPECT_EQ(documents().reason, "0xA900");
  store_->outbox().MarkParked(3, "no space", "");
  EXPECT_EQ(documents().reason, "mirror: 0xA900; web: no space");
  EXPECT_EQ(documents().parked, 2);
  EXPECT_EQ(documents().waiting, 1);
}

TEST_F(CatalogTest, RaisesTheMarksOfWhatChangedOnly) {
  const auto changed = [&](const auto& change) {
    const auto before = catalog().Marks();
    change();
    std::vector<std::string> topics;
    for (const auto& [topic, mark] : catalog().Marks()) {
      if (mark != before.at(topic))
        topics.push_back(topic);
    }
    return topics;
  };
  EXPECT_THAT(changed([&] { Add(CtHeader(1, 1), 1001); }), ElementsAre("studies"));
  EXPECT_THAT(changed([&] { MakeJob(1); }), ElementsAre("jobs", "studies"));
  std::optional<Job> job;
  EXPECT_THAT(changed([&] { job = store_->jobs().Acquire("w", 1min); }),
              ElementsAre("jobs", "studies"));
  const Lease lease{job->id, job->attempt};
  EXPECT_THAT(changed([&] { store_->jobs().Heartbeat(lease, 1, 1min); }), ElementsAre("jobs"));
  JobResult result;
  result.results = {StoreResult("SR", "1.9.1")};
  result.deliveries = {{"pacs", 0, std::nullopt, ""}};
  EXPECT_THAT(changed([&] { store_->jobs().Finish(lease, result); }),
              ElementsAre("jobs", "outbox", "studies"));
  EXPECT_THAT(changed([&] { store_->outbox().MarkRetry(1, "refused", 1s); }),
              ElementsAre("outbox", "studies"));
  EXPECT_THAT(changed([&] { store_->Audit({"a", "b", "c", "d"}); }), ElementsAre("audit"));
  EXPECT_THAT(changed([&] { store_->ReportRole({"worker", 1, {}, {}, ""}); }), ElementsAre("node"));
  EXPECT_THAT(changed([&] { static_cast<void>(catalog().Counts()); }), ElementsAre());
}

TEST_F(CatalogTest, KeepsWhenThingsHappened) {
  const Job made = MakeJob(1);
  EXPECT_EQ(made.started, WallTime{});
  clock_.Advance(1min);
  const auto job = store_->jobs().Acquire("w", 1min).value();
  EXPECT_EQ(job.started, clock_.Now());
  clock_.Advance(1min);
  JobResult result;
  result.summary = "no findings";
  result.results = {StoreResult("SR", "1.9.1")};
  result.deliveries = {{"pacs", 0, std::nullopt, ""}};
  ASSERT_TRUE(store_->jobs().Finish({job.id, job.attempt}, result));
  const Job done = store_->jobs().Find(job.id).value();
  EXPECT_EQ(done.finished, clock_.Now());
  EXPECT_EQ(done.summary, "no findings");
  clock_.Advance(1min);
  store_->outbox().MarkDelivered(1, "0x0000", Uid("1.9.1"));
  EXPECT_EQ(store_->outbox().Find(1)->delivered, clock_.Now());
  EXPECT_EQ(store_->outbox().Find(1)->study, job.study);
  EXPECT_EQ(Study(1).decided, made.created);
  EXPECT_EQ(Study(1).parked, WallTime{});
}

TEST_F(CatalogTest, AFailedJobCountsUntilANewerOneOfItsRoute) {
  MakeJob(1);
  const auto job = store_->jobs().Acquire("w", 1min).value();
  JobResult failed;
  failed.state = JobState::kFailed;
  failed.reason = "out of memory";
  ASSERT_TRUE(store_->jobs().Finish({job.id, job.attempt}, failed));
  EXPECT_EQ(catalog().Study(1, 30s)->status, "attention");
  Add(CtHeader(1, 3), 1003);
  EXPECT_EQ(catalog().Study(1, 30s)->status, "receiving");
  DecideJob(1, 3);
  EXPECT_EQ(catalog().Study(1, 30s)->status, "queued");
  EXPECT_EQ(catalog().Counts().failed_24h, 1);
}

TEST_F(CatalogTest, AStudyThatIsStillHeldIsReceived) {
  Add(CtHeader(1, 1), 1);
  store_->holds().Renew(7, Uid("1.2.1"));
  clock_.Advance(31s);
  EXPECT_EQ(catalog().Study(1, 30s)->status, "receiving") << "its association was heard of";
  clock_.Advance(60s);
  EXPECT_EQ(catalog().Study(1, 30s)->status, "waiting");
  store_->archive_requests().AskCounts(1, "pacs", 1);
  EXPECT_THAT(catalog().Study(1, 30s)->awaited, ElementsAre("the number of its images at pacs"));
}

TEST_F(CatalogTest, UnparkedJobsRunAgainWhereTheyAreDecidedOnAgain) {
  const Job job = MakeJob(1);
  InstanceHeader other = CtHeader(1, 9);
  other.patient_id = PatientText("another");
  Add(other, 9);
  ASSERT_EQ(store_->jobs().Find(job.id)->state, JobState::kParked);
  store_->studies().Unpark(1, true, "anna");
  EXPECT_EQ(store_->jobs().Find(job.id)->state, JobState::kSuperseded);
  ASSERT_EQ(store_->studies().Unconsidered().size(), 1U);
  DecideJob(1, 2);
  EXPECT_EQ(store_->jobs().Find(job.id)->state, JobState::kQueued);
}

}  // namespace
}  // namespace necknode::storage
