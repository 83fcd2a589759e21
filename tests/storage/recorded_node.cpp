#include "tests/storage/recorded_node.h"

#include <algorithm>
#include <mutex>

namespace necknode::storage {
namespace {

constexpr std::size_t kDigestCharacters = 64;

std::string StudyUid(int study) { return CtHeader(study, 1).study_instance_uid.value(); }

std::function<bool(Left&)> HasRow(std::string sql, std::string first, std::string second) {
  return [=](Left& left) { return left.rows.Integer(sql, first, second).has_value(); };
}

}  // namespace

std::vector<std::byte> SealedBytes(unsigned seed) {
  auto bytes = SomeBytes(seed, 1300);
  for (const char c : Sha256Of(bytes))
    bytes.push_back(static_cast<std::byte>(c));
  return bytes;
}

bool IsWhole(const std::vector<std::byte>& bytes) {
  if (bytes.size() < kDigestCharacters)
    return false;
  const auto all = std::span(bytes);
  const std::string digest = Sha256Of(all.first(bytes.size() - kDigestCharacters));
  return std::ranges::equal(
      digest, all.last(kDigestCharacters), {}, [](char c) { return static_cast<std::byte>(c); });
}

bool FinishNextJob(Store& store) {
  const auto job = store.jobs().Acquire("worker", 1min);
  if (!job)
    return false;
  JobResult result;
  for (const std::string kind : {"SR", "PR"}) {
    auto file = store.objects().Create(ObjectKind::kResult);
    file->Write(SealedBytes(static_cast<unsigned>(job->id)));
    file->Sync();
    const std::string uid = job->study_instance_uid.value() + "." + kind;
    result.deliveries.push_back({"PACS", result.results.size(), std::nullopt, ""});
    result.results.push_back({kind, Uid("1.2.3"), Uid(uid), Uid("1.4"), file->key(), file->size()});
  }
  if (!store.jobs().Finish({job->id, job->attempt}, result))
    throw std::logic_error("the lease was lost");
  return true;
}

RecordedNode::RecordedNode(std::size_t cut)
    : log_(folder_.path(), {}, cut), files_(log_), vfs_(log_) {}

std::string RecordedNode::Live() {
  std::string error;
  try {
    LiveOrThrow();
  } catch (const Error& failed) {
    error = failed.what();
  }
  store_.reset();
  return error;
}

void RecordedNode::LiveOrThrow() {
  const auto revised = CtHeader(kDeliveredStudy, 2);
  Open();
  Send({{CtHeader(kDeliveredStudy, 1), 1}, {revised, 2}, {CtHeader(kDeliveredStudy, 3), 3}});
  Send({{CtHeader(kDeliveredStudy, 1), 1, "PACS", "SECOND"}});
  Send({{revised, 4}});
  Send({{revised, 5, "OTHER"}});
  Analyse(kDeliveredStudy);
  Deliver(kDeliveredStudy);
  store_->Checkpoint();
  clock_.Advance(48h);
  Send({{CtHeader(kWaitingStudy, 1), 6}, {CtHeader(kWaitingStudy, 2), 7}});
  Analyse(kWaitingStudy);
  RemoveExpired();
  Quarantine();
  store_->Checkpoint();
  Send({{CtHeader(kLastStudy, 1), 8}});
  store_.reset();
  Open();
  Send({{CtHeader(kLastStudy, 2), 9}});
}

void RecordedNode::Open() {
  StoreOptions options;
  options.folder = folder_.path() / kDataFolder;
  options.reserve_bytes = 0;
  options.files = &files_;
  store_ = Store::Open(options, clock_);
  for (const auto kind : {ObjectKind::kReceived, ObjectKind::kResult, ObjectKind::kQuarantine})
    store_->SweepOrphans(kind);
}

void RecordedNode::Send(const std::vector<Sent>& instances) {
  std::mutex mutex;
  const auto committer = store_->MakeCommitter();
  std::vector<std::future<AddOutcome>> answers;
  for (const Sent& sent : instances) {
    auto received =
        Received(*store_, sent.header, SealedBytes(sent.seed), sent.calling_ae, sent.called_ae);
    const auto answer = std::make_shared<std::promise<AddOutcome>>();
    answers.push_back(answer->get_future());
    committer->Submit(std::move(received),
                      [this, &mutex, sent, answer](AddOutcome outcome, const std::string&) {
                        const std::lock_guard lock(mutex);
                        Acknowledged(sent, outcome, log_.size());
                        answer->set_value(outcome);
                      });
  }
  for (auto& answer : answers) {
    const auto outcome = answer.get();
    if (outcome == AddOutcome::kNoSpace || outcome == AddOutcome::kFailed)
      throw Error(ErrorCode::kStorageFailed, "an instance was not stored");
  }
}

void RecordedNode::Acknowledged(const Sent& sent, AddOutcome outcome, std::size_t from) {
  const std::string digest = Sha256Of(SealedBytes(sent.seed));
  const std::string& uid = sent.header.sop_instance_uid.value();
  if (outcome == AddOutcome::kNoSpace || outcome == AddOutcome::kFailed)
    return;
  if (outcome == AddOutcome::kConflict) {
    promises_.push_back({from, DiskLog::kNever, "conflict in quarantine", [=](Left& left) {
                           const auto rows = left.store.QuarantineList(0);
                           return std::ranges::any_of(rows, [&](const QuarantineRow& row) {
                             return Sha256Of(left.store.objects().Read(ObjectKind::kQuarantine,
                                                                       row.object_key)) == digest;
                           });
                         }});
    return;
  }
  // That a stored row has its file is looked at for all rows.
  promises_.push_back({from,
                       DiskLog::kNever,
                       "instance " + uid,
                       HasRow("SELECT 1 FROM instances WHERE sop_instance_uid = ? AND"
                              " file_digest = ? AND state = 'stored'",
                              uid,
                              digest)});
  promises_.push_back({from,
                       DiskLog::kNever,
                       "arrival of " + uid + " for " + sent.called_ae,
                       HasRow("SELECT 1 FROM arrivals a JOIN instances i ON i.id = a.instance_id"
                              " WHERE i.sop_instance_uid = ? AND a.called_ae = ?",
                              uid,
                              sent.called_ae)});
  if (outcome == AddOutcome::kNewRevision) {
    promises_.push_back({from,
                         DiskLog::kNever,
                         "current revision of " + uid,
                         HasRow("SELECT 1 FROM instances WHERE sop_instance_uid = ? AND"
                                " file_digest = ? AND is_current = 1",
                                uid,
                                digest)});
  }
}

void RecordedNode::Analyse(int study) {
  const auto row = store_->studies().Find(Uid(StudyUid(study))).value();
  const NewJob job{.key = Sha256Of(StudyUid(study)),
                   .series_instance_uid = CtHeader(study, 1).series_instance_uid,
                   .route = "neck",
                   .package = "phantom/2",
                   .package_digest = "d1",
                   .slices = row.instances};
  static_cast<void>(store_->studies().Decide(row.id, row.change, {}, {job}, ""));
  Promised("job of study " + std::to_string(study), [key = job.key](Left& left) {
    return left.rows.Integer("SELECT 1 FROM jobs WHERE job_key = ?", key).has_value();
  });
  FinishNextJob(*store_);
  Promised("report of study " + std::to_string(study), [key = job.key](Left& left) {
    return left.rows.Integer(
               "SELECT COUNT(*) FROM outbox o JOIN jobs j ON j.id = o.job_id"
               " WHERE j.job_key = ? AND j.state = 'done'",
               key) == 2;
  });
}

void RecordedNode::Deliver(int study) {
  for (const auto& row : store_->outbox().Due("PACS", 0)) {
    store_->outbox().MarkDelivered(row.id, "0x0000", row.sop_instance_uid);
    Promised("delivery of " + row.kind + " of study " + std::to_string(study), [=](Left& left) {
      return left.store.outbox().Find(row.id)->state == OutboxState::kDelivered;
    });
  }
}

void RecordedNode::RemoveExpired() {
  retention_.first = log_.size();
  const std::string study = StudyUid(kDeliveredStudy);
  for (auto& promise : promises_) {
    if (promise.what.starts_with("instance " + study))
      promise.until = retention_.first;
  }
  static_cast<void>(store_->RemoveExpired({24h, 0}));
  retention_.second = log_.size();
  Promised("tombstones of study 1", [study](Left& left) {
    return left.rows.Integer(
               "SELECT COUNT(*) FROM instances i JOIN studies s ON s.id = i.study_id"
               " WHERE s.study_instance_uid = ? AND i.state = 'deleted'",
               study) == 4;
  });
}

void RecordedNode::Quarantine() {
  auto file = store_->objects().Create(ObjectKind::kQuarantine);
  file->Write(SealedBytes(10));
  store_->Quarantine(std::move(file), "PACS", "cannot be parsed");
  Promised("unparsable object in quarantine", [](Left& left) {
    return left.rows
        .Integer("SELECT 1 FROM quarantine WHERE reason = ?", std::string_view("cannot be parsed"))
        .has_value();
  });
}

void RecordedNode::Promised(std::string what, std::function<bool(Left&)> kept) {
  promises_.push_back({log_.size(), DiskLog::kNever, std::move(what), std::move(kept)});
}

}  // namespace necknode::storage
