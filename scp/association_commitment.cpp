// Storage commitment on an association that a peer has opened: its requests of us, and its reports
// on what the sender has asked of it.
#include <algorithm>

#include <boost/asio/post.hpp>

#include "core/ae_title.h"
#include "core/error.h"
#include "core/log.h"
#include "scp/association.h"
#include "scp/bytes.h"
#include "scp/commitment_judge.h"
#include "scp/commitment_verdict.h"
#include "scp/send_status.h"

namespace necknode::scp {
namespace asio = boost::asio;
namespace {

// A peer that wants the report over another association releases this one at once.
constexpr std::chrono::milliseconds kReportPause{500};
// Until then the report is this association's; should we die, the sender's.
constexpr std::chrono::minutes kReportHere{10};

}  // namespace

asio::awaitable<CommandResponse> Association::ServeCommitment(const Message& message) {
  const bool action = message.request.command_field == kCommandAction;
  if (action ? !options_->grant_commitment : !options_->expect_commitment_reports) {
    co_return CommandResponse{kStatusNotAuthorized, "not configured for this node", {}};
  }
  CommitmentDataset dataset;
  std::string malformed;
  try {
    dataset = DecodeCommitment(*message.dataset, reader_->IsExplicit(message.context_id));
  } catch (const Error& error) {
    malformed = error.what();
  }
  if (!malformed.empty()) {
    co_return CommandResponse{kStatusInvalidArgument, malformed, {}};
  }
  if (action) {
    co_return co_await TakeCommitmentRequest(message, dataset);
  }
  co_return co_await TakeCommitmentReport(message.request, dataset);
}

asio::awaitable<CommandResponse> Association::TakeCommitmentRequest(
    const Message& message, const CommitmentDataset& dataset) {
  if (message.request.type_id != kRequestCommitment) {
    co_return CommandResponse{kStatusNoSuchActionType, "", {}};
  }
  if (dataset.referenced.empty()) {
    co_return CommandResponse{kStatusInvalidArgument, "no instance is referenced", {}};
  }
  if (dataset.referenced.size() > kMaxCommitmentItems) {
    co_return CommandResponse{kStatusResourceLimitation, "too many instances in one request", {}};
  }
  std::optional<std::int64_t> request;
  const bool kept = co_await OnSideThread("commitment_request_not_kept", [&] {
    request = services_.store.commitment_requests().Add(
        dataset.transaction_uid, calling_ae_, called_ae_, dataset.referenced, kReportHere);
  });
  if (!kept) {
    co_return CommandResponse{kStatusResourceLimitation, "cannot keep the request", {}};
  }
  if (!request) {
    co_return CommandResponse{kStatusProcessingFailure, "the Transaction UID is in use", {}};
  }
  reports_.push_back({*request,
                      message.context_id,
                      std::chrono::steady_clock::now() + options_->idle,
                      std::make_shared<std::atomic<bool>>(false),
                      std::nullopt});
  StartJudging(reports_.back());
  co_return CommandResponse{};
}

void Association::StartJudging(const PendingReport& report) {
  asio::post(services_.judging_thread,
             [&services = services_,
              keep = options_->commitment_keep,
              request = report.request,
              judged = report.judged] {
               try {
                 JudgeCommitment(services.store, request, keep, services.stop_judging);
                 *judged = true;
               } catch (const std::bad_alloc&) {
                 Log(LogLevel::kError, "commitment_not_judged", {{"error", "out of memory"}});
               } catch (const Error& error) {
                 if (error.code() == ErrorCode::kStorageFailed) {
                   services.storage_failed(error.what());
                 } else {
                   Log(LogLevel::kError, "commitment_not_judged", {{"error", error.what()}});
                 }
               }
             });
}

asio::awaitable<CommandResponse> Association::TakeCommitmentReport(
    const CommandRequest& request, const CommitmentDataset& dataset) {
  if (request.type_id != kCommitmentComplete && request.type_id != kCommitmentFailuresExist) {
    co_return CommandResponse{kStatusNoSuchEventType, "", {}};
  }
  bool known = false;
  const bool noted = co_await OnSideThread("commitment_report_not_noted", [&] {
    auto& commitments = services_.store.commitments();
    known = MayReport(commitments.DestinationOf(dataset.transaction_uid)) &&
            commitments.Settle(dataset.transaction_uid, VerdictsOf(dataset), kResendDelay);
  });
  if (!noted) {
    co_return CommandResponse{kStatusResourceLimitation, "cannot note the report", {}};
  }
  if (!known) {
    co_return CommandResponse{kStatusInvalidArgument, "the Transaction UID is not ours", {}};
  }
  co_return CommandResponse{};
}

// Who the AE title is was judged when the association was accepted.
bool Association::MayReport(const std::string& destination) const {
  const auto& reporters = options_->commitment_reporters;
  return std::any_of(reporters.begin(), reporters.end(), [&](const auto& reporter) {
    return reporter.first == destination &&
           SameAeTitle(
               Trimmed(reporter.second.ae_title), calling_ae_, reporter.second.case_insensitive);
  });
}

std::vector<Association::PendingReport>::iterator Association::NextReport() {
  const auto now = std::chrono::steady_clock::now();
  return std::find_if(reports_.begin(), reports_.end(), [&](const PendingReport& report) {
    return !report.asked && report.give_up > now;
  });
}

std::chrono::milliseconds Association::WaitLimit() {
  const bool report_waits = NextReport() != reports_.end() && !reader_->InMessage();
  return report_waits ? std::min(kReportPause, options_->idle) : options_->idle;
}

asio::awaitable<bool> Association::ReportCommitment() {
  const auto next = NextReport();
  if (next == reports_.end() || reader_->InMessage()) {
    co_return false;
  }
  const bool one_is_asked = std::any_of(
      reports_.begin(), reports_.end(), [](const PendingReport& report) { return report.asked; });
  if (one_is_asked || !*next->judged) {
    co_return true;
  }
  std::optional<storage::CommitmentRequest> request;
  co_await OnSideThread("commitment_not_reported", [&] {
    request = services_.store.commitment_requests().Find(next->request);
  });
  if (!request || !request->judged) {
    reports_.erase(next);
    co_return true;
  }
  next->asked = ++last_message_id_;
  reader_->AwaitResponse(*next->asked);
  const CommitmentDataset report = ReportOf(*request);
  CommandRequest command;
  command.message_id = *next->asked;
  command.dataset_type = kWithDataset;
  command.sop_class_uid = Uid(kStorageCommitmentSopClass);
  command.sop_instance_uid = Uid(kStorageCommitmentSopInstance);
  command.type_id = EventTypeOf(report);
  auto pdus = EncodeData(
      next->context_id, MessagePart::kCommand, EncodeEventReport(command), peer_max_pdu_);
  const auto dataset = EncodeData(next->context_id,
                                  MessagePart::kDataset,
                                  EncodeCommitment(report, reader_->IsExplicit(next->context_id)),
                                  peer_max_pdu_);
  pdus.insert(pdus.end(), dataset.begin(), dataset.end());
  transport_.SetDeadline(options_->idle);
  if (co_await transport_.Send(std::move(pdus)) != Transport::Wait::kReady) {
    state_ = State::kClosed;
  }
  co_return true;
}

asio::awaitable<void> Association::TakeReportResponse(const CommandRequest& response) {
  const auto answered =
      std::find_if(reports_.begin(), reports_.end(), [&](const PendingReport& report) {
        return report.asked == response.message_id;
      });
  if (answered == reports_.end()) {
    co_return;
  }
  const std::int64_t request = answered->request;
  reports_.erase(answered);
  co_await OnSideThread("commitment_report_not_noted", [&] {
    auto& requests = services_.store.commitment_requests();
    if (response.status == kStatusSuccess) {
      requests.MarkReported(request);
    } else {
      requests.MarkRetry(request, StatusText(response.status), kResendDelay);
    }
  });
  // The peer listens: what else is ready need not wait for silence.
  co_await ReportCommitment();
}

asio::awaitable<void> Association::LeaveReports() {
  for (const PendingReport& report : reports_) {
    co_await OnSideThread("commitment_report_not_left", [&] {
      services_.store.commitment_requests().MarkRetry(report.request, "", {});
    });
  }
  reports_.clear();
}

}  // namespace necknode::scp
