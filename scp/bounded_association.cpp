#include "scp/bounded_association.h"

#include <utility>

#include "core/error.h"
#include "scp/bytes.h"

namespace necknode::scp {
namespace {

constexpr std::string_view kExplicitLittleEndian = "1.2.840.10008.1.2.1";

[[noreturn]] void Throw(const SendResult& failure) {
  const std::string text =
      failure.detail.empty() ? failure.status : failure.status + ": " + failure.detail;
  if (failure.kind == SendResult::Kind::kPermanent) {
    throw Error(ErrorCode::kUnsupported, text);
  }
  throw Error(failure.status == "timeout" ? ErrorCode::kTimeout : ErrorCode::kNetwork, text);
}

}  // namespace

Outcome DecodeOutcome(std::span<const std::byte> command) {
  Outcome outcome;
  ByteReader reader(command);
  while (reader.left() > 0) {
    reader.Skip(2);
    const unsigned element = reader.U16LittleEndian();
    ByteReader value(reader.Take(reader.U32LittleEndian()));
    switch (element) {
      case 0x0900:
        outcome.status = value.U16LittleEndian();
        break;
      case 0x0902:
        outcome.comment = Trimmed(value.TakeText(value.left()));
        break;
      case 0x1021:
        outcome.completed = value.U16LittleEndian();
        break;
      case 0x1022:
        outcome.failed = value.U16LittleEndian();
        break;
      default:
        break;
    }
  }
  return outcome;
}

BoundedAssociation::BoundedAssociation(const std::string& our_ae_title,
                                       const RemotePeer& peer,
                                       Limits limits,
                                       const std::vector<Requestor::Proposal>& proposals)
    : limits_(std::move(limits)),
      requestor_(our_ae_title, peer, limits_.timeout),
      deadline_(std::chrono::steady_clock::now() + limits_.total) {
  if (const auto failure = requestor_.Connect(proposals)) {
    Throw(*failure);
  }
}

T_ASC_PresentationContextID BoundedAssociation::ContextOf(const std::string& sop_class) const {
  const auto context = requestor_.ContextOf(Uid(sop_class));
  if (context == 0) {
    throw Error(ErrorCode::kUnsupported, "the peer does not offer the service " + sop_class);
  }
  return context;
}

T_ASC_PresentationContext BoundedAssociation::Accepted(T_ASC_PresentationContextID context) const {
  T_ASC_PresentationContext found{};
  const OFCondition known =
      ASC_findAcceptedPresentationContext(requestor_.association()->params, context, &found);
  if (known.bad()) {
    throw Error(ErrorCode::kParse, "a message in a context that was not accepted");
  }
  return found;
}

Uid BoundedAssociation::SopClassOf(T_ASC_PresentationContextID context) const {
  return Uid(std::string_view(Accepted(context).abstractSyntax));
}

Uid BoundedAssociation::TransferSyntaxOf(T_ASC_PresentationContextID context) const {
  return Uid(std::string_view(Accepted(context).acceptedTransferSyntax));
}

void BoundedAssociation::AnswerStore(const ReceivedCommand& received,
                                     const CommandResponse& answer) {
  T_DIMSE_C_StoreRQ request{};
  request.MessageID = received.command.message_id;
  CopyUid(received.command.sop_class_uid, request.AffectedSOPClassUID);
  CopyUid(received.command.sop_instance_uid, request.AffectedSOPInstanceUID);
  T_DIMSE_C_StoreRSP response{};
  response.MessageIDBeingRespondedTo = request.MessageID;
  CopyUid(received.command.sop_class_uid, response.AffectedSOPClassUID);
  CopyUid(received.command.sop_instance_uid, response.AffectedSOPInstanceUID);
  response.opts = O_STORE_AFFECTEDSOPCLASSUID | O_STORE_AFFECTEDSOPINSTANCEUID;
  response.DataSetType = DIMSE_DATASET_NULL;
  response.DimseStatus = answer.status;
  const OFCondition sent = DIMSE_sendStoreResponse(
      requestor_.association(), received.context, &request, &response, nullptr);
  if (sent.bad()) {
    Throw(FailureOf(sent));
  }
}

void BoundedAssociation::Send(T_ASC_PresentationContextID context,
                              T_DIMSE_Message& request,
                              DcmDataset* identifier) {
  const OFCondition sent = DIMSE_sendMessageUsingMemoryData(
      requestor_.association(), context, &request, nullptr, identifier, nullptr, nullptr);
  if (sent.bad()) {
    Throw(FailureOf(sent));
  }
}

bool BoundedAssociation::DataWaits(std::chrono::seconds wait) const {
  return ASC_dataWaiting(requestor_.association(), static_cast<int>(wait.count())) == OFTrue;
}

void BoundedAssociation::AwaitData() {
  using Clock = std::chrono::steady_clock;
  const auto silent_until = Clock::now() + limits_.silence;
  while (ASC_dataWaiting(requestor_.association(), 1) == OFFalse) {
    if (limits_.stop.stop_requested()) {
      throw Error(ErrorCode::kTimeout, "the retriever stops");
    }
    if (Clock::now() >= silent_until) {
      throw Error(ErrorCode::kTimeout, "timeout: the peer is silent");
    }
  }
  if (Clock::now() > deadline_) {
    throw Error(ErrorCode::kTimeout, "timeout: the operation took too long");
  }
}

DUL_PDV BoundedAssociation::NextValue(DUL_DATAPDV type) {
  DUL_ASSOCIATIONKEY** association = &requestor_.association()->DULassociation;
  DUL_PDV value{};
  OFCondition condition = DUL_NextPDV(association, &value);
  if (condition.bad()) {
    AwaitData();
    condition = DUL_ReadPDVs(association, nullptr, DUL_NOBLOCK, requestor_.timeout_s());
    if (condition == DUL_PDATAPDUARRIVED) {
      condition = DUL_NextPDV(association, &value);
    }
  }
  if (condition == DUL_PEERREQUESTEDRELEASE) {
    throw Error(ErrorCode::kNetwork, "the peer released the association amid an operation");
  }
  if (condition.bad()) {
    Throw(FailureOf(condition));
  }
  if (value.pdvType != type) {
    throw Error(ErrorCode::kParse, "a command where a dataset is due, or the reverse");
  }
  return value;
}

ReceivedCommand BoundedAssociation::ReceiveCommand() {
  ReceivedCommand received;
  std::vector<std::byte> bytes;
  for (bool last = false; !last;) {
    const DUL_PDV value = NextValue(DUL_COMMANDPDV);
    if (!bytes.empty() && value.presentationContextID != received.context) {
      throw Error(ErrorCode::kParse, "a command set that changes its presentation context");
    }
    if (bytes.size() + value.fragmentLength > kMaxCommandBytes) {
      throw Error(ErrorCode::kParse, "a command set that is too long");
    }
    received.context = value.presentationContextID;
    const auto* piece = static_cast<const std::byte*>(value.data);
    bytes.insert(bytes.end(), piece, piece + value.fragmentLength);
    last = value.lastPDV;
  }
  received.command = DecodeCommand(bytes);
  received.outcome = DecodeOutcome(bytes);
  return received;
}

void BoundedAssociation::ReceiveDataset(T_ASC_PresentationContextID context,
                                        const TakeBytes& take) {
  for (bool last = false; !last;) {
    const DUL_PDV value = NextValue(DUL_DATASETPDV);
    if (value.presentationContextID != context) {
      throw Error(ErrorCode::kParse, "a dataset that changes its presentation context");
    }
    take({static_cast<const std::byte*>(value.data), value.fragmentLength});
    last = value.lastPDV;
  }
}

std::vector<std::byte> BoundedAssociation::ReceiveDataset(T_ASC_PresentationContextID context,
                                                          std::size_t limit) {
  std::vector<std::byte> bytes;
  ReceiveDataset(context, [&](std::span<const std::byte> piece) {
    if (bytes.size() + piece.size() > limit) {
      throw Error(ErrorCode::kParse, "a dataset of more than " + std::to_string(limit) + " bytes");
    }
    bytes.insert(bytes.end(), piece.begin(), piece.end());
  });
  return bytes;
}

bool BoundedAssociation::IsExplicit(T_ASC_PresentationContextID context) const {
  return TransferSyntaxOf(context).value() == kExplicitLittleEndian;
}

Identifier BoundedAssociation::ReceiveIdentifier(T_ASC_PresentationContextID context) {
  return {ReceiveDataset(context, kMaxIdentifierBytes), IsExplicit(context)};
}

}  // namespace necknode::scp
