#include "storage/study_index.h"

#include "tests/storage/storage_fixture.h"

namespace necknode::storage {
namespace {

class StudyIndexTest : public StoreTest {};

TEST_F(StudyIndexTest, ListsNewestFirstAndUnconsideredOldestFirst) {
  for (const int study : {1, 2, 3})
    Add(CtHeader(study, 1), static_cast<unsigned>(study));
  const auto newest = store_->studies().List(2);
  ASSERT_EQ(newest.size(), 2U);
  EXPECT_EQ(newest[0].study_instance_uid, Uid("1.2.3"));
  const auto waiting = store_->studies().Unconsidered();
  ASSERT_EQ(waiting.size(), 3U);
  EXPECT_EQ(waiting[0].study_instance_uid, Uid("1.2.1"));
  EXPECT_FALSE(store_->studies().Find(Uid("1.2.4")));
}

TEST_F(StudyIndexTest, GivesInstancesOfOneSeries) {
  Add(CtHeader(1, 1), 1);
  Add(CtHeader(1, 2), 2);
  Add(ReportHeader(1, 1), 3);
  const auto id = Study(1).id;
  EXPECT_EQ(store_->studies().Instances(id).size(), 3U);
  EXPECT_EQ(store_->studies().InstancesOfSeries(id, Uid("1.2.1.1")).size(), 2U);
  EXPECT_TRUE(store_->studies().InstancesOfSeries(id, Uid()).empty());
}

TEST_F(StudyIndexTest, RecordsDecisionsAndMakesTheJobOnce) {
  Add(CtHeader(1, 1), 1);
  const auto study = Study(1);
  const std::vector<SeriesDecision> decisions = {{Uid("1.2.1.1"), "neck", true, ""},
                                                 {Uid("1.2.1.2"), "neck", false, "no image"}};
  const NewJob job{Sha256Of("key"), Uid("1.2.1.1"), "neck", "phantom/2", "d", 1, false, ""};
  ASSERT_TRUE(store_->studies().Decide(study.id, study.change, decisions, {job}, "why"));
  ASSERT_TRUE(store_->studies().Decide(study.id, study.change, decisions, {job}, "why"));
  const auto kept = store_->studies().Decisions(study.id);
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_TRUE(kept[0].selected);
  EXPECT_EQ(kept[1].reason, "no image");
  EXPECT_EQ(store_->jobs().OfStudy(study.id).size(), 1U);
  EXPECT_EQ(Study(1).state, "decided");
  EXPECT_EQ(Study(1).reason, "why");
  EXPECT_EQ(Study(1).considered, Study(1).change);
}

TEST_F(StudyIndexTest, DecidesNothingWhereTheStudyMoved) {
  Add(CtHeader(1, 1), 1);
  const auto seen = Study(1);
  Add(CtHeader(1, 2), 2);
  const NewJob job{Sha256Of("key"), Uid("1.2.1.1"), "neck", "phantom/2", "d", 1, false, ""};
  EXPECT_FALSE(store_->studies().Decide(seen.id, seen.change, {{}}, {job}, "why"));
  EXPECT_TRUE(store_->studies().Decisions(seen.id).empty());
  EXPECT_TRUE(store_->jobs().List(0).empty());
  EXPECT_EQ(store_->studies().Unconsidered().size(), 1U);
}

TEST_F(StudyIndexTest, ALateSliceSupersedesTheOpenJob) {
  const Job first = MakeJob(1, 2);
  const auto running = store_->jobs().Acquire("w", 1min);
  ASSERT_TRUE(running);
  Add(CtHeader(1, 3), 3);
  EXPECT_EQ(store_->jobs().Find(first.id)->state, JobState::kSuperseded);
  EXPECT_FALSE(store_->jobs().Finish({running->id, running->attempt}, {}));
  EXPECT_FALSE(store_->jobs().Heartbeat({running->id, running->attempt}, 1, 1min));
  const Job second = DecideJob(1, 3);
  EXPECT_NE(second.id, first.id);
  EXPECT_EQ(second.state, JobState::kQueued);
}

TEST_F(StudyIndexTest, OtherSeriesAndSameBytesSupersedeNothing) {
  const Job job = MakeJob(1, 2);
  Add(CtHeader(1, 1), 1001);
  Add(ReportHeader(1, 1), 5);
  EXPECT_EQ(store_->jobs().Find(job.id)->state, JobState::kQueued);
}

TEST_F(StudyIndexTest, ANewerJobOfTheRouteReplacesTheOpenOne) {
  const Job first = MakeJob(1, 2);
  const Job other_route = DecideJob(1, 2, "other");
  DecideJob(1, 3, "neck", true);
  EXPECT_EQ(store_->jobs().Find(first.id)->state, JobState::kSuperseded);
  EXPECT_EQ(store_->jobs().Find(other_route.id)->state, JobState::kQueued);
  // The same slices again: the very same job, queued again.
  EXPECT_EQ(DecideJob(1, 2, "neck", true).id, first.id);
  EXPECT_EQ(store_->jobs().Find(first.id)->state, JobState::kQueued);
}

TEST_F(StudyIndexTest, FewerSlicesThanAnalysedBeforeAreParked) {
  MakeJob(1, 3);
  const auto running = store_->jobs().Acquire("w", 1min);
  ASSERT_TRUE(store_->jobs().Finish({running->id, running->attempt}, {}));
  const Job late = DecideJob(1, 1);
  EXPECT_EQ(late.state, JobState::kParked);
  EXPECT_NE(late.reason.find("fewer slices (1)"), std::string::npos);
}

}  // namespace
}  // namespace necknode::storage
