// The DIMSE half of an association: what is answered to a message, and what becomes of its object.
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/error.h"
#include "core/log.h"
#include "scp/association.h"
#include "scp/send_status.h"

namespace necknode::scp {
namespace asio = boost::asio;
namespace {

// Submits the instance and resumes the coroutine, on the association's strand, with what the
// committer says.
asio::awaitable<storage::AddOutcome> AwaitCommit(storage::InstanceCommitter& committer,
                                                 storage::ReceivedInstance instance,
                                                 std::string& detail) {
  auto submit = [&](auto handler) {
    // std::function copies, a completion handler only moves.
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    auto done = [shared, &detail](storage::AddOutcome outcome, const std::string& text) {
      asio::post(asio::get_associated_executor(*shared), [shared, &detail, outcome, text] {
        detail = text;
        auto resume = std::move(*shared);
        resume(outcome);
      });
    };
    try {
      committer.Submit(std::move(instance), done);
    } catch (const Error& error) {
      done(error.code() == ErrorCode::kNoSpace ? storage::AddOutcome::kNoSpace
                                               : storage::AddOutcome::kFailed,
           error.what());
    }
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(storage::AddOutcome)>(
      submit, asio::use_awaitable);
}

}  // namespace

asio::awaitable<void> Association::Answer(Message message) {
  CommandResponse response = message.response;
  if (message.object != nullptr) {
    response = co_await Store(*message.object);
    message.object.reset();
  } else if (message.dataset) {
    response = co_await ServeCommitment(message);
    if (response.status != kStatusSuccess) {
      CountRefused(response, response.error_comment);
    }
  } else if ((message.request.command_field & kResponseBit) != 0) {
    co_await TakeReportResponse(message.request);
  } else if (message.request.command_field == kCommandEcho && response.status == kStatusSuccess) {
    ++tally_.echoes;
    ++services_.counters.echoes;
  } else if (response.status != kStatusSuccess) {
    CountRefused(response, "not served");
  }
  if (!message.wants_answer) {
    co_return;
  }
  transport_.SetDeadline(options_->idle);
  auto pdu = EncodeData(message.context_id,
                        MessagePart::kCommand,
                        EncodeResponse(message.request, response),
                        peer_max_pdu_);
  if (co_await transport_.Send(std::move(pdu)) != Transport::Wait::kReady) {
    state_ = State::kClosed;
  }
}

asio::awaitable<CommandResponse> Association::Store(IncomingObject& object) {
  tally_.bytes += object.size();
  services_.counters.bytes += object.size();
  IncomingObject::Outcome outcome = object.Finish();
  if (outcome.instance) {
    co_return co_await Commit(std::move(*outcome.instance));
  }
  CountRefused(outcome.response, outcome.reason);
  if (outcome.rejected != nullptr) {
    co_await Quarantine(outcome);
  }
  if (outcome.storage_failed) {
    services_.storage_failed(outcome.reason);
  }
  co_return outcome.response;
}

asio::awaitable<CommandResponse> Association::Commit(storage::ReceivedInstance instance) {
  std::string detail;
  instance.association = number_;
  holds_studies_ = true;
  hold_renewed_ = std::chrono::steady_clock::now();
  const InstanceHeader& header = instance.header;
  const Uid study = header.study_instance_uid, sop_class = header.sop_class_uid;
  const storage::AddOutcome outcome =
      co_await AwaitCommit(services_.committer, std::move(instance), detail);
  studies_.Add(study, sop_class, outcome);
  if (studies_.full()) {
    co_await WriteAudit(studies_.Take(calling_ae_, called_ae_, host()));
  }
  CommandResponse response;
  switch (outcome) {
    case storage::AddOutcome::kStored:
    case storage::AddOutcome::kNewRevision:
      ++tally_.stored;
      ++services_.counters.stored;
      co_return response;
    case storage::AddOutcome::kSameBytes:
      ++tally_.known;
      ++services_.counters.known;
      co_return response;
    case storage::AddOutcome::kConflict:
      response = {
          kStatusDatasetDoesNotMatch, "SOP Instance UID is known with another identity", {}};
      break;
    case storage::AddOutcome::kNoSpace:
      response = {kStatusOutOfResources, "cannot store", {}};
      break;
    case storage::AddOutcome::kFailed:
      response = {kStatusOutOfResources, "cannot store", {}};
      services_.storage_failed(detail);
      break;
  }
  CountRefused(response, detail);
  co_return response;
}

asio::awaitable<void> Association::Quarantine(IncomingObject::Outcome& outcome) {
  co_await OnSideThread("quarantine_failed", [&] {
    services_.store.Quarantine(std::move(outcome.rejected), calling_ae_, outcome.reason);
  });
}

asio::awaitable<void> Association::RenewHold() {
  const IncomingObject* object = reader_ ? reader_->object() : nullptr;
  const auto now = std::chrono::steady_clock::now();
  if (!holds_studies_ || object == nullptr || !IsImage(object->header()) ||
      now - hold_renewed_ < options_->hold_renewal) {
    co_return;
  }
  hold_renewed_ = now;
  co_await OnSideThread("hold_not_renewed", [&] {
    services_.store.holds().Renew(number_, object->header().study_instance_uid);
  });
}

asio::awaitable<void> Association::ReleaseHolds() {
  if (holds_studies_) {
    co_await OnSideThread("hold_not_released", [&] { services_.store.holds().Release(number_); });
  }
}

asio::awaitable<bool> Association::OnSideThread(const char* failure_name,
                                                std::function<void()> work) {
  std::optional<Error> failure;
  try {
    co_await asio::co_spawn(
        services_.side_threads,
        [&]() -> asio::awaitable<void> {
          work();
          co_return;
        },
        asio::use_awaitable);
  } catch (const Error& error) {
    failure = error;
  }
  if (failure && failure->code() == ErrorCode::kStorageFailed) {
    services_.storage_failed(failure->what());
  } else if (failure) {
    Log(LogLevel::kError, failure_name, {{"error", failure->what()}});
  }
  co_return !failure;
}

void Association::CountRefused(const CommandResponse& response, const std::string& reason) {
  ++tally_.refused;
  ++services_.counters.refused;
  Log(LogLevel::kWarning,
      "message_refused",
      {{"calling", calling_ae_}, {"status", StatusText(response.status)}, {"reason", reason}});
}

}  // namespace necknode::scp
