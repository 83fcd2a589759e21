#include "scp/audit_message.h"

#include <array>

#include <boost/asio/ip/address.hpp>
#include <openssl/evp.h>

#include "core/clock.h"
#include "scp/audit_codes.h"
#include "scp/patient_id_text.h"
#include "scp/xml_writer.h"

namespace necknode::scp {
namespace {

using storage::AuditContext;
using storage::AuditEntry;
using storage::AuditEvent;

constexpr std::size_t kMostBytes = 256;               // of one value
constexpr std::string_view kApplicationServer = "4";  // AuditSourceTypeCode, PS3.15 A.5.1.2.1

// What a row is to the standard.
struct Kind {
  AuditCode event;
  std::string_view action;  // EventActionCode: C, R, U, D, E
  std::optional<AuditCode> type;
};

std::optional<Kind> TransferOf(const AuditEvent& event) {
  if (event.event == "result_sent") {
    // The sender cannot know what the receiver held before (A.5.3.7).
    return Kind{kInstancesTransferred, "R", std::nullopt};
  }
  const bool revised = event.outcome == "new revision";
  const bool known = event.outcome == "known";
  return Kind{kInstancesTransferred, revised ? "U" : known ? "R" : "C", std::nullopt};
}

std::optional<Kind> KindOf(const AuditEvent& event) {
  if (event.event == "application") {
    const bool start = event.outcome == "started";
    return Kind{kApplicationActivity, "E", start ? kApplicationStart : kApplicationStop};
  }
  if (event.event == "association" && event.outcome == "not allowed") {
    return Kind{kSecurityAlert, "E", kNodeAuthentication};
  }
  if (event.event == "transfer" || event.event == "result_sent") {
    return TransferOf(event);
  }
  if (event.event == "retention" && event.outcome == "removed") {
    return Kind{kStudyDeleted, "D", std::nullopt};
  }
  if (event.event == "configuration") {
    return Kind{kSecurityAlert, "E", kSoftwareConfiguration};
  }
  if (event.event == "login") {
    return Kind{kUserAuthentication, "E", event.outcome == "logout" ? kLogout : kLogin};
  }
  if (event.event == "user" || event.event == "token") {
    return Kind{kSecurityAlert, "E", kUserSecurityAttributes};
  }
  if (event.event == "audit_log") {
    return Kind{kAuditLogUsed, "R", std::nullopt};
  }
  if (!event.context.user.empty()) {
    return Kind{kSecurityAlert, "E", kRestrictedFunction};
  }
  return std::nullopt;
}

std::string Shortened(std::string_view text) { return std::string(text.substr(0, kMostBytes)); }

std::string Base64(std::string_view bytes) {
  std::array<unsigned char, kMostBytes * 4 / 3 + 8> text{};
  const std::string kept = Shortened(bytes);
  const int length = EVP_EncodeBlock(text.data(),
                                     reinterpret_cast<const unsigned char*>(kept.data()),
                                     static_cast<int>(kept.size()));
  return {text.begin(), text.begin() + length};
}

class Message {
 public:
  Message(const AuditEntry& entry, const AuditSource& source)
      : event_(entry.row.event), context_(event_.context), entry_(entry), source_(source) {
    xml_.Open("AuditMessage");
  }

  std::string Write(const Kind& kind) && {
    Identify(kind);
    if (kind.event.code == kInstancesTransferred.code) {
      Parties();
      Source();
      StudyAndPatient();
    } else if (kind.event.code == kStudyDeleted.code) {
      Participant(event_.subject, OurTitles(), false, nullptr, source_.machine);
      Source();
      StudyAndPatient();
    } else if (kind.event.code == kApplicationActivity.code) {
      Participant(event_.subject, OurTitles(), false, &kApplicationRole, source_.machine);
      Person(&kLauncherRole, true);
      Source();
    } else if (kind.event.code == kUserAuthentication.code) {
      Participant(event_.subject, "", true, nullptr, context_.host);
      Participant("admin", OurTitles(), false, nullptr, source_.machine);
      Source();
    } else if (kind.event.code == kAuditLogUsed.code) {
      Person(nullptr, true);
      Source();
      AuditLog();
    } else {
      Participant(Reporter(), OurTitles(), false, nullptr, source_.machine);
      Performer();
      Source();
      AlertSubject();
    }
    return std::move(xml_).Take();
  }

 private:
  void Code(std::string_view element, const AuditCode& code) {
    xml_.Open(element).Attribute("csd-code", code.code);
    xml_.Attribute("codeSystemName", code.scheme).Attribute("originalText", code.meaning).Close();
  }

  void Identify(const Kind& kind) {
    const auto outcome = AuditOutcomeOf(event_);
    xml_.Open("EventIdentification").Attribute("EventActionCode", kind.action);
    xml_.Attribute("EventDateTime", Iso8601(entry_.row.time));
    xml_.Attribute("EventOutcomeIndicator", std::to_string(static_cast<int>(outcome)));
    Code("EventID", kind.event);
    if (kind.type) {
      Code("EventTypeCode", *kind.type);
    }
    if (outcome != AuditOutcome::kSuccess) {
      xml_.Open("EventOutcomeDescription").Text(Shortened(event_.outcome + ": " + event_.detail));
      xml_.Close();
    }
    xml_.Close();
  }

  void Participant(std::string_view user,
                   std::string_view titles,
                   bool requestor,
                   const AuditCode* role,
                   std::string_view host) {
    xml_.Open("ActiveParticipant").Attribute("UserID", Shortened(user));
    if (!titles.empty()) {
      xml_.Attribute("AlternativeUserID", Shortened(titles));
    }
    xml_.Attribute("UserIsRequestor", requestor ? "true" : "false");
    if (!host.empty()) {
      boost::system::error_code no_address;
      boost::asio::ip::make_address(std::string(host), no_address);
      xml_.Attribute("NetworkAccessPointID", Shortened(host));
      xml_.Attribute("NetworkAccessPointTypeCode", no_address ? "1" : "2");
    }
    if (role != nullptr) {
      Code("RoleIDCode", *role);
    }
    xml_.Close();
  }

  static std::string Titles(std::string_view title) {
    return title.empty() ? "" : std::string("AETITLES=").append(title);
  }
  [[nodiscard]] std::string OurTitles() const {
    std::string titles;
    for (const std::string& title : source_.ae_titles) {
      titles += (titles.empty() ? "" : ";") + title;
    }
    return Titles(titles);
  }
  // The identifier of the peer that our logs have.
  [[nodiscard]] std::string_view PeerId() const {
    return !context_.peer_ae.empty() ? std::string_view(context_.peer_ae)
           : !context_.host.empty()  ? std::string_view(context_.host)
                                     : std::string_view(event_.subject);
  }
  [[nodiscard]] std::string_view Reporter() const {
    return context_.user.empty() ? "receiver" : "necknode";
  }

  // Who opens the association sends: it is the requestor.
  void Parties() {
    const bool sent = context_.direction == AuditContext::Direction::kSent;
    const auto peer = [&](const AuditCode& role) {
      Participant(PeerId(), Titles(context_.peer_ae), !sent, &role, context_.host);
    };
    const auto us = [&](const AuditCode& role) {
      Participant(
          sent ? "sender" : "receiver", Titles(context_.own_ae), sent, &role, source_.machine);
    };
    if (sent) {
      us(kSourceRole);
      peer(kDestinationRole);
    } else {
      peer(kSourceRole);
      us(kDestinationRole);
    }
  }

  void Person(const AuditCode* role, bool requestor) {
    if (!context_.user.empty()) {
      Participant(context_.user, "", requestor, role, source_.machine);
    }
  }

  void Performer() {
    if (context_.user.empty()) {
      Participant(PeerId(), Titles(context_.peer_ae), false, nullptr, context_.host);
    } else {
      Person(nullptr, false);
    }
  }

  void Source() {
    xml_.Open("AuditSourceIdentification").Attribute("AuditSourceID", source_.machine);
    xml_.Open("AuditSourceTypeCode").Attribute("csd-code", kApplicationServer).Close();
    xml_.Close();
  }

  void OpenObject(std::string_view id,
                  std::string_view type,
                  std::string_view role,
                  const AuditCode& id_type,
                  std::string_view name) {
    xml_.Open("ParticipantObjectIdentification").Attribute("ParticipantObjectID", Shortened(id));
    xml_.Attribute("ParticipantObjectTypeCode", type);
    xml_.Attribute("ParticipantObjectTypeCodeRole", role);
    Code("ParticipantObjectIDTypeCode", id_type);
    xml_.Open("ParticipantObjectName").Text(Shortened(name)).Close();
  }

  void Detail(std::string_view type, std::string_view bytes) {
    xml_.Open("ParticipantObjectDetail").Attribute("type", type);
    xml_.Attribute("value", Base64(bytes)).Close();
  }

  void StudyAndPatient() {
    const storage::AuditedStudy& study = *entry_.study;
    OpenObject(study.study_instance_uid.value(), "2", "3", kStudyInstanceUid, "");
    xml_.Open("ParticipantObjectDescription").Open("SOPClass");
    if (!context_.sop_class_uid.empty()) {
      xml_.Attribute("UID", context_.sop_class_uid);
    }
    xml_.Attribute("NumberOfInstances", std::to_string(context_.instances));
    xml_.Close().Close().Close();
    const auto id = PatientIdText(study.patient_id, study.specific_character_set);
    OpenObject(id ? *id : study.patient_id.Reveal(), "1", "1", kPatientNumber, "");
    if (!id) {
      Detail("Patient ID bytes", study.patient_id.Reveal());
    }
    xml_.Close();
  }

  void AuditLog() {
    OpenObject("necknode:audit", "2", "13", kUri, "Security Audit Log");
    xml_.Close();
  }

  void AlertSubject() {
    if (context_.user.empty()) {
      OpenObject(context_.host, "2", "13", kNodeId, context_.peer_ae);
    } else {
      OpenObject("necknode:" + event_.event, "2", "5", kUri, event_.event);
    }
    Detail("Alert Description", event_.outcome + ": " + event_.detail);
    xml_.Close();
  }

  const AuditEvent& event_;
  const AuditContext& context_;
  const AuditEntry& entry_;
  const AuditSource& source_;
  XmlWriter xml_;
};

}  // namespace

AuditOutcome AuditOutcomeOf(const AuditEvent& event) {
  if (event.event == "application" && event.outcome == "failed") {
    return AuditOutcome::kMajor;
  }
  if ((event.event == "association" && event.outcome == "not allowed") ||
      (event.event == "login" && event.outcome == "refused")) {
    return AuditOutcome::kMinor;
  }
  if (event.event == "result_sent" && event.outcome != "delivered") {
    return AuditOutcome::kSerious;
  }
  return AuditOutcome::kSuccess;
}

std::optional<std::string> AuditMessageOf(const AuditEntry& entry, const AuditSource& source) {
  const auto kind = KindOf(entry.row.event);
  const bool of_study = kind && (kind->event.code == kInstancesTransferred.code ||
                                 kind->event.code == kStudyDeleted.code);
  if (!kind || (of_study && !entry.study)) {
    return std::nullopt;
  }
  return Message(entry, source).Write(*kind);
}

}  // namespace necknode::scp
