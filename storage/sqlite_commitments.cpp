#include "storage/sqlite_commitments.h"

#include <algorithm>

#include "storage/records.h"

namespace necknode::storage {
namespace {

std::optional<Commitment> Find(Database& database, std::int64_t id) {
  Statement found(database,
                  "SELECT transaction_uid, destination, attempts FROM commitments WHERE id = ?");
  if (!found.Bind(id).Step())
    return std::nullopt;
  Commitment commitment;
  commitment.id = id;
  commitment.transaction_uid = Uid(found.Text());
  commitment.destination = found.Text();
  commitment.attempts = found.Int();
  Statement items(database,
                  "SELECT CASE o.sent_sop_instance_uid WHEN f.sop_instance_uid THEN f.sop_class_uid"
                  " ELSE r.sop_class_uid END, o.sent_sop_instance_uid"
                  " FROM commitment_items c JOIN outbox o ON o.id = c.outbox_id"
                  " JOIN results r ON r.id = o.result_id"
                  " LEFT JOIN results f ON f.id = o.fallback_result_id"
                  " WHERE c.commitment_id = ? ORDER BY o.id");
  items.Bind(id);
  while (items.Step()) {
    auto& item = commitment.items.emplace_back();
    item.sop_class_uid = Uid(items.Text());
    item.sop_instance_uid = Uid(items.Text());
  }
  return commitment;
}

std::optional<std::int64_t> NewTransaction(Database& database,
                                           const std::string& destination,
                                           const Uid& transaction_uid,
                                           const Stamp& stamp) {
  if (!database.Integer("SELECT id FROM outbox WHERE destination = ? AND commitment = 'wanted'"
                        " LIMIT 1",
                        destination)) {
    return std::nullopt;
  }
  database.Run(
      "INSERT INTO commitments (transaction_uid, destination, state, created_ms, updated_ms)"
      " VALUES (?, ?, 'waiting', ?, ?)",
      transaction_uid.value(),
      destination,
      stamp.wall_ms,
      stamp.wall_ms);
  const auto id = database.LastInsertId();
  database.Run(
      "INSERT INTO commitment_items (commitment_id, outbox_id) SELECT ?, id FROM outbox"
      " WHERE destination = ? AND commitment = 'wanted' ORDER BY id LIMIT ?",
      id,
      destination,
      Commitments::kMostItems);
  database.Run(
      "UPDATE outbox SET commitment = 'asked', commitment_tries = commitment_tries + 1,"
      " updated_ms = ? WHERE id IN"
      " (SELECT outbox_id FROM commitment_items WHERE commitment_id = ?)",
      stamp.wall_ms,
      id);
  return id;
}

struct Item {
  std::int64_t outbox = 0;
  std::string sop_instance_uid, destination;
  int tries = 0;
};

// Documents of the transaction that still wait for its report: one that was released meanwhile is
// on its way again.
std::vector<Item> OpenItems(Database& database, std::int64_t commitment) {
  Statement rows(database,
                 "SELECT o.id, o.sent_sop_instance_uid, o.destination, o.commitment_tries"
                 " FROM commitment_items c JOIN outbox o ON o.id = c.outbox_id"
                 " WHERE c.commitment_id = ? AND o.state = 'delivered' AND o.commitment = 'asked'");
  rows.Bind(commitment);
  std::vector<Item> items;
  while (rows.Step()) {
    auto& item = items.emplace_back();
    item.outbox = rows.Integer();
    item.sop_instance_uid = rows.Text();
    item.destination = rows.Text();
    item.tries = rows.Int();
  }
  return items;
}

void Park(Database& database, const Item& item, const std::string& reason, const Stamp& stamp) {
  database.Run(
      "UPDATE outbox SET state = 'parked', commitment = 'none', reason = ?, updated_ms = ?"
      " WHERE id = ?",
      reason,
      stamp.wall_ms,
      item.outbox);
}

void Apply(Database& database,
           const Item& item,
           const CommitmentVerdict& verdict,
           std::chrono::milliseconds delay,
           const Stamp& stamp) {
  using Kind = CommitmentVerdict::Kind;
  std::string outcome;
  const bool again = verdict.kind == Kind::kSendAgain || verdict.kind == Kind::kAskAgain;
  if (verdict.kind == Kind::kCommitted) {
    outcome = "committed";
    database.Run(
        "UPDATE outbox SET commitment = 'committed', committed_ms = ?, updated_ms = ? WHERE id = ?",
        stamp.wall_ms,
        stamp.wall_ms,
        item.outbox);
  } else if (!again || item.tries >= Commitments::kMostTries) {
    outcome = "parked";
    Park(database,
         item,
         "the destination does not commit itself to it (" + verdict.status + "), asked " +
             std::to_string(item.tries) + " times",
         stamp);
  } else if (verdict.kind == Kind::kSendAgain) {
    outcome = "not committed, sent again";
    database.Run(
        "UPDATE outbox SET state = 'waiting', commitment = 'none', attempts = 0, last_status = ?1,"
        " due_boot_id = ?2, due_boot_ms = ?3, waiting_since_ms = ?4, updated_ms = ?4"
        " WHERE id = ?5",
        "not committed: " + verdict.status,
        stamp.boot_id,
        stamp.boot_ms + delay.count(),
        stamp.wall_ms,
        item.outbox);
  } else {
    outcome = "not committed, asked again";
    database.Run("UPDATE outbox SET commitment = 'wanted', updated_ms = ? WHERE id = ?",
                 stamp.wall_ms,
                 item.outbox);
  }
  AddAudit(database,
           {"commitment",
            item.destination,
            outcome,
            "row=" + std::to_string(item.outbox) + " status=" + verdict.status},
           stamp);
}

void End(Database& database,
         std::int64_t commitment,
         const std::string& status,
         const Stamp& stamp) {
  database.Run(
      "UPDATE commitments SET state = 'ended', last_status = ?, updated_ms = ? WHERE id = ?",
      status,
      stamp.wall_ms,
      commitment);
}

}  // namespace

std::vector<std::string> SqliteCommitments::DueDestinations() const {
  return connections_.Read([&](Database& database) {
    const Stamp stamp(clock_);
    static const std::string sql =
        std::string(
            "SELECT destination FROM outbox WHERE commitment = 'wanted'"
            " UNION SELECT destination FROM commitments WHERE state = 'waiting' AND ")
            .append(kIsDue);
    Statement rows(database, sql);
    rows.Bind(stamp.boot_id).Bind(stamp.boot_ms);
    std::vector<std::string> destinations;
    while (rows.Step())
      destinations.push_back(rows.Text());
    return destinations;
  });
}

std::optional<Commitment> SqliteCommitments::Next(const std::string& destination,
                                                  const Uid& transaction_uid) {
  return connections_.Write([&](Database& database) -> std::optional<Commitment> {
    const Stamp stamp(clock_);
    static const std::string due = std::string(
                                       "SELECT id FROM commitments WHERE destination = ?"
                                       " AND state = 'waiting' AND ")
                                       .append(kIsDue)
                                       .append(" ORDER BY id LIMIT 1");
    auto id = database.Integer(due, destination, stamp.boot_id, stamp.boot_ms);
    if (!id)
      id = NewTransaction(database, destination, transaction_uid, stamp);
    return id ? Find(database, *id) : std::nullopt;
  });
}

std::string SqliteCommitments::DestinationOf(const Uid& transaction_uid) const {
  return connections_.Read([&](Database& database) {
    Statement found(database, "SELECT destination FROM commitments WHERE transaction_uid = ?");
    return found.Bind(transaction_uid.value()).Step() ? found.Text() : std::string();
  });
}

bool SqliteCommitments::HasEnded(std::int64_t commitment) const {
  return connections_.Read([&](Database& database) {
    return database
        .Integer("SELECT id FROM commitments WHERE id = ? AND state = 'ended'", commitment)
        .has_value();
  });
}

void SqliteCommitments::MarkAsked(std::int64_t commitment, const std::string& status) {
  connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    // The report may have come before the answer.
    database.Run(
        "UPDATE commitments SET state = 'asked', attempts = attempts + 1, last_status = ?,"
        " asked_ms = ?, updated_ms = ? WHERE id = ? AND state = 'waiting'",
        status,
        stamp.wall_ms,
        stamp.wall_ms,
        commitment);
  });
}

void SqliteCommitments::MarkRetry(std::int64_t commitment,
                                  const std::string& status,
                                  std::chrono::milliseconds delay) {
  connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    database.Run(
        "UPDATE commitments SET attempts = attempts + 1, last_status = ?, due_boot_id = ?,"
        " due_boot_ms = ?, updated_ms = ? WHERE id = ? AND state = 'waiting'",
        status,
        stamp.boot_id,
        stamp.boot_ms + delay.count(),
        stamp.wall_ms,
        commitment);
  });
}

void SqliteCommitments::MarkRefused(std::int64_t commitment,
                                    const std::string& status,
                                    const std::string& reason) {
  connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    for (const Item& item : OpenItems(database, commitment)) {
      Park(database, item, reason, stamp);
      AddAudit(database,
               {"commitment",
                item.destination,
                "refused",
                "row=" + std::to_string(item.outbox) + " status=" + status},
               stamp);
    }
    End(database, commitment, status, stamp);
  });
}

bool SqliteCommitments::Settle(const Uid& transaction_uid,
                               const std::vector<CommitmentVerdict>& verdicts,
                               std::chrono::milliseconds delay) {
  return connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    const auto id = database.Integer("SELECT id FROM commitments WHERE transaction_uid = ?",
                                     transaction_uid.value());
    if (!id)
      return false;
    if (!database.Integer("SELECT id FROM commitments WHERE id = ? AND state <> 'ended'", *id))
      return true;
    for (const Item& item : OpenItems(database, *id)) {
      const auto verdict =
          std::find_if(verdicts.begin(), verdicts.end(), [&](const CommitmentVerdict& candidate) {
            return candidate.sop_instance_uid.value() == item.sop_instance_uid;
          });
      Apply(database,
            item,
            verdict != verdicts.end()
                ? *verdict
                : CommitmentVerdict{{}, CommitmentVerdict::Kind::kAskAgain, "not in the report"},
            delay,
            stamp);
    }
    End(database, *id, "reported", stamp);
    return true;
  });
}

int SqliteCommitments::Expire(std::chrono::milliseconds wait) {
  const Stamp now(clock_);
  const auto latest = now.wall_ms - wait.count();
  constexpr std::string_view kExpired =
      "SELECT id FROM commitments WHERE state = 'asked' AND asked_ms <= ? ORDER BY id LIMIT 1";
  int expired = 0;
  while (true) {
    // Asked often: do not take the write lock for a no.
    const auto id =
        connections_.Read([&](Database& database) { return database.Integer(kExpired, latest); });
    if (!id)
      return expired;
    connections_.Write([&](Database& database) {
      const Stamp stamp(clock_);
      for (const Item& item : OpenItems(database, *id)) {
        Apply(database,
              item,
              {{}, CommitmentVerdict::Kind::kAskAgain, "no report in time"},
              std::chrono::milliseconds(0),
              stamp);
      }
      End(database, *id, "no report in time", stamp);
    });
    ++expired;
  }
}

}  // namespace necknode::storage
