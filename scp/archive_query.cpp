#include "scp/archive_query.h"

#include <sstream>
#include <utility>

#include <dcmtk/dcmdata/dctk.h>

#include "core/error.h"
#include "scp/bounded_association.h"
#include "scp/bytes.h"
#include "scp/send_status.h"

namespace necknode::scp {
namespace {

constexpr int kLimitInTimeouts = 10;

std::uint32_t NumberOf(const DcmTagKey& tag) {
  return std::uint32_t{tag.getGroup()} << 16U | tag.getElement();
}

// Values of a multi-valued attribute.
std::vector<std::string> Split(const std::string& joined) {
  std::vector<std::string> values;
  std::istringstream stream(joined);
  for (std::string value; std::getline(stream, value, '\\');) {
    values.emplace_back(Trimmed(value));
  }
  return values;
}

}  // namespace

// A query's identifier: values to match, and the attributes wanted in the answers.
class ArchiveQuery::Keys {
 public:
  explicit Keys(const char* level) { Match(DCM_QueryRetrieveLevel, level); }
  Keys& Match(const DcmTagKey& tag, const std::string& value) {
    const OFCondition put = dataset_.putAndInsertString(tag, value.c_str());
    if (put.bad()) {
      throw Error(ErrorCode::kInternal, std::string("cannot make a query: ") + put.text());
    }
    return *this;
  }
  Keys& Want(std::initializer_list<DcmTagKey> tags) {
    for (const DcmTagKey& tag : tags) {
      Match(tag, "");
    }
    return *this;
  }
  [[nodiscard]] DcmDataset Copy() const { return dataset_; }

 private:
  DcmDataset dataset_;
};

ArchiveQuery::ArchiveQuery(const std::string& our_ae_title,
                           const RemotePeer& peer,
                           std::chrono::seconds timeout,
                           std::stop_token stop)
    : association_(std::make_unique<BoundedAssociation>(
          our_ae_title,
          peer,
          BoundedAssociation::Limits{timeout, timeout, kLimitInTimeouts * timeout, std::move(stop)},
          std::vector<Requestor::Proposal>{{UID_FINDStudyRootQueryRetrieveInformationModel}})) {}

ArchiveQuery::~ArchiveQuery() = default;

void ArchiveQuery::Release() { association_->Release(); }

std::vector<Identifier> ArchiveQuery::Find(const Keys& keys) {
  const std::string sop_class = UID_FINDStudyRootQueryRetrieveInformationModel;
  const auto context = association_->ContextOf(sop_class);
  T_DIMSE_Message message{};
  message.CommandField = DIMSE_C_FIND_RQ;
  T_DIMSE_C_FindRQ& request = message.msg.CFindRQ;
  request.MessageID = association_->NextMessageId();
  CopyUid(Uid(sop_class), request.AffectedSOPClassUID);
  request.Priority = DIMSE_PRIORITY_MEDIUM;
  request.DataSetType = DIMSE_DATASET_PRESENT;
  DcmDataset identifier = keys.Copy();
  association_->Send(context, message, &identifier);
  std::vector<Identifier> answers;
  while (true) {
    const ReceivedCommand received = association_->ReceiveCommand();
    if (received.command.command_field != DIMSE_C_FIND_RSP ||
        received.command.message_id != request.MessageID) {
      throw Error(ErrorCode::kParse, "something else than an answer to the query");
    }
    if (received.command.HasDataset()) {
      if (answers.size() == kMaxQueryAnswers) {
        throw Error(ErrorCode::kParse,
                    "more than " + std::to_string(kMaxQueryAnswers) + " answers to a query");
      }
      answers.push_back(association_->ReceiveIdentifier(received.context));
    }
    if (received.outcome.pending()) {
      if (!received.command.HasDataset()) {
        throw Error(ErrorCode::kParse, "an answer without an identifier");
      }
      continue;
    }
    if (received.outcome.status != kStatusSuccess) {
      throw Error(ErrorCode::kNetwork, "C-FIND answered " + StatusText(received.outcome.status));
    }
    return answers;
  }
}

std::vector<ArchivedSeries> ArchiveQuery::SeriesOf(const Uid& study_instance_uid) {
  Keys keys("SERIES");
  keys.Match(DCM_StudyInstanceUID, study_instance_uid.value());
  keys.Want({DCM_SeriesInstanceUID,
             DCM_Modality,
             DCM_SeriesDescription,
             DCM_BodyPartExamined,
             DCM_NumberOfSeriesRelatedInstances});
  std::vector<ArchivedSeries> found;
  for (const Identifier& answer : Find(keys)) {
    const Uid study(answer.Text(NumberOf(DCM_StudyInstanceUID)));
    ArchivedSeries series;
    series.series_instance_uid = Uid(answer.Text(NumberOf(DCM_SeriesInstanceUID)));
    if ((!study.empty() && study != study_instance_uid) || !series.series_instance_uid.IsValid()) {
      continue;
    }
    series.modality = answer.Text(NumberOf(DCM_Modality));
    series.description = answer.Text(NumberOf(DCM_SeriesDescription));
    series.body_part = answer.Text(NumberOf(DCM_BodyPartExamined));
    series.instances = answer.Count(NumberOf(DCM_NumberOfSeriesRelatedInstances));
    found.push_back(std::move(series));
  }
  return found;
}

std::vector<ArchivedStudy> ArchiveQuery::StudiesOf(const PatientText& patient_id) {
  Keys keys("STUDY");
  keys.Match(DCM_PatientID, std::string(Trimmed(patient_id.Reveal())));
  keys.Want({DCM_StudyInstanceUID,
             DCM_IssuerOfPatientID,
             DCM_StudyDate,
             DCM_StudyTime,
             DCM_StudyDescription,
             DCM_ModalitiesInStudy});
  std::vector<ArchivedStudy> found;
  for (const Identifier& answer : Find(keys)) {
    ArchivedStudy study;
    study.study_instance_uid = Uid(answer.Text(NumberOf(DCM_StudyInstanceUID)));
    if (!study.study_instance_uid.IsValid()) {
      continue;
    }
    study.patient_id = PatientText(answer.Text(NumberOf(DCM_PatientID)));
    study.issuer_of_patient_id = PatientText(answer.Text(NumberOf(DCM_IssuerOfPatientID)));
    study.date = answer.Text(NumberOf(DCM_StudyDate));
    study.time = answer.Text(NumberOf(DCM_StudyTime));
    study.description = answer.Text(NumberOf(DCM_StudyDescription));
    study.modalities = Split(answer.Text(NumberOf(DCM_ModalitiesInStudy)));
    found.push_back(std::move(study));
  }
  return found;
}

}  // namespace necknode::scp
