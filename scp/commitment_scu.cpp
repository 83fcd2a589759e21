#include "scp/commitment_scu.h"

#include <memory>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmnet/dimse.h>

#include "core/error.h"
#include "core/log.h"
#include "scp/bounded_association.h"
#include "scp/command_set.h"
#include "scp/commitment_judge.h"
#include "scp/send_status.h"

namespace necknode::scp {
namespace {

using Kind = SendResult::Kind;

constexpr int kFewAttempts = 5;

const Uid& CommitmentClass() {
  static const Uid uid(kStorageCommitmentSopClass);
  return uid;
}

std::unique_ptr<DcmDataset> DatasetOf(const CommitmentDataset& content) {
  const auto bytes = EncodeCommitment(content, true);
  DcmInputBufferStream stream;
  stream.setBuffer(bytes.data(), static_cast<offile_off_t>(bytes.size()));
  stream.setEos();
  auto dataset = std::make_unique<DcmDataset>();
  dataset->transferInit();
  const OFCondition read = dataset->read(stream, EXS_LittleEndianExplicit);
  dataset->transferEnd();
  if (read.bad() || dataset->loadAllDataIntoMemory().bad()) {
    throw Error(ErrorCode::kInternal, "a commitment dataset of our own cannot be read");
  }
  return dataset;
}

SendResult ResultOfRequest(std::uint16_t status) {
  SendResult result;
  result.status = StatusText(status);
  switch (status) {
    case kStatusSuccess:
      result.kind = Kind::kDelivered;
      break;
    case kStatusResourceLimitation:
      result.detail = "the peer is out of resources";
      break;
    case kStatusSopClassNotSupported:
    case kStatusNoSuchActionType:
    case kStatusNotAuthorized:
      result.kind = Kind::kPermanent;
      result.detail = "the peer grants no storage commitment";
      break;
    default:
      result.detail = "the peer cannot process the request";
      result.max_attempts = kFewAttempts;
  }
  return result;
}

std::uint16_t Judge(const CommandRequest& report,
                    const CommitmentDataset& content,
                    const ReportTaker& taker) {
  if (report.sop_instance_uid.value() != kStorageCommitmentSopInstance) {
    return kStatusNoSuchSopInstance;
  }
  if (report.type_id != kCommitmentComplete && report.type_id != kCommitmentFailuresExist) {
    return kStatusNoSuchEventType;
  }
  return taker.take(content);
}

// Waits for the report where the peer cares to send it here.
void AwaitReport(BoundedAssociation& association, const ReportTaker& taker) {
  for (auto left = kReportOnSameAssociation; !association.DataWaits(std::chrono::seconds(1));) {
    if (--left; left.count() <= 0 || taker.came()) {
      association.Release();
      return;
    }
  }
  const ReceivedCommand report = association.ReceiveCommand();
  if (report.command.command_field != kCommandEventReport || !report.command.HasDataset()) {
    throw Error(ErrorCode::kParse, "not the report that was to come");
  }
  const CommitmentDataset content =
      DecodeCommitment(association.ReceiveDataset(report.context, kMaxCommitmentBytes),
                       association.IsExplicit(report.context));
  T_DIMSE_Message message{};
  message.CommandField = DIMSE_N_EVENT_REPORT_RSP;
  T_DIMSE_N_EventReportRSP& response = message.msg.NEventReportRSP;
  response.MessageIDBeingRespondedTo = report.command.message_id;
  response.DataSetType = DIMSE_DATASET_NULL;
  response.DimseStatus = Judge(report.command, content, taker);
  response.EventTypeID = report.command.type_id;
  CopyUid(report.command.sop_class_uid, response.AffectedSOPClassUID);
  CopyUid(report.command.sop_instance_uid, response.AffectedSOPInstanceUID);
  response.opts = O_NEVENTREPORT_AFFECTEDSOPCLASSUID | O_NEVENTREPORT_AFFECTEDSOPINSTANCEUID |
                  O_NEVENTREPORT_EVENTTYPEID;
  association.Send(report.context, message, nullptr);
  association.Release();
}

SendResult ResultOfError(const Error& error) {
  const bool for_ever = error.code() == ErrorCode::kUnsupported;
  return Failure(for_ever ? Kind::kPermanent : Kind::kRetry,
                 error.code() == ErrorCode::kParse ? "malformed answer" : "not reached",
                 error.what());
}

BoundedAssociation::Limits LimitsOf(std::chrono::seconds timeout) {
  BoundedAssociation::Limits limits;
  limits.timeout = limits.silence = timeout;
  return limits;
}

// The status of the response to `message`, which has the id `id`.
std::uint16_t Exchange(BoundedAssociation& association,
                       T_DIMSE_Message& message,
                       std::uint16_t id,
                       const CommitmentDataset& content) {
  association.Send(
      association.ContextOf(CommitmentClass().value()), message, DatasetOf(content).get());
  const ReceivedCommand response = association.ReceiveCommand();
  const std::uint16_t expected =
      message.CommandField == DIMSE_N_ACTION_RQ ? kCommandAction : kCommandEventReport;
  if (response.command.command_field != (expected | kResponseBit) ||
      response.command.message_id != id) {
    throw Error(ErrorCode::kParse, "not the answer to what was sent");
  }
  return response.command.status;
}

}  // namespace

SendResult RequestCommitment(const std::string& our_ae_title,
                             const RemotePeer& peer,
                             const CommitmentDataset& request,
                             std::chrono::seconds timeout,
                             const ReportTaker& taker) {
  try {
    BoundedAssociation association(
        our_ae_title, peer, LimitsOf(timeout), {{CommitmentClass().value()}});
    T_DIMSE_Message message{};
    message.CommandField = DIMSE_N_ACTION_RQ;
    T_DIMSE_N_ActionRQ& action = message.msg.NActionRQ;
    action.MessageID = association.NextMessageId();
    CopyUid(CommitmentClass(), action.RequestedSOPClassUID);
    CopyUid(Uid(kStorageCommitmentSopInstance), action.RequestedSOPInstanceUID);
    action.ActionTypeID = kRequestCommitment;
    action.DataSetType = DIMSE_DATASET_PRESENT;
    const SendResult result =
        ResultOfRequest(Exchange(association, message, action.MessageID, request));
    if (result.kind != Kind::kDelivered) {
      association.Release();
      return result;
    }
    taker.asked();
    try {
      AwaitReport(association, taker);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kStorageFailed || error.code() == ErrorCode::kNoSpace) {
        throw;
      }
      Log(LogLevel::kWarning,
          "commitment_report_lost",
          {{"destination", peer.name}, {"error", error.what()}});
    }
    return result;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kStorageFailed || error.code() == ErrorCode::kNoSpace) {
      throw;
    }
    return ResultOfError(error);
  }
}

SendResult ReportCommitment(const std::string& our_ae_title,
                            const RemotePeer& peer,
                            const CommitmentDataset& report,
                            std::chrono::seconds timeout) {
  try {
    BoundedAssociation association(
        our_ae_title, peer, LimitsOf(timeout), {{CommitmentClass().value(), true}});
    T_DIMSE_Message message{};
    message.CommandField = DIMSE_N_EVENT_REPORT_RQ;
    T_DIMSE_N_EventReportRQ& event = message.msg.NEventReportRQ;
    event.MessageID = association.NextMessageId();
    CopyUid(CommitmentClass(), event.AffectedSOPClassUID);
    CopyUid(Uid(kStorageCommitmentSopInstance), event.AffectedSOPInstanceUID);
    event.EventTypeID = EventTypeOf(report);
    event.DataSetType = DIMSE_DATASET_PRESENT;
    const auto status = Exchange(association, message, event.MessageID, report);
    association.Release();
    return ResultOfRequest(status);
  } catch (const Error& error) {
    return ResultOfError(error);
  }
}

}  // namespace necknode::scp
