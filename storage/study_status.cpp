#include "storage/study_status.h"

#include <algorithm>
#include <utility>

#include "storage/job_rows.h"
#include "storage/study_rows.h"

namespace necknode::storage {
namespace {

// The first that holds. A failed job counts while it is the newest of its route.
constexpr std::string_view kStatus = R"sql(
CASE
  WHEN studies.state = 'parked' THEN 'attention'
  WHEN studies.change <> studies.considered THEN
    CASE WHEN studies.quiet_boot_id <> ?1 OR ?2 - studies.quiet_boot_ms < ?3
           OR EXISTS (SELECT 1 FROM holds h WHERE h.study_id = studies.id
                      AND h.heard_boot_id = ?1 AND ?2 - h.heard_boot_ms < 2 * ?3)
      THEN 'receiving' ELSE 'waiting' END
  WHEN EXISTS (SELECT 1 FROM jobs j WHERE j.study_id = studies.id AND (j.state = 'parked'
         OR (j.state = 'failed' AND NOT EXISTS (SELECT 1 FROM jobs n
             WHERE n.study_id = j.study_id AND n.route = j.route AND n.id > j.id))))
    OR EXISTS (SELECT 1 FROM outbox o WHERE o.study_id = studies.id AND o.state = 'parked')
    THEN 'attention'
  WHEN EXISTS (SELECT 1 FROM jobs j WHERE j.study_id = studies.id AND j.state = 'running')
    THEN 'analysing'
  WHEN EXISTS (SELECT 1 FROM jobs j WHERE j.study_id = studies.id AND j.state = 'queued')
    THEN 'queued'
  WHEN EXISTS (SELECT 1 FROM outbox o WHERE o.study_id = studies.id
               AND (o.state = 'waiting' OR o.commitment IN ('wanted', 'asked')))
    THEN 'sending'
  WHEN EXISTS (SELECT 1 FROM jobs j WHERE j.study_id = studies.id
               AND j.state IN ('done', 'same_content'))
    THEN 'done'
  ELSE 'not_analysed'
END)sql";

std::vector<std::string> AwaitedBy(Database& database, StudyId study) {
  Statement rows(database,
                 "SELECT kind, peer FROM archive_requests WHERE study_id = ? AND state = 'waiting'"
                 " ORDER BY id");
  rows.Bind(study);
  std::vector<std::string> awaited;
  while (rows.Step()) {
    const std::string what =
        rows.Text() == "count" ? "the number of its images at " : "earlier studies at ";
    awaited.push_back(what + rows.Text());
  }
  return awaited;
}

// By destination, where they differ.
std::string ReasonOf(const std::vector<std::pair<std::string, std::string>>& reasons) {
  const bool same = std::ranges::all_of(
      reasons, [&](const auto& one) { return one.second == reasons.front().second; });
  std::string text;
  for (const auto& [destination, reason] : reasons) {
    if (same)
      return reason;
    if (!reason.empty())
      text.append(text.empty() ? "" : "; ").append(destination).append(": ").append(reason);
  }
  return text;
}

StudySummary::Documents DocumentsOf(Database& database, StudyId study) {
  // States in the order in which a reason matters. What was not sent was behind one that failed.
  Statement rows(database,
                 "SELECT state, destination, COUNT(*), MAX(status || CASE WHEN status = ''"
                 " OR reason = '' THEN '' ELSE ': ' END || reason) FROM"
                 " (SELECT state, destination, reason, CASE last_status WHEN 'not sent' THEN ''"
                 " ELSE last_status END AS status FROM outbox WHERE study_id = ?)"
                 " GROUP BY state, destination ORDER BY state IN ('delivered') DESC,"
                 " state = 'waiting' DESC, state = 'parked', destination");
  rows.Bind(study);
  StudySummary::Documents documents;
  std::string reasons_of;  // a state
  std::vector<std::pair<std::string, std::string>> reasons;
  while (rows.Step()) {
    const std::string state = rows.Text();
    std::string destination = rows.Text();
    const int count = rows.Int();
    std::string reason = rows.Text();
    if (state == "delivered") {
      documents.delivered += count;
      continue;
    }
    (state == "waiting"  ? documents.waiting
     : state == "parked" ? documents.parked
                         : documents.withheld) += count;
    if (state != reasons_of)
      reasons.clear();
    reasons_of = state;
    reasons.emplace_back(std::move(destination), std::move(reason));
  }
  documents.reason = ReasonOf(reasons);
  return documents;
}

}  // namespace

std::string SelectSummaries(const std::string& condition) {
  return std::string("SELECT status,")
      .append(kStudyColumns)
      .append("FROM (SELECT studies.*,")
      .append(kStatus)
      .append(" AS status FROM studies) AS studies ")
      .append(condition);
}

void BindStatus(Statement& query, const Stamp& stamp, std::chrono::milliseconds quiet_time) {
  query.Bind(stamp.boot_id).Bind(stamp.boot_ms).Bind(quiet_time.count());
}

StudySummary ReadSummary(Statement& from, const Stamp& stamp) {
  StudySummary summary;
  summary.status = from.Text();
  summary.study = ReadStudy(from, stamp);
  return summary;
}

void FillSummary(Database& database, StudySummary& summary) {
  const StudyId study = summary.study.id;
  if (summary.status == "waiting")
    summary.awaited = AwaitedBy(database, study);
  summary.jobs = SelectJobs(database, "WHERE j.study_id = ? ORDER BY j.id DESC", study);
  summary.documents = DocumentsOf(database, study);
}

}  // namespace necknode::storage
