#include <algorithm>
#include <atomic>
#include <thread>

#include "tests/storage/storage_fixture.h"

namespace necknode::storage {
namespace {

class InstanceCommitterTest : public StoreTest {
 protected:
  std::vector<IndexedInstance> Instances(int study) {
    return store_->studies().Instances(Study(study).id);
  }
  bool Audited(const std::string& event, const std::string& outcome) {
    const auto trail = store_->AuditTrail(0);
    return std::ranges::any_of(trail, [&](const AuditRow& row) {
      return row.event.event == event && row.event.outcome == outcome;
    });
  }
};

TEST_F(InstanceCommitterTest, StoresRowAndBytes) {
  EXPECT_EQ(Add(CtHeader(1, 1), 7).outcome, AddOutcome::kStored);
  const auto instances = Instances(1);
  ASSERT_EQ(instances.size(), 1U);
  EXPECT_EQ(store_->objects().Read(ObjectKind::kReceived, instances[0].object_key), SomeBytes(7));
  EXPECT_EQ(instances[0].file_digest, Sha256Of(SomeBytes(7)));
  EXPECT_EQ(instances[0].bytes, 5000U);
  const auto study = Study(1);
  EXPECT_EQ(study.instances, 1);
  EXPECT_EQ(study.bytes, 5000U);
  EXPECT_EQ(study.change, 1);
  EXPECT_EQ(study.state, "receiving");
  EXPECT_EQ(study.patient_name.Reveal(), "M\xFCller^Anna");
}

TEST_F(InstanceCommitterTest, KeepsTheWholeHeader) {
  auto header = CtHeader(1, 1);
  header.issuer_of_patient_id = PatientText("Clinic");
  header.image_type = {"ORIGINAL", "PRIMARY", "", "AXIAL"};
  header.image_position = Vec3{-124.75, 0.1, 1e-9};
  header.image_orientation = {1, 0, 0, 0, 0.999998, -0.002};
  header.pixel_spacing = {0.488281, 0.5};
  header.slice_thickness = 2.0;
  header.gantry_tilt = -12.5;
  header.number_of_frames = 3;
  header.lossy = true;
  header.convolution_kernel = "B30f";
  header.series_description = "Hals \xE4";
  Add(header, 1);
  const auto kept = Instances(1).at(0).header;
  EXPECT_EQ(kept.study_instance_uid, header.study_instance_uid);
  EXPECT_EQ(kept.series_instance_uid, header.series_instance_uid);
  EXPECT_EQ(kept.sop_instance_uid, header.sop_instance_uid);
  EXPECT_EQ(kept.transfer_syntax_uid, header.transfer_syntax_uid);
  EXPECT_EQ(kept.sop_class_uid, header.sop_class_uid);
  EXPECT_EQ(kept.issuer_of_patient_id, header.issuer_of_patient_id);
  EXPECT_EQ(kept.patient_name, header.patient_name);
  EXPECT_EQ(kept.image_type, header.image_type);
  EXPECT_EQ(kept.image_position, header.image_position);
  EXPECT_EQ(kept.image_orientation, header.image_orientation);
  EXPECT_EQ(kept.pixel_spacing, header.pixel_spacing);
  EXPECT_EQ(kept.slice_thickness, header.slice_thickness);
  EXPECT_EQ(kept.spacing_between_slices, std::nullopt);
  EXPECT_EQ(kept.gantry_tilt, header.gantry_tilt);
  EXPECT_EQ(kept.rows, header.rows);
  EXPECT_EQ(kept.number_of_frames, 3);
  EXPECT_EQ(kept.series_number, std::nullopt);
  EXPECT_EQ(kept.instance_number, 1);
  EXPECT_TRUE(kept.lossy);
  EXPECT_EQ(kept.convolution_kernel, "B30f");
  EXPECT_EQ(kept.series_description, header.series_description);
  EXPECT_EQ(kept.modality, "CT");
}

TEST_F(InstanceCommitterTest, SameBytesAreStoredOnceButArriveTwice) {
  Add(CtHeader(1, 1), 1, "PACS", "NECKNODE");
  EXPECT_EQ(Add(CtHeader(1, 1), 1, "OTHER", "SECOND").outcome, AddOutcome::kSameBytes);
  EXPECT_EQ(Add(CtHeader(1, 1), 1, "OTHER", "SECOND").outcome, AddOutcome::kSameBytes);
  EXPECT_EQ(Instances(1).size(), 1U);
  EXPECT_EQ(FilesIn("objects"), 1U);
  EXPECT_EQ(store_->studies().Arrivals(Study(1).id),
            (std::vector<Arrival>{{"OTHER", "SECOND"}, {"PACS", "NECKNODE"}}));
  EXPECT_EQ(Study(1).change, 3);
}

TEST_F(InstanceCommitterTest, OtherBytesAreANewRevision) {
  Add(CtHeader(1, 1), 1);
  auto corrected = CtHeader(1, 1);
  corrected.patient_name = PatientText("Meier^Anna");
  EXPECT_EQ(Add(corrected, 2).outcome, AddOutcome::kNewRevision);
  const auto instances = Instances(1);
  ASSERT_EQ(instances.size(), 1U);
  EXPECT_EQ(store_->objects().Read(ObjectKind::kReceived, instances[0].object_key), SomeBytes(2));
  EXPECT_EQ(FilesIn("objects"), 2U);
  EXPECT_EQ(Study(1).instances, 1);
  EXPECT_EQ(Study(1).patient_name.Reveal(), "Meier^Anna");
  EXPECT_TRUE(Audited("store", "new revision"));
}

TEST_F(InstanceCommitterTest, QuarantinesAKnownUidInAnotherPlace) {
  Add(CtHeader(1, 1), 1);
  auto other_study = CtHeader(1, 1);
  other_study.study_instance_uid = Uid("1.2.99");
  auto other_series = CtHeader(1, 1);
  other_series.series_instance_uid = Uid("1.2.1.9");
  auto other_patient = CtHeader(1, 1);
  other_patient.patient_id = PatientText("P9");
  EXPECT_EQ(Add(other_study, 2).outcome, AddOutcome::kConflict);
  EXPECT_EQ(Add(other_series, 3).outcome, AddOutcome::kConflict);
  EXPECT_EQ(Add(other_patient, 4).outcome, AddOutcome::kConflict);
  const auto from_elsewhere = Add(CtHeader(1, 1), 5, "OTHER");
  EXPECT_EQ(from_elsewhere.outcome, AddOutcome::kConflict);
  EXPECT_NE(from_elsewhere.detail.find("another AE title"), std::string::npos);

  EXPECT_FALSE(store_->studies().Find(Uid("1.2.99")));
  EXPECT_EQ(Study(1).state, "receiving");
  EXPECT_EQ(Instances(1).at(0).file_digest, Sha256Of(SomeBytes(1)));
  EXPECT_EQ(FilesIn("objects"), 1U);
  const auto kept = store_->QuarantineList(0);
  ASSERT_EQ(kept.size(), 4U);
  EXPECT_EQ(kept[0].calling_ae, "OTHER");
  EXPECT_EQ(store_->objects().Read(ObjectKind::kQuarantine, kept[0].object_key), SomeBytes(5));
}

TEST_F(InstanceCommitterTest, TwoPatientsUnderOneStudyUidParkTheStudy) {
  const Job job = MakeJob(1);
  auto other = CtHeader(1, 9);
  other.patient_id = PatientText("P9");
  EXPECT_EQ(Add(other, 9).outcome, AddOutcome::kStored);
  EXPECT_EQ(Study(1).state, "parked");
  EXPECT_EQ(Study(1).reason, "two patients under one Study Instance UID");
  EXPECT_TRUE(store_->studies().Unconsidered().empty());
  EXPECT_EQ(store_->jobs().Find(job.id)->state, JobState::kParked);
  EXPECT_FALSE(store_->jobs().Acquire("w", 1min));
  EXPECT_EQ(CodeOf([&] { store_->jobs().Requeue(job.id, ProcessUser()); }), ErrorCode::kConflict);
  EXPECT_FALSE(store_->studies().Decide(Study(1).id, Study(1).change, {}, {}, ""));
  Add(CtHeader(1, 10), 10);
  EXPECT_EQ(Study(1).state, "parked");
}

TEST_F(InstanceCommitterTest, PaddingAndAnAbsentIssuerMakeNoOtherPatient) {
  Add(CtHeader(1, 1), 1);
  auto padded = CtHeader(1, 2);
  padded.patient_id = PatientText("P1 ");
  padded.issuer_of_patient_id = PatientText("Clinic");
  Add(padded, 2);
  EXPECT_EQ(Study(1).state, "receiving");
  auto other_issuer = CtHeader(1, 3);
  other_issuer.issuer_of_patient_id = PatientText("Other clinic");
  Add(other_issuer, 3);
  EXPECT_EQ(Study(1).state, "parked");
}

TEST_F(InstanceCommitterTest, OnlyImagesTouchTheQuietTimeAndReopenAStudy) {
  MakeJob(1);
  clock_.Advance(20s);
  Add(ReportHeader(1, 1), 50);
  auto capture = CtHeader(1, 90);
  capture.sop_class_uid = Uid("1.2.840.10008.5.1.4.1.1.7.4");
  capture.series_instance_uid = Uid("1.2.1.3");
  Add(capture, 51);
  EXPECT_EQ(Study(1).quiet_for, 20s);
  EXPECT_EQ(Study(1).state, "decided");
  EXPECT_EQ(Study(1).change, 4);
  EXPECT_TRUE(store_->studies().Unconsidered().empty());
  Add(CtHeader(1, 3), 3);
  EXPECT_EQ(Study(1).quiet_for, 0s);
  EXPECT_EQ(Study(1).state, "receiving");
  EXPECT_EQ(store_->studies().Unconsidered().size(), 1U);
}

TEST_F(InstanceCommitterTest, QuietTimeStartsAgainAfterAReboot) {
  Add(CtHeader(1, 1), 1);
  clock_.Advance(10min);
  EXPECT_EQ(Study(1).quiet_for, 10min);
  clock_.Reboot();
  Reopen();
  EXPECT_EQ(Study(1).quiet_for, 0s);
  clock_.Advance(5s);
  EXPECT_EQ(Study(1).quiet_for, 5s);
}

TEST_F(InstanceCommitterTest, AnswersEverythingThatWasSubmittedFromManyThreads) {
  constexpr int kThreads = 8, kEach = 25;
  std::atomic<int> stored{0}, answered{0};
  {
    const auto committer = store_->MakeCommitter();
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (int number = 0; number < kEach; ++number) {
          const auto seed = static_cast<unsigned>(thread * kEach + number);
          committer->Submit(Received(*store_, CtHeader(thread + 1, number), SomeBytes(seed, 200)),
                            [&](AddOutcome outcome, const std::string&) {
                              ++answered;
                              stored += outcome == AddOutcome::kStored ? 1 : 0;
                            });
        }
      });
    }
  }
  EXPECT_EQ(answered, kThreads * kEach);
  EXPECT_EQ(stored, kThreads * kEach);
  EXPECT_EQ(store_->studies().List(0).size(), 8U);
  EXPECT_EQ(Study(3).instances, kEach);
}

TEST_F(InstanceCommitterTest, RefusesAnInstanceWithoutUid) {
  auto header = CtHeader(1, 1);
  header.study_instance_uid = Uid();
  EXPECT_EQ(CodeOf([&] { Add(header, 1); }), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace necknode::storage
