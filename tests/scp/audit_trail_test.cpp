// What associations leave in the audit trail, and that no patient data leaks on the way.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/log.h"
#include "scp/audit_message.h"
#include "scp/study_tallies.h"
#include "tests/scp/certificates.h"
#include "tests/scp/fixture.h"
#include "tests/scp/raw_peer.h"

namespace necknode::scp::tests {
namespace {

using storage::AddOutcome;
using storage::AuditContext;
using storage::AuditEntry;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

CtImage ImageOf(int study, int number) {
  CtImage image;
  image.study_instance_uid = "1.2." + std::to_string(study);
  image.series_instance_uid = image.study_instance_uid + ".1";
  image.sop_instance_uid = image.series_instance_uid + "." + std::to_string(number);
  image.patient_id = "P" + std::to_string(study);
  return image;
}

RawPeer AssociatedWith(ServedReceiver& receiver) {
  RawPeer peer(receiver.port());
  EXPECT_EQ(peer.Associate()->type, 2U);
  return peer;
}

void Release(RawPeer& peer) {
  peer.Send(ShortPdu(5));
  EXPECT_EQ(peer.Receive()->type, 6U);
  peer.Close();
}

std::vector<AuditEntry> TrailOf(ServedReceiver& receiver, const std::string& event) {
  std::vector<AuditEntry> entries;
  for (AuditEntry& entry : receiver.store().audit_feed().Unsent("test", 0)) {
    if (entry.row.event.event == event) {
      entries.push_back(std::move(entry));
    }
  }
  return entries;
}

TEST(AuditTrail, HasOneRowForEachStudyAndOutcomeOfAnAssociation) {
  ServedReceiver receiver;
  auto peer = AssociatedWith(receiver);
  for (const auto& image : {ImageOf(1, 1), ImageOf(1, 2), ImageOf(2, 1), ImageOf(1, 1)}) {
    EXPECT_EQ(peer.Ask(StoreRequest(1, image)).status, 0U);
  }
  Release(peer);
  ASSERT_TRUE(Eventually([&] { return TrailOf(receiver, "association").size() == 1; }));
  const auto rows = TrailOf(receiver, "transfer");
  ASSERT_EQ(rows.size(), 3U);
  const auto expect =
      [](const AuditEntry& entry, const char* outcome, int instances, const char* study) {
        const AuditContext& context = entry.row.event.context;
        EXPECT_EQ(entry.row.event.outcome, outcome);
        EXPECT_EQ(context.instances, instances);
        EXPECT_EQ(context.direction, AuditContext::Direction::kReceived);
        EXPECT_EQ(context.peer_ae, "TESTSCU");
        EXPECT_EQ(context.own_ae, "NECKNODE");
        EXPECT_EQ(context.host, "127.0.0.1");
        EXPECT_EQ(context.sop_class_uid, kCt);
        EXPECT_TRUE(entry.study && entry.study->study_instance_uid.value() == study);
      };
  expect(rows[0], "known", 1, "1.2.1");
  expect(rows[1], "stored", 2, "1.2.1");
  expect(rows[2], "stored", 1, "1.2.2");
}

TEST(AuditTrail, AnAssociationOfManyStudiesIsWrittenInPieces) {
  ServedReceiver receiver;
  auto peer = AssociatedWith(receiver);
  constexpr int kStudies = 70;
  for (int study = 1; study <= kStudies; ++study) {
    ASSERT_EQ(peer.Ask(StoreRequest(1, ImageOf(study, 1))).status, 0U);
  }
  EXPECT_EQ(TrailOf(receiver, "transfer").size(), 64U) << "while it is open";
  Release(peer);
  EXPECT_TRUE(Eventually([&] { return TrailOf(receiver, "transfer").size() == kStudies; }));
}

TEST(AuditTrail, TellsAPeerThatIsNotAllowedFromOneThatComesAtABadTime) {
  ReceiverOptions options;
  options.max_associations = 1;
  ServedReceiver receiver(options);
  Proposal wrong;
  wrong.called = "NOBODY";
  RawPeer stranger(receiver.port());
  EXPECT_EQ(stranger.Associate(wrong)->type, 3U);
  stranger.Close();
  ASSERT_TRUE(Eventually([&] { return TrailOf(receiver, "association").size() == 1; }));
  auto first = AssociatedWith(receiver);
  RawPeer second(receiver.port());
  EXPECT_EQ(second.Associate()->type, 3U);
  second.Close();
  ASSERT_TRUE(Eventually([&] { return TrailOf(receiver, "association").size() == 2; }));
  const auto rows = TrailOf(receiver, "association");
  EXPECT_EQ(rows[0].row.event.outcome, "not allowed");
  EXPECT_TRUE(AuditMessageOf(rows[0], {"node", {}}).has_value());
  EXPECT_EQ(rows[1].row.event.outcome, "rejected");
  EXPECT_FALSE(AuditMessageOf(rows[1], {"node", {}}).has_value());
}

TEST(AuditTrail, HasAFailedTlsHandshakeButNoKnockAtTheDoor) {
  const Certificates certificates;
  ReceiverOptions options;
  options.tls = certificates.FilesOf("node");
  options.tls_port = 0;
  ServedReceiver receiver(options);
  RawPeer knock(receiver.receiver().tls_port());
  knock.Close();
  EXPECT_TRUE(Eventually([&] { return receiver.Count("silent") == 1; }));
  RawPeer plain(receiver.receiver().tls_port());
  plain.Send(AssociateRequestOf({}));
  ASSERT_TRUE(Eventually([&] { return !TrailOf(receiver, "association").empty(); }));
  const auto rows = TrailOf(receiver, "association");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].row.event.outcome, "not allowed");
  EXPECT_THAT(rows[0].row.event.detail, HasSubstr("reason=TLS"));
  EXPECT_TRUE(AuditMessageOf(rows[0], {"node", {}}).has_value());
}

TEST(StudyTallies, ForgetsTheSopClassWhereThereAreSeveral) {
  StudyTallies tallies;
  const Uid study("1.2"), ct(kCt), sr("1.2.840.10008.5.1.4.1.1.88.33");
  for (const Uid& sop_class : {ct, sr, ct}) {
    tallies.Add(study, sop_class, AddOutcome::kStored);
  }
  for (const auto outcome : {AddOutcome::kConflict, AddOutcome::kNoSpace, AddOutcome::kFailed}) {
    tallies.Add(study, ct, outcome);
  }
  tallies.Add(study, ct, AddOutcome::kNewRevision);
  const auto events = tallies.Take("A", "B", "h");
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].outcome, "new revision");
  EXPECT_EQ(events[0].context.sop_class_uid, kCt);
  EXPECT_EQ(events[1].context.instances, 3);
  EXPECT_EQ(events[1].context.sop_class_uid, "");
  EXPECT_TRUE(tallies.Take("A", "B", "h").empty());
}

// Every attribute that identifies a patient holds a canary; all that the receiver does with such
// objects, good and bad, may show none.
TEST(PatientData, IsInNoLogAuditRowNorStatus) {
  testing::internal::CaptureStderr();
  StartLog("tester", LogLevel::kDebug);
  std::vector<std::string> seen;
  std::vector<AuditEntry> entries;
  {
    ServedReceiver receiver;
    auto peer = AssociatedWith(receiver);
    CtImage image = ImageOf(1, 1);
    image.identity = "CANARY^NAME";
    image.patient_id = "CANARYID";
    EXPECT_EQ(peer.Ask(StoreRequest(1, image)).status, 0U);
    EXPECT_EQ(peer.Ask(StoreRequest(1, image)).status, 0U) << "known";
    image.pixel_bytes = 514;
    EXPECT_EQ(peer.Ask(StoreRequest(1, image)).status, 0U) << "a new revision";
    CtImage other = image;
    other.patient_id = "CANARYOTHER";
    EXPECT_EQ(peer.Ask(StoreRequest(1, other)).status, 0xA900U) << "another patient";
    other.sop_instance_uid += ".2";
    EXPECT_EQ(peer.Ask(StoreRequest(1, other)).status, 0U) << "parks the study";
    other.study_instance_uid = "";
    other.sop_instance_uid += ".3";
    EXPECT_EQ(peer.Ask(StoreRequest(1, other)).status, 0xC000U) << "without a study";
    Bytes cut = DatasetOf(image);
    cut.resize(cut.size() - 7);
    Command command;
    command.sop_instance = image.sop_instance_uid;
    Bytes broken = DataPdu(1, 3, CommandBytes(command));
    const Bytes rest = DataPdu(1, 2, cut);
    broken.insert(broken.end(), rest.begin(), rest.end());
    EXPECT_EQ(peer.Ask(broken).status, 0xC000U) << "cut off";
    Release(peer);
    EXPECT_TRUE(Eventually([&] { return TrailOf(receiver, "association").size() == 1; }));

    entries = receiver.store().audit_feed().Unsent("test", 0);
    for (const AuditEntry& entry : entries) {
      const storage::AuditEvent& event = entry.row.event;
      for (const std::string& text : {event.event,
                                      event.subject,
                                      event.outcome,
                                      event.detail,
                                      event.context.peer_ae,
                                      event.context.own_ae,
                                      event.context.host,
                                      event.context.user,
                                      event.context.sop_class_uid}) {
        seen.push_back(text);
      }
    }
    for (const auto& row : receiver.store().QuarantineList(0)) {
      seen.push_back(row.reason);
    }
    for (const auto& study : receiver.store().studies().List(0)) {
      seen.push_back(study.reason);
      EXPECT_EQ(study.patient_name.Reveal(), "CANARY^NAME") << "the canaries were read";
    }
    seen.push_back(receiver.receiver().StatusLine());
  }
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("event=message_refused"));
  EXPECT_THAT(log, Not(HasSubstr("CANARY")));
  EXPECT_THAT(seen, Not(Contains(HasSubstr("CANARY"))));

  // PS3.15 A.5.3.7 wants the Patient ID, and that alone goes out.
  int naming = 0;
  for (const AuditEntry& entry : entries) {
    std::string message = AuditMessageOf(entry, {"node", {"NECKNODE"}}).value_or("");
    const std::string id = "ParticipantObjectID=\"CANARYID\"";
    if (const auto at = message.find(id); at != std::string::npos) {
      message.erase(at, id.size());
      ++naming;
    }
    EXPECT_THAT(message, Not(HasSubstr("CANARY")));
  }
  EXPECT_EQ(naming, 3) << "stored, known, new revision";
}

}  // namespace
}  // namespace necknode::scp::tests
