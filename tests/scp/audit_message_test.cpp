#include "scp/audit_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scp/patient_id_text.h"
#include "tests/scp/xml_reader.h"

namespace necknode::scp::tests {
namespace {

using storage::AuditContext;
using storage::AuditEntry;
using testing::HasSubstr;
using testing::Not;

const AuditSource kSource{"node.example", {"NECKNODE", "SECOND"}};

AuditEntry EntryOf(storage::AuditEvent event) {
  AuditEntry entry;
  entry.row.id = 7;
  entry.row.time = WallTime(std::chrono::milliseconds(1'800'000'000'123));
  entry.row.event = std::move(event);
  return entry;
}

AuditEntry Transfer(const std::string& outcome = "stored") {
  AuditContext context;
  context.direction = AuditContext::Direction::kReceived;
  context.peer_ae = "PACS";
  context.own_ae = "NECKNODE";
  context.host = "192.0.2.10";
  context.study = 3;
  context.instances = 120;
  context.sop_class_uid = "1.2.840.10008.5.1.4.1.1.2";
  AuditEntry entry = EntryOf({"transfer", "PACS", outcome, "instances=120", context});
  entry.study = {Uid("1.2.3"), PatientText("4711 "), ""};
  return entry;
}

AuditEntry ResultSent(const std::string& outcome) {
  AuditEntry entry = Transfer();
  entry.row.event.event = "result_sent";
  entry.row.event.outcome = outcome;
  entry.row.event.detail = "row=3 kind=SR status=0xA900";
  entry.row.event.context.direction = AuditContext::Direction::kSent;
  entry.row.event.context.host = "pacs.example";
  entry.row.event.context.instances = 1;
  entry.row.event.context.sop_class_uid = "";
  return entry;
}

/// The message of `entry`, which must be valid.
XmlReader MessageOf(const AuditEntry& entry) {
  const auto xml = AuditMessageOf(entry, kSource);
  EXPECT_TRUE(xml.has_value());
  return XmlReader(xml.value_or(""));
}
#define EXPECT_VALID(message) EXPECT_EQ((message).Problem(), "")

constexpr const char* kSourceParticipant = "//ActiveParticipant[RoleIDCode/@csd-code=\"110153\"]";
constexpr const char* kDestinationParticipant =
    "//ActiveParticipant[RoleIDCode/@csd-code=\"110152\"]";

TEST(AuditMessage, OfWhatWasReceivedNamesBothEndsStudyAndPatient) {
  const XmlReader message(*AuditMessageOf(Transfer(), kSource));
  EXPECT_VALID(message);
  EXPECT_EQ(message.Value("//EventID/@csd-code"), "110104");
  EXPECT_EQ(message.Value("//EventID/@codeSystemName"), "DCM");
  EXPECT_EQ(message.Value("//@EventActionCode"), "C");
  EXPECT_EQ(message.Value("//@EventOutcomeIndicator"), "0");
  EXPECT_EQ(message.Value("//@EventDateTime"), "2027-01-15T08:00:00.123Z");
  const std::string source = kSourceParticipant, destination = kDestinationParticipant;
  EXPECT_EQ(message.Value(source + "/@AlternativeUserID"), "AETITLES=PACS");
  EXPECT_EQ(message.Value(source + "/@NetworkAccessPointID"), "192.0.2.10");
  EXPECT_EQ(message.Value(source + "/@NetworkAccessPointTypeCode"), "2");
  EXPECT_EQ(message.Value(source + "/@UserIsRequestor"), "true");
  EXPECT_EQ(message.Value(destination + "/@AlternativeUserID"), "AETITLES=NECKNODE");
  EXPECT_EQ(message.Value(destination + "/@NetworkAccessPointID"), "node.example");
  EXPECT_EQ(message.Value(destination + "/@UserIsRequestor"), "false");
  EXPECT_EQ(message.Value("//AuditSourceIdentification/@AuditSourceID"), "node.example");
  const std::string study = "//ParticipantObjectIdentification[@ParticipantObjectTypeCode=\"2\"]";
  EXPECT_EQ(message.Value(study + "/@ParticipantObjectID"), "1.2.3");
  EXPECT_EQ(message.Value(study + "/@ParticipantObjectTypeCodeRole"), "3");
  EXPECT_EQ(message.Value(study + "/ParticipantObjectIDTypeCode/@csd-code"), "110180");
  EXPECT_EQ(message.Value(study + "//SOPClass/@NumberOfInstances"), "120");
  EXPECT_EQ(message.Value(study + "//SOPClass/@UID"), "1.2.840.10008.5.1.4.1.1.2");
  const std::string patient = "//ParticipantObjectIdentification[@ParticipantObjectTypeCode=\"1\"]";
  EXPECT_EQ(message.Value(patient + "/@ParticipantObjectID"), "4711");
  EXPECT_EQ(message.Value(patient + "/@ParticipantObjectTypeCodeRole"), "1");
  EXPECT_EQ(message.Value(patient + "/ParticipantObjectIDTypeCode/@csd-code"), "2");
  EXPECT_EQ(message.Value(patient + "/ParticipantObjectName"), "") << "no name goes out";
}

TEST(AuditMessage, SaysWhetherTheInstancesWereNew) {
  EXPECT_EQ(MessageOf(Transfer("known")).Value("//@EventActionCode"), "R");
  EXPECT_EQ(MessageOf(Transfer("new revision")).Value("//@EventActionCode"), "U");
}

TEST(AuditMessage, OfAResultHasUsAsTheSource) {
  const XmlReader delivered(*AuditMessageOf(ResultSent("delivered"), kSource));
  EXPECT_VALID(delivered);
  const std::string source = kSourceParticipant, destination = kDestinationParticipant;
  EXPECT_EQ(delivered.Value(source + "/@AlternativeUserID"), "AETITLES=NECKNODE");
  EXPECT_EQ(delivered.Value(source + "/@UserIsRequestor"), "true");
  EXPECT_EQ(delivered.Value(destination + "/@NetworkAccessPointID"), "pacs.example");
  EXPECT_EQ(delivered.Value(destination + "/@NetworkAccessPointTypeCode"), "1");
  EXPECT_EQ(delivered.Value("//@EventOutcomeIndicator"), "0");
  EXPECT_EQ(delivered.Count("//EventOutcomeDescription"), 0);
  const XmlReader parked(*AuditMessageOf(ResultSent("parked"), kSource));
  EXPECT_VALID(parked);
  EXPECT_EQ(parked.Value("//@EventOutcomeIndicator"), "8");
  EXPECT_EQ(parked.Value("//EventOutcomeDescription"), "parked: row=3 kind=SR status=0xA900");
  AuditEntry unknown = ResultSent("parked");
  unknown.row.event.subject = "forgotten";
  unknown.row.event.context.peer_ae = unknown.row.event.context.host = "";
  const XmlReader nowhere(*AuditMessageOf(unknown, kSource));
  EXPECT_VALID(nowhere);
  EXPECT_EQ(nowhere.Value(destination + "/@UserID"), "forgotten");
}

TEST(AuditMessage, OfADeletedStudy) {
  AuditEntry entry = Transfer();
  entry.row.event.event = "retention";
  entry.row.event.subject = "coordinator";
  entry.row.event.outcome = "removed";
  const XmlReader message(*AuditMessageOf(entry, kSource));
  EXPECT_VALID(message);
  EXPECT_EQ(message.Value("//EventID/@csd-code"), "110105");
  EXPECT_EQ(message.Value("//@EventActionCode"), "D");
  EXPECT_EQ(message.Value("//ActiveParticipant/@UserID"), "coordinator");
  EXPECT_EQ(message.Count("//ParticipantObjectIdentification"), 2);
}

TEST(AuditMessage, OfARoleThatStartsStopsOrFails) {
  const AuditContext context{.user = "root@node.example"};
  struct Case {
    const char *outcome, *type, *indicator;
  };
  for (const Case& one : {Case{"started", "110120", "0"},
                          Case{"stopped", "110121", "0"},
                          Case{"failed", "110121", "12"}}) {
    const XmlReader message(*AuditMessageOf(
        EntryOf({"application", "receiver", one.outcome, "pid 12", context}), kSource));
    EXPECT_VALID(message);
    EXPECT_EQ(message.Value("//EventID/@csd-code"), "110100");
    EXPECT_EQ(message.Value("//EventTypeCode/@csd-code"), one.type);
    EXPECT_EQ(message.Value("//@EventOutcomeIndicator"), one.indicator);
    const std::string started = "//ActiveParticipant[RoleIDCode/@csd-code=\"110150\"]";
    EXPECT_EQ(message.Value(started + "/@UserID"), "receiver");
    EXPECT_EQ(message.Value(started + "/@AlternativeUserID"), "AETITLES=NECKNODE;SECOND");
    EXPECT_EQ(message.Value("//ActiveParticipant[RoleIDCode/@csd-code=\"110151\"]/@UserID"),
              "root@node.example");
  }
}

TEST(AuditMessage, OfAPeerThatIsNotAllowedIsASecurityAlert) {
  AuditContext context;
  context.peer_ae = "STRANGER";
  context.own_ae = "NECKNODE";
  context.host = "192.0.2.66";
  const AuditEntry entry = EntryOf(
      {"association", "STRANGER", "not allowed", "called=NECKNODE host=192.0.2.66", context});
  const XmlReader message(*AuditMessageOf(entry, kSource));
  EXPECT_VALID(message);
  EXPECT_EQ(message.Value("//EventID/@csd-code"), "110113");
  EXPECT_EQ(message.Value("//EventTypeCode/@csd-code"), "110126");
  EXPECT_EQ(message.Value("//@EventOutcomeIndicator"), "4");
  EXPECT_EQ(message.Value("//ParticipantObjectIdentification/@ParticipantObjectID"), "192.0.2.66");
  EXPECT_EQ(message.Value("//ParticipantObjectIDTypeCode/@csd-code"), "110182");
  EXPECT_EQ(message.Value("//ParticipantObjectDetail/@type"), "Alert Description");
  EXPECT_EQ(message.Value("//ParticipantObjectDetail/@value"),
            "bm90IGFsbG93ZWQ6IGNhbGxlZD1ORUNLTk9ERSBob3N0PTE5Mi4wLjIuNjY=");
  EXPECT_EQ(message.Count("//ActiveParticipant[@UserIsRequestor=\"true\"]"), 0);
}

TEST(AuditMessage, OfWhatPeopleDidNamesThem) {
  const AuditContext context{.user = "anna@node.example"};
  const auto of = [&](const char* event, const char* outcome) {
    return *AuditMessageOf(EntryOf({event, "person", outcome, "outbox row 3", context}), kSource);
  };
  const XmlReader released(of("outbox", "released"));
  EXPECT_VALID(released);
  EXPECT_EQ(released.Value("//EventTypeCode/@csd-code"), "110132");
  EXPECT_EQ(released.Value("//ActiveParticipant[2]/@UserID"), "anna@node.example");
  EXPECT_EQ(released.Value("//@ParticipantObjectID"), "necknode:outbox");
  const XmlReader configured(of("configuration", "changed"));
  EXPECT_VALID(configured);
  EXPECT_EQ(configured.Value("//EventTypeCode/@csd-code"), "110131");
  const XmlReader read(of("audit_log", "read"));
  EXPECT_VALID(read);
  EXPECT_EQ(read.Value("//EventID/@csd-code"), "110101");
  EXPECT_EQ(read.Value("//ParticipantObjectName"), "Security Audit Log");
}

TEST(AuditMessage, OfALoginNamesThePersonAndWhereFrom) {
  const AuditContext context{.host = "192.0.2.20", .user = "anna"};
  const XmlReader in(*AuditMessageOf(EntryOf({"login", "anna", "success", "", context}), kSource));
  EXPECT_VALID(in);
  EXPECT_EQ(in.Value("//EventID/@csd-code"), "110114");
  EXPECT_EQ(in.Value("//EventTypeCode/@csd-code"), "110122");
  EXPECT_EQ(in.Value("//@EventOutcomeIndicator"), "0");
  EXPECT_EQ(in.Value("//ActiveParticipant[1]/@UserID"), "anna");
  EXPECT_EQ(in.Value("//ActiveParticipant[1]/@NetworkAccessPointID"), "192.0.2.20");
  EXPECT_EQ(in.Value("//ActiveParticipant[2]/@NetworkAccessPointID"), "node.example");
  const XmlReader refused(*AuditMessageOf(
      EntryOf({"login", "unknown user", "refused", "", {.host = "192.0.2.20"}}), kSource));
  EXPECT_VALID(refused);
  EXPECT_EQ(refused.Value("//@EventOutcomeIndicator"), "4");
  const XmlReader out(*AuditMessageOf(EntryOf({"login", "anna", "logout", "", context}), kSource));
  EXPECT_EQ(out.Value("//EventTypeCode/@csd-code"), "110123");
}

TEST(AuditMessage, OfAChangedUserIsASecurityAlert) {
  const AuditContext context{.user = "anna"};
  const XmlReader changed(
      *AuditMessageOf(EntryOf({"user", "otto", "role changed", "viewer", context}), kSource));
  EXPECT_VALID(changed);
  EXPECT_EQ(changed.Value("//EventID/@csd-code"), "110113");
  EXPECT_EQ(changed.Value("//EventTypeCode/@csd-code"), "110137");
}

TEST(AuditMessage, OfOtherRowsThereIsNone) {
  EXPECT_FALSE(AuditMessageOf(EntryOf({"association", "PACS", "released", ""}), kSource));
  EXPECT_FALSE(AuditMessageOf(EntryOf({"job", "worker", "worker died", "job 3"}), kSource));
  AuditEntry without_study = Transfer();
  without_study.study.reset();
  EXPECT_FALSE(AuditMessageOf(without_study, kSource)) << "the standard wants study and patient";
}

TEST(AuditMessage, HostileNamesStayValues) {
  const std::string hostile = "\"]]>&<x a='1'>\x01\xFF\t\n<!--";
  AuditEntry entry = Transfer();
  entry.row.event.context.peer_ae = hostile;
  entry.row.event.context.own_ae = hostile;
  entry.row.event.context.host = hostile;
  entry.row.event.context.sop_class_uid = hostile;
  entry.study->patient_id = PatientText(hostile);
  entry.study->study_instance_uid = Uid(hostile);
  const XmlReader message(*AuditMessageOf(entry, kSource));
  EXPECT_VALID(message);
  EXPECT_EQ(message.Count("//x"), 0);
  EXPECT_EQ(message.Value(std::string(kSourceParticipant) + "/@UserID"),
            "\"]]>&<x a='1'>\xEF\xBF\xBD\xEF\xBF\xBD\t\n<!--");
  AuditEntry alert =
      EntryOf({"association", hostile, "not allowed", hostile, entry.row.event.context});
  EXPECT_VALID(XmlReader(*AuditMessageOf(alert, kSource)));
  entry.row.event.context.peer_ae = std::string(100'000, '&');
  EXPECT_LT(AuditMessageOf(entry, kSource)->size(), 32'768U) << "what PS3.15 A.6 promises to take";
}

TEST(AuditMessage, KeepsTheBytesOfAPatientIdThatCannotBeRead) {
  AuditEntry entry = Transfer();
  entry.study->patient_id = PatientText("M\xFCller");
  const XmlReader unreadable(*AuditMessageOf(entry, kSource));
  EXPECT_VALID(unreadable);
  const std::string patient = "//ParticipantObjectIdentification[@ParticipantObjectTypeCode=\"1\"]";
  EXPECT_EQ(unreadable.Value(patient + "/@ParticipantObjectID"), "M\xEF\xBF\xBDller");
  EXPECT_EQ(unreadable.Value(patient + "/ParticipantObjectDetail/@value"), "TfxsbGVy");
  entry.study->specific_character_set = "ISO_IR 100";
  const XmlReader latin(*AuditMessageOf(entry, kSource));
  EXPECT_VALID(latin);
  EXPECT_EQ(latin.Value(patient + "/@ParticipantObjectID"), "M\xC3\xBCller");
  EXPECT_EQ(latin.Count("//ParticipantObjectDetail"), 0);
}

TEST(PatientIdText, ConvertsWhatTheCharacterSetCanSay) {
  const auto text = [](const std::string& id, const std::string& set) {
    return PatientIdText(PatientText(id), set).value_or("none");
  };
  EXPECT_EQ(text("  A-1 ", ""), "A-1");
  EXPECT_EQ(text("", ""), "");
  EXPECT_EQ(text(std::string("A\0", 2), "ISO_IR 100"), "A");
  EXPECT_EQ(text("\xC4\xE4", "ISO_IR 144"), "\xD0\xA4\xD1\x84") << "Cyrillic";
  EXPECT_EQ(text("\xC3\xBC", "ISO_IR 192"), "\xC3\xBC");
  EXPECT_EQ(text("\x1B$B;3ED\x1B(B", "\\ISO 2022 IR 87"), "none")
      << "DCMTK with the iconv of glibc knows no code extensions";
  EXPECT_EQ(text("A-1", "\\ISO 2022 IR 87"), "A-1");
  EXPECT_EQ(text("\xFF", "ISO_IR 192"), "none");
  EXPECT_EQ(text("\xFC", ""), "none");
  EXPECT_EQ(text("\xFC", "ISO_IR 4711"), "none");
  EXPECT_EQ(text("A\x07", "ISO_IR 100"), "none");
}

}  // namespace
}  // namespace necknode::scp::tests
