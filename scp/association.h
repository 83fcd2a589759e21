#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "scp/connection_table.h"
#include "scp/message_reader.h"
#include "scp/pdu.h"
#include "scp/services.h"
#include "scp/study_tallies.h"
#include "scp/transport.h"

namespace necknode::scp {

/// One connection of the acceptor, from Sta2 to Sta1 of the state machine of PS3.8 section 9.2.
/// Sta3 and Sta8, where a local user would have to answer, last no time here, and we never request
/// a release. Runs on the io_context's thread.
class Association : public Connection {
 public:
  /// Speaks TLS where `tls` is given. `tls` and `services` must outlive it.
  Association(boost::asio::ip::tcp::socket socket,
              boost::asio::ssl::context* tls,
              Services& services);
  /// Serves the connection to its end and records it. Throws only what is our own mistake.
  boost::asio::awaitable<void> Serve();

  [[nodiscard]] const std::string& host() const override { return transport_.host(); }
  void Drop() override { transport_.Close(); }
  void RequestStop() override;
  void Kill() override;

 private:
  enum class State {
    kAwaitingRequest,
    kEstablished,
    kAwaitingClose,
    kClosed
  };  // Sta2, Sta6, Sta13, Sta1
  struct Tally {
    std::uint64_t stored = 0, known = 0, refused = 0, bytes = 0, echoes = 0;
  };

  boost::asio::awaitable<void> AwaitRequest();
  boost::asio::awaitable<void> Admit(AssociateRequest request);
  boost::asio::awaitable<std::optional<Rejection>> Judge(const AssociateRequest& request);
  boost::asio::awaitable<bool> HostAllowed(const AssociateRequest& request);
  boost::asio::awaitable<void> TransferData();
  boost::asio::awaitable<void> TakeData(std::size_t length);
  boost::asio::awaitable<void> Release(std::size_t length);
  boost::asio::awaitable<void> AwaitClose();
  boost::asio::awaitable<void> Discard(std::uint64_t count);

  boost::asio::awaitable<void> Answer(Message message);
  boost::asio::awaitable<CommandResponse> Store(IncomingObject& object);
  boost::asio::awaitable<CommandResponse> Commit(storage::ReceivedInstance instance);
  boost::asio::awaitable<void> Quarantine(IncomingObject::Outcome& outcome);
  void CountRefused(const CommandResponse& response, const std::string& reason);

  /// Sends the last PDU of the association and goes to Sta13.
  boost::asio::awaitable<void> EndWith(std::vector<std::byte> pdu);
  boost::asio::awaitable<void> Abort(AbortReason reason, const char* why);
  boost::asio::awaitable<void> Record();
  boost::asio::awaitable<void> WriteAudit(std::vector<storage::AuditEvent> events);

  Services& services_;
  Transport transport_;
  State state_ = State::kAwaitingRequest;
  bool stopping_ = false;
  std::string calling_ae_, called_ae_;
  std::uint32_t peer_max_pdu_ = 0;
  std::uint64_t pdu_left_ = 0;  ///< bytes of the PDU at hand that are not consumed yet
  std::optional<MessageReader> reader_;
  std::string end_ = "closed";  ///< how it ended, for log and audit
  std::string rejection_;       ///< why it was rejected
  bool not_allowed_ = false;    ///< rejected for who the peer is, or is not, proved to be
  Tally tally_;
  StudyTallies studies_;
};

}  // namespace necknode::scp
