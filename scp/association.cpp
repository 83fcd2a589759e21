#include "scp/association.h"

#include <algorithm>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/error.h"
#include "core/log.h"
#include "scp/audit_queue.h"

namespace necknode::scp {
namespace asio = boost::asio;
namespace {

// Some senders count a PDV's header out when they keep to our maximum length.
constexpr std::uint32_t kPduTolerance = 12;
constexpr std::size_t kReleaseBytes = 4;
constexpr std::uint8_t kTlsHandshake = 0x16;  // content type of a TLS record (RFC 8446 5.1)
constexpr std::size_t kDiscardPiece = 16 * 1024;
// After Stop() nobody waits long for a peer to close.
constexpr std::chrono::milliseconds kCloseWaitWhenStopping{500};

// Resumes on the association's strand when the rows are written. Throws what the store threw.
asio::awaitable<void> AwaitAudit(AuditQueue& audit, std::vector<storage::AuditEvent> events) {
  auto add = [&](auto handler) {
    // std::function copies, a completion handler only moves.
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    audit.Add(std::move(events), [shared](std::exception_ptr failure) {
      asio::post(asio::get_associated_executor(*shared), [shared, failure] {
        auto resume = std::move(*shared);
        resume(failure);
      });
    });
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr)>(
      add, asio::use_awaitable);
}

}  // namespace

Association::Association(asio::ip::tcp::socket socket, asio::ssl::context* tls, Services& services)
    : services_(services), options_(services.options.Get()), transport_(std::move(socket), tls) {}

asio::awaitable<void> Association::Serve() {
  transport_.SetDeadline(options_->artim);
  co_await AwaitRequest();
  if (state_ == State::kEstablished) {
    co_await TransferData();
    co_await LeaveReports();
    reader_.reset();
    services_.connections.Dissociate(*this);
    co_await ReleaseHolds();
  }
  if (state_ == State::kAwaitingClose) {
    co_await AwaitClose();
  }
  transport_.Close();
  co_await Record();
}

void Association::Post(void (Association::*work)()) {
  asio::post(transport_.executor(), [self = shared_from_this(), work] { ((*self).*work)(); });
}

void Association::Drop() { Post(&Association::CloseNow); }
void Association::RequestStop() { Post(&Association::FinishAndAbort); }
void Association::Kill() { Post(&Association::AbortNow); }

void Association::CloseNow() { transport_.Close(); }

void Association::FinishAndAbort() {
  stopping_ = true;
  if (state_ == State::kAwaitingClose) {
    transport_.SetDeadline(kCloseWaitWhenStopping);
  } else if (!reader_ || !reader_->InMessage()) {
    transport_.Wake();
  }
}

void Association::AbortNow() {
  if (state_ == State::kEstablished) {
    transport_.TrySend(EncodeAbort(kAbortByUser));
    end_ = "aborted by us";
  }
  transport_.Close();
}

// Sta2. ARTIM runs since the connection was accepted, whatever arrives.
asio::awaitable<void> Association::AwaitRequest() {
  state_ = State::kClosed;
  if (const auto wait = co_await transport_.Handshake(); wait != Transport::Wait::kReady) {
    const bool late = wait == Transport::Wait::kExpired;
    Log(LogLevel::kWarning,
        "tls_failed",
        {{"host", host()}, {"error", late ? "not in time" : transport_.tls_error()}});
    if (transport_.tls_refused()) {
      not_allowed_ = true;
      rejection_ = "TLS: " + transport_.tls_error();
    }
    co_return;
  }
  if (stopping_ || co_await transport_.Fill(kPduHeaderBytes) != Transport::Wait::kReady) {
    co_return;
  }
  const PduHeader header =
      DecodePduHeader(transport_.Peek(kPduHeaderBytes).first<kPduHeaderBytes>());
  pdu_left_ = kPduHeaderBytes + std::uint64_t{header.length};
  if (header.type == static_cast<std::uint8_t>(PduType::kAbort)) {
    co_return;
  }
  if (header.type != static_cast<std::uint8_t>(PduType::kAssociateRequest) ||
      header.length > kMaxAssociateRequestBytes) {
    Log(LogLevel::kWarning,
        "not_an_association",
        {{"host", host()},
         {"first_byte", static_cast<int>(header.type)},
         {"hint",
          header.type == kTlsHandshake ? "does the peer speak TLS on a port without?" : ""}});
    co_await Abort(kAbortByUser, "not an association request");
    co_return;
  }
  const std::size_t whole = kPduHeaderBytes + header.length;
  if (co_await transport_.Fill(whole) != Transport::Wait::kReady) {
    co_return;
  }
  std::optional<AssociateRequest> request;
  try {
    request = DecodeAssociateRequest(transport_.Peek(whole).subspan(kPduHeaderBytes));
  } catch (const Error& error) {
    Log(LogLevel::kWarning, "association_malformed", {{"host", host()}, {"error", error.what()}});
  }
  transport_.Consume(whole);
  pdu_left_ = 0;
  if (!request) {
    co_await Abort(kAbortByUser, "malformed association request");
    co_return;
  }
  co_await Admit(std::move(*request));
}

// Sta6.
asio::awaitable<void> Association::TransferData() {
  while (state_ == State::kEstablished) {
    if (stopping_ && !reader_->InMessage()) {
      co_await Abort(kAbortByUser, "aborted by us: stopping");
      co_return;
    }
    const auto limit = WaitLimit();
    transport_.SetDeadline(limit);
    const auto wait = co_await transport_.Fill(kPduHeaderBytes);
    if (wait == Transport::Wait::kWoken ||
        (wait == Transport::Wait::kExpired && co_await ReportCommitment())) {
      continue;
    }
    if (wait == Transport::Wait::kExpired) {
      co_await Abort(kAbortByUser, "aborted by us: idle for too long");
      co_return;
    }
    if (wait == Transport::Wait::kClosed) {
      state_ = State::kClosed;
      co_return;
    }
    if (limit < options_->idle) {
      transport_.SetDeadline(options_->idle);
    }
    const PduHeader header =
        DecodePduHeader(transport_.Peek(kPduHeaderBytes).first<kPduHeaderBytes>());
    pdu_left_ = kPduHeaderBytes + std::uint64_t{header.length};
    switch (static_cast<PduType>(header.type)) {
      case PduType::kData:
        co_await TakeData(header.length);
        break;
      case PduType::kReleaseRequest:
        co_await Release(header.length);
        break;
      case PduType::kAbort:
        state_ = State::kClosed;
        end_ = "aborted by peer";
        break;
      case PduType::kAssociateRequest:
      case PduType::kAssociateAccept:
      case PduType::kAssociateReject:
      case PduType::kReleaseResponse:
        co_await Abort(kAbortUnexpectedPdu, "aborted by us: unexpected PDU");
        break;
      default:
        co_await Abort(kAbortUnrecognizedPdu, "aborted by us: unrecognized PDU");
        break;
    }
  }
}

asio::awaitable<void> Association::TakeData(std::size_t length) {
  if (length > options_->max_pdu + kPduTolerance) {
    co_await Abort(kAbortInvalidParameter, "aborted by us: PDU too long");
    co_return;
  }
  const std::size_t whole = kPduHeaderBytes + length;
  // Only whole PDUs count as a sign of life: bytes that trickle in do not restart the idle limit.
  const auto wait = co_await transport_.Fill(whole);
  if (wait == Transport::Wait::kExpired) {
    co_await Abort(kAbortByUser, "aborted by us: idle for too long");
    co_return;
  }
  if (wait == Transport::Wait::kWoken) {
    co_return;
  }
  if (wait == Transport::Wait::kClosed) {
    state_ = State::kClosed;
    co_return;
  }
  transport_.ClearDeadline();
  const auto body = transport_.Peek(whole).subspan(kPduHeaderBytes);
  std::vector<Pdv> values;
  std::string malformed;
  for (std::size_t next = 0; state_ == State::kEstablished; ++next) {
    std::optional<Message> message;
    try {
      if (next == 0) {
        values = DecodeData(body);
      }
      if (next == values.size()) {
        break;
      }
      message = reader_->Take(values[next]);
    } catch (const Error& error) {
      malformed = error.what();
    }
    if (!malformed.empty()) {
      Log(LogLevel::kWarning,
          "message_malformed",
          {{"calling", calling_ae_}, {"error", malformed}});
      co_await Abort(kAbortInvalidParameter, "aborted by us: malformed message");
      co_return;
    }
    if (message) {
      co_await Answer(std::move(*message));
    }
  }
  co_await RenewHold();
  transport_.Consume(whole);
  pdu_left_ = 0;
}

asio::awaitable<void> Association::Release(std::size_t length) {
  if (length != kReleaseBytes) {
    co_await Abort(kAbortInvalidParameter, "aborted by us: malformed release request");
    co_return;
  }
  co_await EndWith(EncodeReleaseResponse());
  end_ = "released";
}

// Sta13: what still comes is dropped, until the peer closes or ARTIM expires. ARTIM is not
// restarted.
asio::awaitable<void> Association::AwaitClose() {
  transport_.SetDeadline(stopping_ ? std::min(kCloseWaitWhenStopping, options_->artim)
                                   : options_->artim);
  co_await Discard(pdu_left_);
  while (true) {
    const auto wait = co_await transport_.Fill(kPduHeaderBytes);
    if (wait == Transport::Wait::kWoken) {
      continue;
    }
    if (wait != Transport::Wait::kReady) {
      co_return;
    }
    const PduHeader header =
        DecodePduHeader(transport_.Peek(kPduHeaderBytes).first<kPduHeaderBytes>());
    transport_.Consume(kPduHeaderBytes);
    const auto type = static_cast<PduType>(header.type);
    if (type == PduType::kAbort) {
      co_return;
    }
    const bool ignored = type == PduType::kAssociateAccept || type == PduType::kAssociateReject ||
                         type == PduType::kData || type == PduType::kReleaseRequest ||
                         type == PduType::kReleaseResponse;
    if (!ignored) {
      co_await transport_.Send(EncodeAbort(
          type == PduType::kAssociateRequest ? kAbortUnexpectedPdu : kAbortUnrecognizedPdu));
    }
    co_await Discard(header.length);
  }
}

asio::awaitable<void> Association::Discard(std::uint64_t count) {
  while (count > 0) {
    if (transport_.buffered() == 0 && co_await transport_.Fill(1) != Transport::Wait::kReady) {
      co_return;
    }
    const std::size_t piece = static_cast<std::size_t>(
        std::min<std::uint64_t>(count, std::min(transport_.buffered(), kDiscardPiece)));
    transport_.Consume(piece);
    count -= piece;
  }
}

asio::awaitable<void> Association::EndWith(std::vector<std::byte> pdu) {
  transport_.SetDeadline(options_->artim);
  const bool sent = co_await transport_.Send(std::move(pdu)) == Transport::Wait::kReady;
  state_ = sent ? State::kAwaitingClose : State::kClosed;
}

asio::awaitable<void> Association::Abort(AbortReason reason, const char* why) {
  ++services_.counters.aborted;
  end_ = why;
  broken_ = reason.source != kAbortByUser.source;
  co_await EndWith(EncodeAbort(reason));
}

asio::awaitable<void> Association::Record() {
  const bool rejected = !rejection_.empty();
  if (number_ != 0 || (rejected && !calling_ae_.empty())) {
    const char* outcome = number_ == 0                ? "rejected"
                          : end_ == "released"        ? "released"
                          : end_ == "aborted by peer" ? "aborted_by_peer"
                          : end_ == "closed"          ? "connection_lost"
                                                      : "aborted_by_us";
    services_.endings.Add(kAssociationsTotal, {{"outcome", outcome}});
  }
  if (calling_ae_.empty() && called_ae_.empty()) {
    ++services_.counters.silent;
    // At debug level: load balancers and port scanners knock all day.
    Log(LogLevel::kDebug, "connection_without_association", {{"host", host()}, {"end", end_}});
    if (!rejected) {
      co_return;
    }
  } else {
    Log(rejected || broken_ ? LogLevel::kWarning : LogLevel::kInfo,
        rejected ? "association_rejected" : "association_ended",
        {{"calling", calling_ae_},
         {"called", called_ae_},
         {"host", host()},
         {"end", rejected ? rejection_ : end_},
         {"stored", tally_.stored},
         {"known", tally_.known},
         {"refused", tally_.refused},
         {"bytes", tally_.bytes}});
  }
  std::vector<storage::AuditEvent> events = studies_.Take(calling_ae_, called_ae_, host());
  storage::AuditEvent& event = events.emplace_back();
  event.event = "association";
  event.subject = calling_ae_;
  event.outcome = not_allowed_ ? "not allowed" : rejected ? "rejected" : end_;
  event.detail = "called=" + called_ae_ + " host=" + host();
  event.context.peer_ae = calling_ae_;
  event.context.own_ae = called_ae_;
  event.context.host = host();
  if (rejected) {
    event.detail += " reason=" + rejection_;
  } else {
    event.detail +=
        " stored=" + std::to_string(tally_.stored) + " known=" + std::to_string(tally_.known) +
        " refused=" + std::to_string(tally_.refused) + " bytes=" + std::to_string(tally_.bytes) +
        " echoes=" + std::to_string(tally_.echoes);
  }
  co_await WriteAudit(std::move(events));
}

asio::awaitable<void> Association::WriteAudit(std::vector<storage::AuditEvent> events) {
  std::optional<Error> failure;
  try {
    co_await AwaitAudit(services_.audit, std::move(events));
  } catch (const Error& error) {
    failure = error;
  }
  if (failure && failure->code() == ErrorCode::kStorageFailed) {
    services_.storage_failed(failure->what());
  } else if (failure) {
    Log(LogLevel::kError, "audit_failed", {{"error", failure->what()}});
  }
}

}  // namespace necknode::scp
