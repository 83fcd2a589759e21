#include "storage/sqlite_catalog.h"

#include <algorithm>

#include "storage/audit_rows.h"
#include "storage/job_rows.h"
#include "storage/node_counts.h"
#include "storage/outbox_rows.h"
#include "storage/quarantine.h"
#include "storage/query_filter.h"
#include "storage/sqlite_commitment_requests.h"
#include "storage/study_status.h"

namespace necknode::storage {
namespace {

constexpr int kRowsAtOnce = 1000;  // of a search, in one transaction

std::vector<StudySummary> SelectStudyPage(Database& database,
                                          const StudyQuery& query,
                                          std::int64_t before,
                                          std::int64_t limit,
                                          const Stamp& stamp) {
  QueryFilter filter;
  filter.AddPage("id", {before, 0});
  filter.AddText("status = ?", query.status);
  filter.AddSpan("first_received_ms", query.first_received);
  Statement rows(database, SelectSummaries(filter.text() + " ORDER BY id DESC LIMIT ?"));
  BindStatus(rows, stamp, query.quiet_time);
  filter.BindTo(rows);
  rows.Bind(limit);
  std::vector<StudySummary> found;
  while (rows.Step())
    found.push_back(ReadSummary(rows, stamp));
  return found;
}

// `text` somewhere, as LIKE wants it: its own wildcards are ordinary characters.
std::string Somewhere(const std::string& text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\')
      pattern += '\\';
    pattern += c;
  }
  return pattern + "%";
}

}  // namespace

Page<StudySummary> SqliteCatalog::Studies(const StudyQuery& query) const {
  const std::int64_t wanted = OneMoreThan(query.page.limit);
  const std::int64_t at_once =
      query.matches ? kRowsAtOnce : std::min<std::int64_t>(wanted, kRowsAtOnce);
  std::vector<StudySummary> found;
  std::int64_t before = query.page.before;
  while (static_cast<std::int64_t>(found.size()) < wanted) {
    auto some = connections_.Read([&](Database& database) {
      return SelectStudyPage(database, query, before, at_once, Stamp(clock_));
    });
    if (some.empty())
      break;
    before = some.back().study.id;
    const bool last = static_cast<std::int64_t>(some.size()) < at_once;
    for (auto& summary : some) {
      if (static_cast<std::int64_t>(found.size()) < wanted &&
          (!query.matches || query.matches(summary.study)))
        found.push_back(std::move(summary));
    }
    if (last)
      break;
  }
  auto page = PageFrom(
      std::move(found), query.page, [](const StudySummary& summary) { return summary.study.id; });
  for (auto& summary : page.items) {
    connections_.Read([&](Database& database) { FillSummary(database, summary); });
  }
  return page;
}

std::optional<StudySummary> SqliteCatalog::Study(StudyId study,
                                                 std::chrono::milliseconds quiet_time) const {
  return connections_.Read([&](Database& database) -> std::optional<StudySummary> {
    const Stamp stamp(clock_);
    Statement row(database, SelectSummaries("WHERE id = ?"));
    BindStatus(row, stamp, quiet_time);
    if (!row.Bind(study).Step())
      return std::nullopt;
    StudySummary summary = ReadSummary(row, stamp);
    FillSummary(database, summary);
    return summary;
  });
}

std::vector<SeriesSummary> SqliteCatalog::Series(StudyId study) const {
  return connections_.Read([&](Database& database) {
    Statement rows(
        database,
        "SELECT i.series_instance_uid, MIN(i.series_number), MAX(i.series_description),"
        " MAX(i.specific_character_set), MAX(i.modality), COUNT(*), d.route, d.selected, d.reason"
        " FROM instances i LEFT JOIN (SELECT MIN(id) AS first, series_instance_uid AS series,"
        "  route, MAX(selected) AS selected, MAX(reason) AS reason FROM decisions"
        "  WHERE study_id = ? GROUP BY series_instance_uid, route) d"
        " ON d.series = i.series_instance_uid"
        " WHERE i.study_id = ? AND i.is_current = 1 AND i.withdrawn = 0"
        " GROUP BY i.series_instance_uid, d.route"
        " ORDER BY MIN(i.series_number), i.series_instance_uid, MIN(d.first)");
    rows.Bind(study).Bind(study);
    std::vector<SeriesSummary> series;
    while (rows.Step()) {
      auto& one = series.emplace_back();
      one.series_instance_uid = Uid(rows.Text());
      one.series_number = rows.OptionalInt();
      one.description = rows.Text();
      one.specific_character_set = rows.Text();
      one.modality = rows.Text();
      one.instances = rows.Int();
      one.route = rows.Text();
      one.selected = rows.Bool();
      one.reason = rows.Text();
    }
    return series;
  });
}

Page<Job> SqliteCatalog::Jobs(const JobQuery& query) const {
  QueryFilter filter;
  filter.AddPage("j.id", query.page);
  filter.AddText("j.state = ?", query.state);
  filter.AddText("j.route = ?", query.route);
  if (query.study != 0)
    filter.Add("j.study_id = ?", query.study);
  auto jobs = connections_.Read([&](Database& database) {
    Statement rows(database,
                   std::string(kSelectJobs) + filter.text() + " ORDER BY j.id DESC LIMIT ?");
    filter.BindTo(rows);
    rows.Bind(OneMoreThan(query.page.limit));
    std::vector<Job> found;
    while (rows.Step())
      found.push_back(ReadJob(rows));
    return found;
  });
  return PageFrom(std::move(jobs), query.page, [](const Job& job) { return job.id; });
}

Page<OutboxRow> SqliteCatalog::Outbox(const OutboxQuery& query) const {
  QueryFilter filter;
  filter.AddPage("o.id", query.page);
  filter.AddText("o.state = ?", query.state);
  filter.AddText("o.destination = ?", query.destination);
  if (query.study != 0)
    filter.Add("o.study_id = ?", query.study);
  auto rows = connections_.Read([&](Database& database) {
    const Stamp stamp(clock_);
    Statement found(database,
                    std::string(kSelectOutbox) + filter.text() + " ORDER BY o.id DESC LIMIT ?");
    filter.BindTo(found);
    found.Bind(OneMoreThan(query.page.limit));
    std::vector<OutboxRow> all;
    while (found.Step())
      all.push_back(ReadOutboxRow(found, stamp));
    return all;
  });
  return PageFrom(std::move(rows), query.page, [](const OutboxRow& row) { return row.id; });
}

Page<AuditRow> SqliteCatalog::Audit(const AuditQuery& query) const {
  QueryFilter filter;
  filter.AddPage("a.id", query.page);
  filter.AddText("a.event = ?", query.event);
  filter.AddText("a.subject = ?", query.subject);
  if (query.study != 0)
    filter.Add("a.study_id = ?", query.study);
  if (query.people)
    filter.Append("a.user <> ''");
  if (!query.search.empty()) {
    filter.Add(
        "a.subject || ' ' || a.outcome || ' ' || a.detail || ' ' || a.user || ' ' || a.host ||"
        " ' ' || a.peer_ae || ' ' || a.own_ae LIKE ? ESCAPE '\\'",
        Somewhere(query.search));
  }
  filter.AddSpan("a.time_ms", query.time);
  auto rows = connections_.Read([&](Database& database) {
    Statement found(database,
                    std::string("SELECT ").append(kAuditColumns) + " FROM audit a " +
                        filter.text() + " ORDER BY a.id DESC LIMIT ?");
    filter.BindTo(found);
    found.Bind(OneMoreThan(query.page.limit));
    std::vector<AuditRow> all;
    while (found.Step())
      all.push_back(ReadAuditRow(found));
    return all;
  });
  return PageFrom(std::move(rows), query.page, [](const AuditRow& row) { return row.id; });
}

Page<QuarantineRow> SqliteCatalog::Quarantine(const PageOf& page) const {
  auto rows = connections_.Read([&](Database& database) {
    return ReadQuarantine(
        database, page.before > 0 ? page.before : AtMost(0), OneMoreThan(page.limit));
  });
  return PageFrom(std::move(rows), page, [](const QuarantineRow& row) { return row.id; });
}

Page<CommitmentRequestRow> SqliteCatalog::CommitmentRequests(const PageOf& page) const {
  auto rows = connections_.Read([&](Database& database) {
    return ReadCommitmentRequests(
        database, page.before > 0 ? page.before : AtMost(0), OneMoreThan(page.limit));
  });
  return PageFrom(std::move(rows), page, [](const CommitmentRequestRow& row) { return row.id; });
}

NodeCounts SqliteCatalog::Counts() const {
  return connections_.Read([&](Database& database) { return CountNode(database, Stamp(clock_)); });
}

std::map<std::string, std::int64_t> SqliteCatalog::Marks() const {
  return connections_.Read([](Database& database) {
    Statement rows(database, "SELECT topic, mark FROM marks");
    std::map<std::string, std::int64_t> marks;
    while (rows.Step()) {
      const std::string topic = rows.Text();
      marks[topic] = rows.Integer();
    }
    return marks;
  });
}

}  // namespace necknode::storage
