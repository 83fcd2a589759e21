#include "storage/prior_studies.h"

#include <gmock/gmock.h>

#include "storage/archive_requests.h"
#include "tests/storage/storage_fixture.h"

namespace necknode::storage {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

/// Study 2 is the current one; study 1 of the same patient is fetched as its prior.
class PriorStudiesTest : public StoreTest {
 protected:
  PriorStudiesTest() { Add(CtHeader(2, 1), 2001); }

  static InstanceHeader PriorSlice(int number) {
    auto header = CtHeader(1, number);
    header.patient_id = PatientText("P2");
    return header;
  }
  bool Request() {
    return store_->priors().Request(Study(2).id, Uid("1.2.1"), {"archive", "ARCHIVE", "NECKNODE"});
  }
  Added AddMoved(const InstanceHeader& header, unsigned seed, const std::string& originator) {
    auto instance = Received(*store_, header, SomeBytes(seed), "OTHER");
    instance.move_originator = originator;
    return AddTo(*store_->MakeCommitter(), std::move(instance));
  }
  std::vector<PriorStudy> Priors() { return store_->priors().Of(Study(2).id); }
  std::vector<IndexedInstance> CurrentOf(int study) {
    return store_->studies().Instances(Study(study).id);
  }
  bool IsOpen(int study) {
    for (const auto& row : store_->studies().Unconsidered()) {
      if (row.id == Study(study).id)
        return true;
    }
    return false;
  }
};

TEST_F(PriorStudiesTest, WhereTheArchiveNamesUsWhatItPushesMeanwhileIsAnalysed) {
  EXPECT_TRUE(store_->priors().Request(Study(2).id, Uid("1.2.1"), {"archive", "", "NECKNODE"}));
  AddMoved(PriorSlice(1), 1, "NECKNODE");
  EXPECT_FALSE(IsOpen(1));
  EXPECT_EQ(Add(PriorSlice(2), 2, "ARCHIVE").outcome, AddOutcome::kStored);
  EXPECT_TRUE(IsOpen(1));
  EXPECT_THAT(CurrentOf(1), SizeIs(1));
  Add(PriorSlice(1), 1, "ARCHIVE");  // pushed after it was moved
  EXPECT_THAT(CurrentOf(1), SizeIs(2));
  AddMoved(PriorSlice(2), 2, "NECKNODE");  // moved after it was pushed
  EXPECT_THAT(CurrentOf(1), SizeIs(2));
}

TEST_F(PriorStudiesTest, WhatTheArchiveSendsIsStoredButNeitherAnalysedNorReported) {
  EXPECT_TRUE(Request());
  EXPECT_EQ(Add(PriorSlice(1), 1, "ARCHIVE").outcome, AddOutcome::kStored);
  EXPECT_EQ(Add(PriorSlice(1), 1, "ARCHIVE").outcome, AddOutcome::kSameBytes);
  EXPECT_FALSE(IsOpen(1));
  EXPECT_THAT(CurrentOf(1), IsEmpty());
  EXPECT_THAT(store_->studies().Arrivals(Study(1).id), IsEmpty());
  EXPECT_EQ(Study(1).change, 0);
  EXPECT_EQ(Study(1).instances, 1);
  EXPECT_EQ(store_->priors().Held(Uid("1.2.1"), Uid("1.2.1.1")), 1);
  store_->priors().End(Study(2).id, Uid("1.2.1"), "");
  ASSERT_THAT(Priors(), SizeIs(1));
  EXPECT_EQ(Priors()[0].state, "stored");
  EXPECT_EQ(Priors()[0].instances, 1);
  Reopen();
  EXPECT_EQ(store_->SweepOrphans(ObjectKind::kReceived), 0);
}

TEST_F(PriorStudiesTest, OurMoveOriginatorMakesAPriorEvenAfterTheRequestWasGivenUp) {
  EXPECT_TRUE(Request());
  store_->priors().End(Study(2).id, Uid("1.2.1"), "timeout");
  AddMoved(PriorSlice(1), 1, "NECKNODE");
  EXPECT_FALSE(IsOpen(1));
  AddMoved(PriorSlice(2), 2, "SOMEBODY");
  EXPECT_TRUE(IsOpen(1));
}

TEST_F(PriorStudiesTest, WithoutARequestItIsACurrentStudy) {
  Add(PriorSlice(1), 1, "ARCHIVE");
  AddMoved(PriorSlice(2), 2, "NECKNODE");
  EXPECT_TRUE(IsOpen(1));
  EXPECT_THAT(CurrentOf(1), SizeIs(2));
}

TEST_F(PriorStudiesTest, FromAnotherAeTitleOrAfterTheEndItIsCurrent) {
  EXPECT_TRUE(Request());
  Add(PriorSlice(1), 1, "MODALITY");
  EXPECT_THAT(CurrentOf(1), SizeIs(1));
  store_->priors().End(Study(2).id, Uid("1.2.1"), "");
  Add(PriorSlice(2), 2, "ARCHIVE");
  EXPECT_THAT(CurrentOf(1), SizeIs(2));
}

TEST_F(PriorStudiesTest, TheSameBytesWithoutARequestTurnAPriorCurrent) {
  EXPECT_TRUE(Request());
  Add(PriorSlice(1), 1, "ARCHIVE");
  store_->priors().End(Study(2).id, Uid("1.2.1"), "");
  EXPECT_EQ(Add(PriorSlice(1), 1, "MODALITY").outcome, AddOutcome::kSameBytes);
  EXPECT_TRUE(IsOpen(1));
  EXPECT_THAT(CurrentOf(1), SizeIs(1));
  EXPECT_THAT(store_->studies().Arrivals(Study(1).id), SizeIs(1));
  EXPECT_EQ(FilesIn("objects"), 2U);
}

TEST_F(PriorStudiesTest, OtherBytesOfTheArchiveLeaveTheCurrentInstanceInItsPlace) {
  Add(PriorSlice(1), 1, "MODALITY");
  const auto before = CurrentOf(1).at(0).object_key;
  EXPECT_FALSE(Request());  // it is linked, for its Move Originator to count
  EXPECT_EQ(AddMoved(PriorSlice(1), 99, "NECKNODE").outcome, AddOutcome::kNewRevision);
  EXPECT_EQ(AddMoved(PriorSlice(1), 99, "NECKNODE").outcome, AddOutcome::kSameBytes);
  EXPECT_EQ(CurrentOf(1).at(0).object_key, before);
  EXPECT_THAT(store_->QuarantineList(0), IsEmpty());
  // A corrected image of the modality still finds its place.
  EXPECT_EQ(Add(PriorSlice(1), 77, "MODALITY").outcome, AddOutcome::kNewRevision);
  EXPECT_NE(CurrentOf(1).at(0).object_key, before);
}

TEST_F(PriorStudiesTest, OtherBytesOfTheModalityReplaceWhatTheArchiveSent) {
  EXPECT_TRUE(Request());
  Add(PriorSlice(1), 1, "ARCHIVE");
  EXPECT_EQ(Add(PriorSlice(1), 5, "ARCHIVE").outcome, AddOutcome::kNewRevision);
  store_->priors().End(Study(2).id, Uid("1.2.1"), "");
  EXPECT_EQ(Add(PriorSlice(1), 2, "MODALITY").outcome, AddOutcome::kNewRevision);
  EXPECT_THAT(CurrentOf(1), SizeIs(1));
  EXPECT_THAT(store_->QuarantineList(0), IsEmpty());
}

TEST_F(PriorStudiesTest, AnotherPatientsImagesAreNoPrior) {
  EXPECT_TRUE(Request());
  auto other = PriorSlice(1);
  other.patient_id = PatientText("P9");
  EXPECT_EQ(Add(other, 1, "ARCHIVE").outcome, AddOutcome::kConflict);
  EXPECT_EQ(Study(2).state, "receiving");
  EXPECT_EQ(store_->priors().Held(Uid("1.2.1"), Uid("1.2.1.1")), 0);
}

TEST_F(PriorStudiesTest, WhatIsHereAsCurrentIsLinkedAndNotFetched) {
  Add(PriorSlice(1), 1, "MODALITY");
  EXPECT_FALSE(Request());
  EXPECT_EQ(Priors().at(0).state, "stored");
  // So what its modality still sends through the archive stays a current study.
  Add(PriorSlice(2), 2, "ARCHIVE");
  EXPECT_THAT(CurrentOf(1), SizeIs(2));
}

TEST_F(PriorStudiesTest, AFailedRequestExpectsNothingMore) {
  auto& requests = store_->archive_requests();
  EXPECT_FALSE(requests.PriorsAwaited(Study(2).id));
  requests.AskPriors(Study(2).id, "archive");
  requests.AskPriors(Study(2).id, "archive");
  EXPECT_TRUE(requests.PriorsAwaited(Study(2).id));
  const auto request = requests.Begin(ArchiveRequestKind::kPriors, "archive");
  ASSERT_TRUE(request);
  Request();
  EXPECT_TRUE(requests.Fail(*request, "rejected", false));
  EXPECT_FALSE(requests.PriorsAwaited(Study(2).id));
  EXPECT_EQ(Priors().at(0).state, "failed");
  EXPECT_EQ(Priors().at(0).reason, "rejected");
}

TEST_F(PriorStudiesTest, AServedRequestIsNotMadeAgain) {
  auto& requests = store_->archive_requests();
  requests.AskPriors(Study(2).id, "archive");
  EXPECT_TRUE(requests.EndPriors(*requests.Begin(ArchiveRequestKind::kPriors, "archive")));
  EXPECT_FALSE(requests.PriorsAwaited(Study(2).id));
  requests.AskPriors(Study(2).id, "archive");
  clock_.Advance(1h);
  EXPECT_FALSE(requests.Begin(ArchiveRequestKind::kPriors, "archive"));
}

TEST_F(PriorStudiesTest, RetentionKeepsThePriorOfAnUnfinishedStudy) {
  EXPECT_TRUE(Request());
  Add(PriorSlice(1), 1, "ARCHIVE");
  store_->priors().End(Study(2).id, Uid("1.2.1"), "");
  clock_.Advance(1h);
  const RetentionLimits limits{1min, 0};
  EXPECT_EQ(store_->RemoveExpired(limits).studies, 0);
  const auto row = Study(2);
  EXPECT_TRUE(store_->studies().Decide(row.id, row.change, {}, {}, ""));
  EXPECT_EQ(store_->RemoveExpired(limits).studies, 1);
  EXPECT_EQ(store_->RemoveExpired(limits).studies, 1);
  EXPECT_EQ(FilesIn("objects"), 0U);
  // Fetched again it is a prior again; sent as current it is a study again.
  store_->priors().End(Study(2).id, Uid("1.2.1"), "gone");
  EXPECT_TRUE(Request());
  EXPECT_EQ(Add(PriorSlice(1), 1, "ARCHIVE").outcome, AddOutcome::kNewRevision);
  EXPECT_THAT(CurrentOf(1), IsEmpty());
}

class EarlierStudiesTest : public StoreTest {
 protected:
  Added AddStudy(int study,
                 const std::string& patient,
                 const std::string& date,
                 const std::string& time,
                 const std::string& issuer = "") {
    auto header = CtHeader(study, 1);
    header.patient_id = PatientText(patient);
    header.issuer_of_patient_id = PatientText(issuer);
    header.study_date = date;
    header.study_time = time;
    return Add(header, static_cast<unsigned>(study));
  }
  std::vector<std::string> EarlierThan(int study) {
    std::vector<std::string> uids;
    for (const EarlierStudy& earlier : store_->priors().EarlierThan(Study(study).id))
      uids.push_back(earlier.study_instance_uid.value());
    return uids;
  }
};

TEST_F(EarlierStudiesTest, AreThePatientsOwnTheNewestFirst) {
  AddStudy(1, "P", "20240503", "101500", "HOSPITAL");
  AddStudy(2, "P ", "20250503", "090000");
  AddStudy(3, "P", "20240503", "101501");
  AddStudy(4, "Q", "20240101", "");
  AddStudy(5, "P", "20240101", "", "ELSEWHERE");
  AddStudy(6, "P", "20260101", "", "HOSPITAL");
  AddStudy(7, "P", "", "");
  EXPECT_THAT(EarlierThan(6), testing::ElementsAre("1.2.2", "1.2.3", "1.2.1"));
  EXPECT_THAT(EarlierThan(3), testing::ElementsAre("1.2.1", "1.2.5"))
      << "without an issuer of its own any fits";
  EXPECT_THAT(EarlierThan(7), IsEmpty()) << "nothing is earlier than an unknown day";
}

TEST_F(EarlierStudiesTest, AreNobodysWithoutAPatientId) {
  AddStudy(1, "", "20240503", "");
  AddStudy(2, " ", "20250503", "");
  EXPECT_THAT(EarlierThan(2), IsEmpty());
}

TEST_F(PriorStudiesTest, AFetchedStudyIsAnEarlierOneAndItsImagesCanBeRead) {
  EXPECT_TRUE(Request());
  auto slice = PriorSlice(1);
  slice.study_date = "20240503";
  AddMoved(slice, 1, "NECKNODE");
  const auto earlier = store_->priors().EarlierThan(Study(2).id);
  ASSERT_THAT(earlier, SizeIs(1));
  EXPECT_TRUE(earlier[0].fetched);
  EXPECT_TRUE(earlier[0].has_images);
  EXPECT_EQ(earlier[0].study_date, "20240503");
  EXPECT_THAT(CurrentOf(1), IsEmpty());
  EXPECT_THAT(store_->priors().Instances(earlier[0].id), SizeIs(1));
}

}  // namespace
}  // namespace necknode::storage
