#include "tests/scp/scripted_scp.h"

#include <algorithm>
#include <utility>

#include "scp/command_set.h"

namespace necknode::scp::tests {

ScriptedScp::ScriptedScp(Script script)
    : script_(std::move(script)), listener_([this](RawPeer peer) { Serve(std::move(peer)); }) {}

std::vector<std::string> ScriptedScp::Received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

void ScriptedScp::Serve(RawPeer peer) {
  const auto pdu = peer.Receive();
  if (!pdu || pdu->type != 1) {
    return;
  }
  ++associations_;
  if (script_.rejection) {
    peer.Send(EncodeAssociateReject(*script_.rejection));
    static_cast<void>(peer.Receive());
    return;
  }
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
         context.transfer_syntaxes.at(0)});
  }
  peer.Send(EncodeAssociateAccept(accept));
  ServeMessages(peer);
}

void ScriptedScp::ServeMessages(RawPeer& peer) {
  Bytes command;
  while (const auto pdu = peer.Receive()) {
    if (pdu->type == 5) {
      peer.Send(EncodeReleaseResponse());
      return;
    }
    if (pdu->type != 4) {
      return;
    }
    for (const Pdv& value : DecodeData(pdu->body)) {
      if (value.command) {
        command.insert(command.end(), value.bytes.begin(), value.bytes.end());
      }
      const bool whole = value.last && (!value.command || !DecodeCommand(command).HasDataset());
      if (whole && !Answer(peer, value.context_id, std::exchange(command, {}))) {
        return;
      }
    }
  }
}

bool ScriptedScp::Answer(RawPeer& peer, unsigned context, const Bytes& command) {
  const CommandRequest request = DecodeCommand(command);
  CommandResponse response;
  if (request.command_field == kCommandStore) {
    const std::lock_guard lock(mutex_);
    received_.push_back(request.sop_instance_uid.value());
    if (!script_.statuses.empty()) {
      response.status = static_cast<std::uint16_t>(script_.statuses.front());
      script_.statuses.pop_front();
    }
  }
  if (script_.abort_on_store) {
    peer.Send(EncodeAbort(kAbortByUser));
    return false;
  }
  if (script_.answer_when_open != nullptr) {
    script_.answer_when_open->wait();
  }
  const bool sent = peer.Send(EncodeData(static_cast<std::uint8_t>(context),
                                         MessagePart::kCommand,
                                         EncodeResponse(request, response),
                                         0));
  return request.command_field == kCommandAction && script_.report ? peer.Send(*script_.report)
                                                                   : sent;
}

}  // namespace necknode::scp::tests
