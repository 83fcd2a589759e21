#include "scp/retriever.h"

#include <utility>

#include "core/error.h"
#include "core/log.h"
#include "scp/archive_query.h"

namespace necknode::scp {
namespace {

using storage::ArchiveRequest;
using Kind = storage::ArchiveRequestKind;

constexpr std::chrono::seconds kPauseAfterOwnFailure{10};

// Whether an archive that made this happen may do better another time.
bool MayGoWell(const Error& error) { return error.code() != ErrorCode::kUnsupported; }

// What the archive did, as against what our own storage did.
bool IsOfArchive(const Error& error) {
  return error.code() == ErrorCode::kNetwork || error.code() == ErrorCode::kTimeout ||
         error.code() == ErrorCode::kParse || error.code() == ErrorCode::kUnsupported;
}

}  // namespace

Retriever::Retriever(RetrieverOptions options, storage::Store& store)
    : options_(std::move(options)), store_(store) {}

Retriever::~Retriever() { Stop(); }

void Retriever::Stop() {
  const std::lock_guard lock(mutex_);
  stop_.request_stop();
  wake_.notify_all();
}

void Retriever::Finish() {
  const std::lock_guard lock(mutex_);
  finishing_ = true;
  wake_.notify_all();
}

bool Retriever::Pause(std::chrono::milliseconds duration) {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, duration, [this] { return finishing_ || stop_.stop_requested(); });
}

void Retriever::Run() {
  std::vector<std::jthread> lanes;
  for (const RemotePeer& peer : options_.counting) {
    lanes.emplace_back([this, &peer] { RunLane(Kind::kCount, peer); });
  }
  if (options_.priors) {
    lanes.emplace_back([this] { RunLane(Kind::kPriors, options_.priors->archive); });
  }
  {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return finishing_ || stop_.stop_requested(); });
  }
  lanes.clear();
  if (failure_) {
    std::rethrow_exception(failure_);
  }
}

void Retriever::RunLane(Kind kind, const RemotePeer& peer) {
  auto pause = options_.poll;
  do {
    pause = options_.poll;
    try {
      if (const auto request = store_.archive_requests().Begin(kind, peer.name)) {
        Serve(*request, peer);
        pause = std::chrono::milliseconds(0);
      }
    } catch (const Error& error) {
      Log(LogLevel::kError, "retriever_failed", {{"peer", peer.name}, {"error", error.what()}});
      pause = kPauseAfterOwnFailure;
      if (error.code() == ErrorCode::kStorageFailed) {
        EndWith(std::current_exception());
      }
    } catch (...) {
      EndWith(std::current_exception());
    }
  } while (Pause(pause));
}

void Retriever::EndWith(std::exception_ptr failure) {
  {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(failure);
  }
  Stop();
}

void Retriever::Serve(const ArchiveRequest& request, const RemotePeer& peer) {
  try {
    if (request.kind == Kind::kCount) {
      Count(request, peer);
    } else {
      Fetch(request);
    }
    ++answered_;
  } catch (const Error& error) {
    if (!IsOfArchive(error)) {
      throw;
    }
    if (stop_.stop_requested()) {
      return;
    }
    ++failed_;
    const bool again = MayGoWell(error);
    store_.archive_requests().Fail(request, error.what(), again);
    Log(LogLevel::kWarning,
        "archive_failed",
        {{"peer", peer.name},
         {"study", request.study_instance_uid.ShortName()},
         {"try", request.tries},
         {"again", again && request.tries < storage::kMaxArchiveTries},
         {"reason", error.what()}});
  }
}

void Retriever::Count(const ArchiveRequest& request, const RemotePeer& peer) {
  ArchiveQuery query(options_.our_ae_title, peer, options_.timeout, stop_.get_token());
  std::vector<storage::SeriesCount> counts;
  for (const ArchivedSeries& series : query.SeriesOf(request.study_instance_uid)) {
    counts.push_back({series.series_instance_uid, series.instances});
  }
  query.Release();
  store_.archive_requests().AnswerCounts(request, counts);
  Log(LogLevel::kInfo,
      "archive_counted",
      {{"peer", peer.name},
       {"study", request.study_instance_uid.ShortName()},
       {"series", counts.size()}});
}

void Retriever::Fetch(const ArchiveRequest& request) {
  RetrieveOptions retrieve;
  retrieve.our_ae_title = options_.our_ae_title;
  retrieve.timeout = options_.timeout;
  retrieve.stop = stop_.get_token();
  PriorFetch(*options_.priors, retrieve, store_).Serve(request);
}

std::string Retriever::StatusLine() const {
  return "answered=" + std::to_string(answered_) + " failed=" + std::to_string(failed_);
}

}  // namespace necknode::scp
