#include "scp/result_sent_event.h"

namespace necknode::scp {

storage::AuditEvent ResultSentEvent(const storage::OutboxRow& row,
                                    const std::string& outcome,
                                    const std::string& status,
                                    const std::string& our_ae_title,
                                    const RemotePeer& peer) {
  storage::AuditEvent event;
  event.event = "result_sent";
  event.subject = row.destination;
  event.outcome = outcome;
  event.detail = "row=" + std::to_string(row.id) + " kind=" + row.kind + " status=" + status;
  event.context.direction = storage::AuditContext::Direction::kSent;
  event.context.peer_ae = peer.ae_title;
  event.context.own_ae = our_ae_title;
  event.context.host = peer.host;
  event.context.study_instance_uid = row.study_instance_uid;
  event.context.instances = 1;
  // Of two alternatives the row does not say which one went.
  if (!row.fallback_sop_class_uid) {
    event.context.sop_class_uid = row.sop_class_uid.value();
  }
  return event;
}

}  // namespace necknode::scp
