#include "scp/commitment_scu.h"

#include <memory>
#include <optional>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmnet/dimse.h>

#include "core/error.h"
#include "scp/command_set.h"
#include "scp/commitment_judge.h"
#include "scp/requestor.h"
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

Uid UidOf(DcmItem& item, const DcmTagKey& tag) {
  OFString text;
  return item.findAndGetOFString(tag, text).good() ? Uid(text.c_str()) : Uid();
}

CommitmentDataset ContentOf(DcmDataset& dataset) {
  CommitmentDataset content;
  content.transaction_uid = UidOf(dataset, DCM_TransactionUID);
  DcmItem* item = nullptr;
  for (long i = 0;
       dataset.findAndGetSequenceItem(DCM_ReferencedSOPSequence, item, i).good() && item != nullptr;
       ++i) {
    content.referenced.push_back(
        {UidOf(*item, DCM_ReferencedSOPClassUID), UidOf(*item, DCM_ReferencedSOPInstanceUID)});
  }
  for (long i = 0;
       dataset.findAndGetSequenceItem(DCM_FailedSOPSequence, item, i).good() && item != nullptr;
       ++i) {
    Uint16 reason = 0;
    static_cast<void>(item->findAndGetUint16(DCM_FailureReason, reason));
    content.failed.push_back(
        {{UidOf(*item, DCM_ReferencedSOPClassUID), UidOf(*item, DCM_ReferencedSOPInstanceUID)},
         reason});
  }
  return content;
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

// A request with its dataset goes out; the response to it comes back in `message`.
std::optional<SendResult> Exchange(Requestor& requestor,
                                   T_ASC_PresentationContextID context,
                                   const CommitmentDataset& content,
                                   T_DIMSE_Message& message) {
  T_ASC_Association* association = requestor.association();
  OFCondition condition = DIMSE_sendMessageUsingMemoryData(
      association, context, &message, nullptr, DatasetOf(content).get(), nullptr, nullptr);
  DcmDataset* detail = nullptr;
  if (condition.good()) {
    message = {};
    condition = DIMSE_receiveCommand(
        association, DIMSE_NONBLOCKING, requestor.timeout_s(), &context, &message, &detail);
  }
  delete detail;
  return condition.good() ? std::nullopt : std::optional(FailureOf(condition));
}

// False where the association is of no more use.
bool AnswerReport(Requestor& requestor,
                  T_ASC_PresentationContextID context,
                  const T_DIMSE_N_EventReportRQ& request,
                  const std::function<std::uint16_t(const CommitmentDataset& report)>& take) {
  T_ASC_Association* association = requestor.association();
  DcmDataset* received = nullptr;
  if (request.DataSetType != DIMSE_DATASET_PRESENT ||
      DIMSE_receiveDataSetInMemory(association,
                                   DIMSE_NONBLOCKING,
                                   requestor.timeout_s(),
                                   &context,
                                   &received,
                                   nullptr,
                                   nullptr)
          .bad()) {
    return false;
  }
  const std::unique_ptr<DcmDataset> dataset(received);
  T_DIMSE_Message message{};
  message.CommandField = DIMSE_N_EVENT_REPORT_RSP;
  T_DIMSE_N_EventReportRSP& response = message.msg.NEventReportRSP;
  response.MessageIDBeingRespondedTo = request.MessageID;
  response.DataSetType = DIMSE_DATASET_NULL;
  response.DimseStatus = take(ContentOf(*dataset));
  response.EventTypeID = request.EventTypeID;
  CopyUid(CommitmentClass(), response.AffectedSOPClassUID);
  CopyUid(Uid(kStorageCommitmentSopInstance), response.AffectedSOPInstanceUID);
  response.opts = O_NEVENTREPORT_AFFECTEDSOPCLASSUID | O_NEVENTREPORT_AFFECTEDSOPINSTANCEUID |
                  O_NEVENTREPORT_EVENTTYPEID;
  return DIMSE_sendMessageUsingMemoryData(
             association, context, &message, nullptr, nullptr, nullptr, nullptr)
      .good();
}

// Waits for the report where the peer cares to send it here.
void AwaitReport(Requestor& requestor, const ReportTaker& taker) {
  T_ASC_PresentationContextID context = 0;
  T_DIMSE_Message message{};
  OFCondition received = DIMSE_NODATAAVAILABLE;
  for (auto left = kReportOnSameAssociation;
       received == DIMSE_NODATAAVAILABLE && left.count() > 0 && !taker.came();
       --left) {
    DcmDataset* detail = nullptr;
    received = DIMSE_receiveCommand(
        requestor.association(), DIMSE_NONBLOCKING, 1, &context, &message, &detail);
    delete detail;
  }
  const bool reported = received.good() && message.CommandField == DIMSE_N_EVENT_REPORT_RQ &&
                        AnswerReport(requestor, context, message.msg.NEventReportRQ, taker.take);
  if (received == DIMSE_NODATAAVAILABLE || reported) {
    requestor.Release();
  }
}

}  // namespace

SendResult RequestCommitment(const std::string& our_ae_title,
                             const RemotePeer& peer,
                             const CommitmentDataset& request,
                             std::chrono::seconds timeout,
                             const ReportTaker& taker) {
  Requestor requestor(our_ae_title, peer, timeout);
  if (auto failure = requestor.Connect({{CommitmentClass().value()}})) {
    return *failure;
  }
  const auto context = requestor.ContextOf(CommitmentClass());
  if (context == 0) {
    return Failure(
        Kind::kPermanent, "no presentation context", "the peer does not offer storage commitment");
  }
  T_DIMSE_Message message{};
  message.CommandField = DIMSE_N_ACTION_RQ;
  T_DIMSE_N_ActionRQ& action = message.msg.NActionRQ;
  action.MessageID = requestor.association()->nextMsgID++;
  CopyUid(CommitmentClass(), action.RequestedSOPClassUID);
  CopyUid(Uid(kStorageCommitmentSopInstance), action.RequestedSOPInstanceUID);
  action.ActionTypeID = kRequestCommitment;
  action.DataSetType = DIMSE_DATASET_PRESENT;
  const auto id = action.MessageID;
  if (auto failure = Exchange(requestor, context, request, message)) {
    return *failure;
  }
  const T_DIMSE_N_ActionRSP& response = message.msg.NActionRSP;
  if (message.CommandField != DIMSE_N_ACTION_RSP || response.MessageIDBeingRespondedTo != id) {
    return Failure(Kind::kRetry, "unexpected message", "not the answer to our request");
  }
  SendResult result = ResultOfRequest(response.DimseStatus);
  if (result.kind == Kind::kDelivered) {
    AwaitReport(requestor, taker);
  } else {
    requestor.Release();
  }
  return result;
}

SendResult ReportCommitment(const std::string& our_ae_title,
                            const RemotePeer& peer,
                            const CommitmentDataset& report,
                            std::chrono::seconds timeout) {
  Requestor requestor(our_ae_title, peer, timeout);
  if (auto failure = requestor.Connect({{CommitmentClass().value(), true}})) {
    return *failure;
  }
  const auto context = requestor.ContextOf(CommitmentClass());
  if (context == 0) {
    return Failure(Kind::kPermanent,
                   "no presentation context",
                   "the peer takes no report on storage commitment");
  }
  T_DIMSE_Message message{};
  message.CommandField = DIMSE_N_EVENT_REPORT_RQ;
  T_DIMSE_N_EventReportRQ& event = message.msg.NEventReportRQ;
  event.MessageID = requestor.association()->nextMsgID++;
  CopyUid(CommitmentClass(), event.AffectedSOPClassUID);
  CopyUid(Uid(kStorageCommitmentSopInstance), event.AffectedSOPInstanceUID);
  event.EventTypeID = EventTypeOf(report);
  event.DataSetType = DIMSE_DATASET_PRESENT;
  if (auto failure = Exchange(requestor, context, report, message)) {
    return *failure;
  }
  if (message.CommandField != DIMSE_N_EVENT_REPORT_RSP) {
    return Failure(Kind::kRetry, "unexpected message", "not the answer to our report");
  }
  requestor.Release();
  return ResultOfRequest(message.msg.NEventReportRSP.DimseStatus);
}

}  // namespace necknode::scp
