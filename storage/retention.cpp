#include "storage/retention.h"

#include "storage/records.h"

namespace necknode::storage {
namespace {

struct Candidate {
  StudyId study = 0;
  std::int64_t last_used_ms = 0;
};

// A condition on the row `study` of studies: something is still to be done for it.
std::string Unfinished(const std::string& study) {
  return "(" + study + ".change <> " + study + ".considered OR " + study +
         ".state <> 'decided'"
         " OR EXISTS (SELECT 1 FROM jobs j WHERE j.study_id = " +
         study +
         ".id AND j.state IN ('queued', 'running', 'parked'))"
         " OR EXISTS (SELECT 1 FROM outbox o WHERE o.study_id = " +
         study +
         ".id AND (o.state IN ('waiting', 'parked') OR o.commitment IN ('wanted', 'asked'))))";
}

std::optional<Candidate> LongestUntouched(Database& database, const Stamp& stamp) {
  static const std::string sql =
      "SELECT s.id, MAX(s.last_received_ms,"
      " COALESCE((SELECT MAX(j.updated_ms) FROM jobs j WHERE j.study_id = s.id), 0),"
      " COALESCE((SELECT MAX(o.updated_ms) FROM outbox o WHERE o.study_id = s.id), 0)) AS used"
      " FROM studies s WHERE NOT " +
      Unfinished("s") +
      " AND NOT EXISTS (SELECT 1 FROM priors p JOIN studies c ON c.id = p.study_id"
      "  WHERE p.prior_study_instance_uid = s.study_instance_uid AND " +
      Unfinished("c") +
      ") AND NOT EXISTS (SELECT 1 FROM instances i WHERE i.study_id = s.id"
      "  AND i.state = 'stored' AND i.committed_until_ms > ?)"
      " AND (EXISTS (SELECT 1 FROM instances i WHERE i.study_id = s.id AND i.state = 'stored')"
      "  OR EXISTS (SELECT 1 FROM results r JOIN jobs j ON j.id = r.job_id"
      "   WHERE j.study_id = s.id AND r.state = 'stored'))"
      " ORDER BY used, s.id LIMIT 1";
  Statement found(database, sql);
  if (!found.Bind(stamp.wall_ms).Step())
    return std::nullopt;
  Candidate candidate;
  candidate.study = found.Integer();
  candidate.last_used_ms = found.Integer();
  return candidate;
}

std::uint64_t StoredBytes(Database& database) {
  const auto sum = [&](const char* table) {
    return static_cast<std::uint64_t>(
        database.Integer(std::string("SELECT SUM(bytes) FROM ") + table + " WHERE state = 'stored'")
            .value_or(0));
  };
  return sum("instances") + sum("results");
}

// Names the files of a query of key and bytes.
void Name(Statement& objects, ObjectKind kind, Removals& removals, Removed& removed) {
  while (objects.Step()) {
    removals.Add(kind, objects.Text());
    removed.bytes += static_cast<std::uint64_t>(objects.Integer());
    ++removed.objects;
  }
}

Removed Remove(Database& database, StudyId study, const Stamp& stamp, Removals& removals) {
  Removed removed;
  removed.studies = 1;
  {
    Statement instances(
        database,
        "SELECT object_key, bytes FROM instances WHERE study_id = ? AND state = 'stored'");
    instances.Bind(study);
    Name(instances, ObjectKind::kReceived, removals, removed);
    Statement results(database,
                      "SELECT r.object_key, r.bytes FROM results r JOIN jobs j ON j.id = r.job_id"
                      " WHERE j.study_id = ? AND r.state = 'stored'");
    results.Bind(study);
    Name(results, ObjectKind::kResult, removals, removed);
  }
  database.Run("UPDATE instances SET state = 'deleted' WHERE study_id = ? AND state = 'stored'",
               study);
  database.Run(
      "UPDATE results SET state = 'deleted' WHERE job_id IN"
      " (SELECT id FROM jobs WHERE study_id = ?)",
      study);
  AddAudit(database,
           {"retention",
            "coordinator",
            "removed",
            "study " + std::to_string(study) + ", " + std::to_string(removed.objects) + " objects",
            {.study = study, .instances = removed.objects}},
           stamp);
  return removed;
}

}  // namespace

Removed RemoveOneExpired(Database& database,
                         const RetentionLimits& limits,
                         const Stamp& stamp,
                         Removals& removals) {
  const auto candidate = LongestUntouched(database, stamp);
  if (!candidate)
    return {};
  const bool too_old = limits.max_age.count() > 0 &&
                       candidate->last_used_ms < stamp.wall_ms - limits.max_age.count();
  const bool too_large = limits.max_bytes > 0 && StoredBytes(database) > limits.max_bytes;
  return too_old || too_large ? Remove(database, candidate->study, stamp, removals) : Removed{};
}

}  // namespace necknode::storage
