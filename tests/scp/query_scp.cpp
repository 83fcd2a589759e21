#include "tests/scp/query_scp.h"

#include <algorithm>
#include <utility>

#include "scp/bytes.h"
#include "scp/command_set.h"
#include "scp/pdu.h"

namespace necknode::scp::tests {
namespace {

constexpr const char* kFindClass = "1.2.840.10008.5.1.4.1.2.2.1";
constexpr unsigned kFindRequest = 0x0020, kFindResponse = 0x8020, kGetRequest = 0x0010;
constexpr unsigned kPending = 0xFF00;
constexpr unsigned kWholeCommand = 3, kWholeDataset = 2;

void AppendUs(ByteWriter& writer, unsigned element, unsigned value) {
  writer.U16LittleEndian(0);
  writer.U16LittleEndian(element);
  writer.U32LittleEndian(2);
  writer.U16LittleEndian(value);
}

Bytes ResponseBytes(unsigned field, unsigned message_id, unsigned status, bool dataset) {
  std::string sop_class = kFindClass;
  sop_class.resize(sop_class.size() + sop_class.size() % 2, '\0');
  ByteWriter writer;
  writer.U16LittleEndian(0);
  writer.U16LittleEndian(0x0002);
  writer.U32LittleEndian(sop_class.size());
  writer.Text(sop_class);
  AppendUs(writer, 0x0100, field);
  AppendUs(writer, 0x0120, message_id);
  AppendUs(writer, 0x0800, dataset ? 0x0001 : kNoDataset);
  AppendUs(writer, 0x0900, status);
  return std::move(writer).Take();
}

bool SendDataset(RawPeer& peer, unsigned context, const Bytes& bytes) {
  constexpr std::size_t kPiece = 8000;
  for (std::size_t at = 0; at < bytes.size(); at += kPiece) {
    const std::size_t end = std::min(at + kPiece, bytes.size());
    const Bytes piece(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                      bytes.begin() + static_cast<std::ptrdiff_t>(end));
    if (!peer.Send(DataPdu(context, end == bytes.size() ? kWholeDataset : 0, piece))) {
      return false;
    }
  }
  return true;
}

}  // namespace

Bytes IdentifierBytes(const std::vector<Attribute>& attributes, bool explicit_vr) {
  ByteWriter writer;
  for (const Attribute& attribute : attributes) {
    std::string value = attribute.value;
    value.resize(value.size() + value.size() % 2, attribute.vr == "UI" ? '\0' : ' ');
    writer.U16LittleEndian(attribute.group);
    writer.U16LittleEndian(attribute.element);
    if (explicit_vr) {
      writer.Text(attribute.vr);
      writer.U16LittleEndian(value.size());
    } else {
      writer.U32LittleEndian(value.size());
    }
    writer.Text(value);
  }
  return std::move(writer).Take();
}

std::vector<Attribute> SeriesAnswer(const std::string& study,
                                    const std::string& series,
                                    const std::string& instances) {
  std::vector<Attribute> answer = {{0x0008, 0x0052, "CS", "SERIES"},
                                   {0x0008, 0x0060, "CS", "CT"},
                                   {0x0020, 0x000D, "UI", study},
                                   {0x0020, 0x000E, "UI", series}};
  if (!instances.empty()) {
    answer.push_back({0x0020, 0x1209, "IS", instances});
  }
  return answer;
}

QueryScp::QueryScp(Script script)
    : script_(std::move(script)), listener_([this](RawPeer peer) { Serve(std::move(peer)); }) {}

void QueryScp::Serve(RawPeer peer) {
  const auto pdu = peer.Receive();
  if (!pdu || pdu->type != 1) {
    return;
  }
  ++associations_;
  const AssociateRequest request = DecodeAssociateRequest(pdu->body);
  AssociateAccept accept;
  accept.ae_fields = request.ae_fields;
  accept.max_pdu = 16384;
  for (const auto& context : request.contexts) {
    const bool refused = script_.refused_classes.contains(context.abstract_syntax.value());
    accept.contexts.push_back(
        {context.id,
         refused ? ContextResult::kAbstractSyntaxNotSupported : ContextResult::kAccepted,
         context.abstract_syntax,
         script_.implicit_vr ? Uid(kImplicit) : context.transfer_syntaxes.at(0)});
  }
  for (const auto& role : request.roles) {
    accept.roles.push_back({role.sop_class_uid, role.scu, role.scp});
  }
  peer.Send(EncodeAssociateAccept(accept));
  ServeMessages(peer, {accept.contexts, accept.roles});
}

void QueryScp::ServeMessages(RawPeer& peer, const NegotiatedContexts& contexts) {
  Bytes command, dataset;
  while (const auto pdu = peer.Receive()) {
    if (pdu->type == 5) {
      peer.Send(EncodeReleaseResponse());
      return;
    }
    if (pdu->type != 4) {
      return;
    }
    for (const Pdv& value : DecodeData(pdu->body)) {
      Bytes& to = value.command ? command : dataset;
      to.insert(to.end(), value.bytes.begin(), value.bytes.end());
      if (!value.last || value.command) {
        continue;
      }
      const CommandRequest request = DecodeCommand(std::exchange(command, {}));
      const Bytes keys = std::exchange(dataset, {});
      const bool goes_on = request.command_field == kFindRequest
                               ? AnswerFind(peer, value.context_id, request.message_id, keys)
                               : AnswerRetrieve(peer, contexts, value.context_id, request, keys);
      if (!goes_on) {
        return;
      }
    }
  }
}

bool QueryScp::AnswerFind(RawPeer& peer, unsigned context, unsigned message_id, const Bytes& keys) {
  const Answer answer = script_.find(Identifier(keys, !script_.implicit_vr));
  if (answer.silent_until_open != nullptr) {
    answer.silent_until_open->wait();
    return false;
  }
  if (answer.abort) {
    peer.Send(EncodeAbort(kAbortByUser));
    return false;
  }
  const auto send = [&](const Bytes& identifier) {
    return peer.Send(DataPdu(
               context, kWholeCommand, ResponseBytes(kFindResponse, message_id, kPending, true))) &&
           SendDataset(peer, context, identifier);
  };
  for (const auto& identifier : answer.identifiers) {
    do {
      if (!send(IdentifierBytes(identifier, !script_.implicit_vr))) {
        return false;
      }
    } while (answer.endless);
  }
  if (!answer.raw_identifier.empty() && !send(answer.raw_identifier)) {
    return false;
  }
  return peer.Send(DataPdu(
      context, kWholeCommand, ResponseBytes(kFindResponse, message_id, answer.status, false)));
}

bool QueryScp::AnswerRetrieve(RawPeer& peer,
                              const NegotiatedContexts& contexts,
                              unsigned context,
                              const CommandRequest& request,
                              const Bytes& keys) {
  ++retrievals_;
  for (const CtImage& image : script_.retrieve(Identifier(keys, !script_.implicit_vr))) {
    if (request.command_field != kGetRequest) {
      SendMoved(image, request.message_id);
    } else if (!SendGot(peer, contexts, image)) {
      return false;
    }
    const Bytes pending =
        ResponseBytes(request.command_field | kResponseBit, request.message_id, kPending, false);
    peer.Send(DataPdu(context, kWholeCommand, pending));
  }
  return peer.Send(DataPdu(context,
                           kWholeCommand,
                           ResponseBytes(request.command_field | kResponseBit,
                                         request.message_id,
                                         script_.retrieve_status,
                                         false)));
}

void QueryScp::SendMoved(const CtImage& image, unsigned message_id) {
  RawPeer to(script_.destination_port);
  Proposal proposal;
  proposal.calling = script_.move_calling_ae;
  to.Associate(proposal);
  Command command;
  command.sop_instance = image.sop_instance_uid;
  if (script_.names_originator) {
    command.move_originator = "NECKNODE";
    command.move_message_id = message_id;
  }
  static_cast<void>(to.Ask(StoreRequest(1, image, 8192, command)));
  to.Send(ShortPdu(5));
  static_cast<void>(to.Receive());
}

bool QueryScp::SendGot(RawPeer& peer, const NegotiatedContexts& contexts, const CtImage& image) {
  for (const AnsweredContext& context : contexts.contexts) {
    if (context.abstract_syntax.value() != image.sop_class_uid) {
      continue;
    }
    Command command;
    command.sop_class = image.sop_class_uid;
    command.sop_instance = image.sop_instance_uid;
    const Response response = peer.Ask(StoreRequest(context.id, image, 8192, command));
    const std::lock_guard lock(mutex_);
    store_statuses_.push_back(response.status);
    return response.status != 0xFFFF;
  }
  return false;
}

std::vector<unsigned> QueryScp::StoreStatuses() const {
  const std::lock_guard lock(mutex_);
  return store_statuses_;
}

}  // namespace necknode::scp::tests
