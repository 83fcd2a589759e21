#include "storage/sqlite_commitment_requests.h"

#include <algorithm>

#include "storage/records.h"

namespace necknode::storage {
namespace {

std::vector<RequestedCommitment> ItemsOf(Database& database, std::int64_t request) {
  Statement rows(database,
                 "SELECT sop_class_uid, sop_instance_uid, failure_reason"
                 " FROM commitment_request_items WHERE request_id = ? ORDER BY ordinal");
  rows.Bind(request);
  std::vector<RequestedCommitment> items;
  while (rows.Step()) {
    auto& item = items.emplace_back();
    item.reference.sop_class_uid = Uid(rows.Text());
    item.reference.sop_instance_uid = Uid(rows.Text());
    item.failure_reason = static_cast<std::uint16_t>(rows.Integer());
  }
  return items;
}

// In whatever order.
bool SameReferences(const std::vector<RequestedCommitment>& items,
                    std::vector<SopReference> references) {
  std::vector<SopReference> known;
  for (const RequestedCommitment& item : items)
    known.push_back(item.reference);
  std::sort(known.begin(), known.end());
  std::sort(references.begin(), references.end());
  return known == references;
}

// Judged anew: what was stored then may be gone.
void ReportAgain(Database& database,
                 std::int64_t request,
                 std::chrono::milliseconds delay,
                 const Stamp& stamp) {
  database.Run(
      "UPDATE commitment_requests SET state = 'waiting', judged = 0, attempts = 0, reason = '',"
      " due_boot_id = ?, due_boot_ms = ?, updated_ms = ? WHERE id = ?",
      stamp.boot_id,
      stamp.boot_ms + delay.count(),
      stamp.wall_ms,
      request);
}

bool StillStored(Database& database,
                 const SopReference& reference,
                 const std::string& digest,
                 std::int64_t until_ms) {
  return database.Run(
             "UPDATE instances SET committed_until_ms = MAX(committed_until_ms, ?)"
             " WHERE sop_instance_uid = ? AND is_current = 1 AND state = 'stored'"
             " AND file_digest = ?",
             until_ms,
             reference.sop_instance_uid.value(),
             digest) == 1;
}

}  // namespace

std::optional<std::int64_t> SqliteCommitmentRequests::Add(
    const Uid& transaction_uid,
    const std::string& calling_ae,
    const std::string& called_ae,
    const std::vector<SopReference>& references,
    std::chrono::milliseconds delay) {
  return connections_.Write([&](Database& database) -> std::optional<std::int64_t> {
    const Stamp stamp(clock_);
    const auto known = database.Integer(
        "SELECT id FROM commitment_requests WHERE calling_ae = ? AND transaction_uid = ?",
        calling_ae,
        transaction_uid.value());
    if (known) {
      if (!SameReferences(ItemsOf(database, *known), references))
        return std::nullopt;
      ReportAgain(database, *known, delay, stamp);
      return known;
    }
    database.Run(
        "INSERT INTO commitment_requests (transaction_uid, calling_ae, called_ae, state,"
        " due_boot_id, due_boot_ms, created_ms, updated_ms) VALUES (?, ?, ?, 'waiting', ?, ?, ?,"
        " ?)",
        transaction_uid.value(),
        calling_ae,
        called_ae,
        stamp.boot_id,
        stamp.boot_ms + delay.count(),
        stamp.wall_ms,
        stamp.wall_ms);
    const auto request = database.LastInsertId();
    int ordinal = 0;
    for (const SopReference& reference : references) {
      database.Run(
          "INSERT INTO commitment_request_items (request_id, ordinal, sop_class_uid,"
          " sop_instance_uid) VALUES (?, ?, ?, ?)",
          request,
          ordinal++,
          reference.sop_class_uid.value(),
          reference.sop_instance_uid.value());
    }
    return request;
  });
}

std::optional<CommitmentRequest> SqliteCommitmentRequests::Find(std::int64_t request) const {
  return connections_.Read([&](Database& database) -> std::optional<CommitmentRequest> {
    Statement found(database,
                    "SELECT transaction_uid, calling_ae, called_ae, judged, attempts"
                    " FROM commitment_requests WHERE id = ?");
    if (!found.Bind(request).Step())
      return std::nullopt;
    CommitmentRequest result;
    result.id = request;
    result.transaction_uid = Uid(found.Text());
    result.calling_ae = found.Text();
    result.called_ae = found.Text();
    result.judged = found.Bool();
    result.attempts = found.Int();
    result.items = ItemsOf(database, request);
    return result;
  });
}

std::vector<CommitmentRequestRow> ReadCommitmentRequests(Database& database,
                                                         std::int64_t before,
                                                         std::int64_t limit) {
  Statement found(database,
                  "SELECT id, transaction_uid, calling_ae, state, judged, attempts, last_status,"
                  " reason, count(*), sum(failure_reason <> 0) FROM commitment_requests"
                  " JOIN commitment_request_items ON request_id = id WHERE id < ?"
                  " GROUP BY id ORDER BY id DESC LIMIT ?");
  found.Bind(before).Bind(limit);
  std::vector<CommitmentRequestRow> rows;
  while (found.Step()) {
    auto& row = rows.emplace_back();
    row.id = found.Integer();
    row.transaction_uid = Uid(found.Text());
    row.calling_ae = found.Text();
    row.state = found.Text();
    row.judged = found.Bool();
    row.attempts = found.Int();
    row.last_status = found.Text();
    row.reason = found.Text();
    row.instances = found.Int();
    row.failed = found.Int();
  }
  return rows;
}

std::vector<CommitmentRequestRow> SqliteCommitmentRequests::List(int limit) const {
  return connections_.Read([&](Database& database) {
    return ReadCommitmentRequests(database, AtMost(0), AtMost(limit));
  });
}

std::vector<std::string> SqliteCommitmentRequests::DueCallingAes() const {
  return connections_.Read([&](Database& database) {
    const Stamp stamp(clock_);
    static const std::string sql =
        std::string(
            "SELECT DISTINCT calling_ae FROM commitment_requests WHERE state = 'waiting' AND ")
            .append(kIsDue);
    Statement rows(database, sql);
    rows.Bind(stamp.boot_id).Bind(stamp.boot_ms);
    std::vector<std::string> titles;
    while (rows.Step())
      titles.push_back(rows.Text());
    return titles;
  });
}

std::vector<std::int64_t> SqliteCommitmentRequests::Due(const std::string& calling_ae) const {
  return connections_.Read([&](Database& database) {
    const Stamp stamp(clock_);
    static const std::string sql =
        std::string("SELECT id FROM commitment_requests WHERE state = 'waiting' AND ")
            .append(kIsDue)
            .append(" AND calling_ae = ? ORDER BY id");
    Statement rows(database, sql);
    rows.Bind(stamp.boot_id).Bind(stamp.boot_ms).Bind(calling_ae);
    std::vector<std::int64_t> due;
    while (rows.Step())
      due.push_back(rows.Integer());
    return due;
  });
}

std::optional<StoredInstance> SqliteCommitmentRequests::FindStored(
    const Uid& sop_instance_uid) const {
  return connections_.Read([&](Database& database) -> std::optional<StoredInstance> {
    Statement found(database,
                    "SELECT object_key, file_digest, sop_class_uid FROM instances"
                    " WHERE sop_instance_uid = ? AND is_current = 1 AND state = 'stored'");
    if (!found.Bind(sop_instance_uid.value()).Step())
      return std::nullopt;
    StoredInstance stored;
    stored.object_key = found.Text();
    stored.file_digest = found.Text();
    stored.sop_class_uid = Uid(found.Text());
    return stored;
  });
}

void SqliteCommitmentRequests::Judge(std::int64_t request,
                                     const std::vector<Judgement>& judgements,
                                     std::chrono::milliseconds keep) {
  connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    const auto items = ItemsOf(database, request);
    if (items.size() != judgements.size()) {
      throw Error(ErrorCode::kInvalidArgument, "a judgement of other instances");
    }
    int committed = 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
      std::uint16_t reason = judgements[i].failure_reason;
      if (reason == 0 &&
          !StillStored(
              database, items[i].reference, judgements[i].digest, stamp.wall_ms + keep.count())) {
        reason = kNoSuchObjectInstance;
      }
      committed += reason == 0 ? 1 : 0;
      database.Run(
          "UPDATE commitment_request_items SET failure_reason = ? WHERE request_id = ?"
          " AND ordinal = ?",
          reason,
          request,
          i);
    }
    database.Run("UPDATE commitment_requests SET judged = 1, updated_ms = ? WHERE id = ?",
                 stamp.wall_ms,
                 request);
    AddAudit(database,
             {"commitment_request",
              "storage",
              "judged",
              "request=" + std::to_string(request) + " instances=" + std::to_string(items.size()) +
                  " committed=" + std::to_string(committed)},
             stamp);
  });
}

void SqliteCommitmentRequests::MarkReported(std::int64_t request) {
  connections_.Write([&](Database& database) {
    database.Run(
        "UPDATE commitment_requests SET state = 'reported', attempts = attempts + 1,"
        " updated_ms = ? WHERE id = ?",
        Stamp(clock_).wall_ms,
        request);
  });
}

void SqliteCommitmentRequests::Forget(std::chrono::milliseconds age) {
  constexpr std::string_view kOld =
      "SELECT id FROM commitment_requests WHERE state <> 'waiting' AND updated_ms < ? ORDER BY id"
      " LIMIT 1";
  const auto before = Stamp(clock_).wall_ms - age.count();
  // Asked often: do not take the write lock for a no.
  const auto old =
      connections_.Read([&](Database& database) { return database.Integer(kOld, before); });
  if (!old)
    return;
  connections_.Write([&](Database& database) {
    database.Run("DELETE FROM commitment_request_items WHERE request_id = ?", *old);
    database.Run("DELETE FROM commitment_requests WHERE id = ?", *old);
  });
}

void SqliteCommitmentRequests::MarkRetry(std::int64_t request,
                                         const std::string& status,
                                         std::chrono::milliseconds delay) {
  connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    database.Run(
        "UPDATE commitment_requests SET attempts = attempts + ?, last_status = ?, due_boot_id = ?,"
        " due_boot_ms = ?, updated_ms = ? WHERE id = ? AND state = 'waiting'",
        status.empty() ? 0 : 1,
        status,
        stamp.boot_id,
        stamp.boot_ms + delay.count(),
        stamp.wall_ms,
        request);
  });
}

void SqliteCommitmentRequests::MarkParked(std::int64_t request,
                                          const std::string& status,
                                          const std::string& reason) {
  connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    database.Run(
        "UPDATE commitment_requests SET state = 'parked', last_status = ?, reason = ?,"
        " updated_ms = ? WHERE id = ? AND state = 'waiting'",
        status,
        reason,
        stamp.wall_ms,
        request);
    AddAudit(database,
             {"commitment_request",
              "sender",
              "parked",
              "request=" + std::to_string(request) + " status=" + status},
             stamp);
  });
}

}  // namespace necknode::storage
