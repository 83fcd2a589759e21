#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "scp/commitment_dataset.h"
#include "scp/connection_table.h"
#include "scp/message_reader.h"
#include "scp/pdu.h"
#include "scp/services.h"
#include "scp/study_tallies.h"
#include "scp/transport.h"

namespace necknode::scp {

/// One connection of the acceptor, from Sta2 to Sta1 of the state machine of PS3.8 section 9.2.
/// Sta3 and Sta8, where a local user would have to answer, last no time here, and we never request
/// a release. Lives in a shared_ptr and runs on its socket's executor, one thing at a time.
class Association : public Connection, public std::enable_shared_from_this<Association> {
 public:
  /// Speaks TLS where `tls` is given. `tls` and `services` must outlive it.
  Association(boost::asio::ip::tcp::socket socket,
              boost::asio::ssl::context* tls,
              Services& services);
  /// Serves the connection to its end and records it. Throws only what is our own mistake.
  boost::asio::awaitable<void> Serve();

  /// Where it runs.
  [[nodiscard]] boost::asio::any_io_executor executor() { return transport_.executor(); }
  [[nodiscard]] const std::string& host() const override { return transport_.host(); }
  void Drop() override;
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

  // Storage commitment.
  struct PendingReport {
    std::int64_t request = 0;
    std::uint8_t context_id = 0;
    std::chrono::steady_clock::time_point give_up;  ///< then it is left to the sender
    std::shared_ptr<std::atomic<bool>> judged;
    std::optional<std::uint16_t> asked;  ///< message id of our N-EVENT-REPORT
  };
  boost::asio::awaitable<CommandResponse> ServeCommitment(const Message& message);
  boost::asio::awaitable<CommandResponse> TakeCommitmentRequest(const Message& message,
                                                                const CommitmentDataset& dataset);
  boost::asio::awaitable<CommandResponse> TakeCommitmentReport(const CommandRequest& request,
                                                               const CommitmentDataset& dataset);
  /// Whether the peer is the destination, whose report it then is.
  [[nodiscard]] bool MayReport(const std::string& destination) const;
  void StartJudging(const PendingReport& report);
  /// The next one that could be sent here; the end where none could.
  [[nodiscard]] std::vector<PendingReport>::iterator NextReport();
  /// How long to wait for the next PDU: not long where a report could go out meanwhile.
  [[nodiscard]] std::chrono::milliseconds WaitLimit();
  /// The peer keeps the association open: sends the next report that is ready. False where none
  /// will be.
  boost::asio::awaitable<bool> ReportCommitment();
  boost::asio::awaitable<void> TakeReportResponse(const CommandRequest& response);
  /// Reports that the peer has not taken go out over another association.
  boost::asio::awaitable<void> LeaveReports();

  /// `work` runs where the association does.
  void Post(void (Association::*work)());
  void CloseNow();
  void FinishAndAbort();
  void AbortNow();

  boost::asio::awaitable<void> Quarantine(IncomingObject::Outcome& outcome);
  /// While a large image comes: its study must not be taken as complete.
  boost::asio::awaitable<void> RenewHold();
  boost::asio::awaitable<void> ReleaseHolds();
  /// Where `work` throws, storage that failed ends the receiver; anything else is logged under
  /// `failure_name`.
  /// False where it threw.
  boost::asio::awaitable<bool> OnSideThread(const char* failure_name, std::function<void()> work);
  void CountRefused(const CommandResponse& response, const std::string& reason);

  /// Sends the last PDU of the association and goes to Sta13.
  boost::asio::awaitable<void> EndWith(std::vector<std::byte> pdu);
  boost::asio::awaitable<void> Abort(AbortReason reason, const char* why);
  boost::asio::awaitable<void> Record();
  boost::asio::awaitable<void> WriteAudit(std::vector<storage::AuditEvent> events);

  Services& services_;
  std::shared_ptr<const ReceiverOptions> options_;  // that it was let in by
  Transport transport_;
  State state_ = State::kAwaitingRequest;
  bool stopping_ = false;
  std::string calling_ae_, called_ae_;
  std::uint32_t peer_max_pdu_ = 0;
  std::uint64_t pdu_left_ = 0;  ///< bytes of the PDU at hand that are not consumed yet
  std::optional<MessageReader> reader_;
  std::string end_ = "closed";  ///< how it ended, for log and audit
  bool broken_ = false;         ///< the peer has broken the protocol
  std::string rejection_;       ///< why it was rejected
  bool not_allowed_ = false;    ///< rejected for who the peer is, or is not, proved to be
  Tally tally_;
  std::vector<PendingReport> reports_;
  std::uint16_t last_message_id_ = 0;  ///< of our own requests
  storage::AssociationNumber number_ = 0;
  bool holds_studies_ = false;  ///< an image was stored
  std::chrono::steady_clock::time_point hold_renewed_{};
  StudyTallies studies_;
};

}  // namespace necknode::scp
