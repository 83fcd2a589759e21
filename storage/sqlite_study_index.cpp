#include "storage/sqlite_study_index.h"

#include "storage/audit_rows.h"
#include "storage/instance_rows.h"
#include "storage/job_rows.h"
#include "storage/study_rows.h"

namespace necknode::storage {

std::vector<StudyRow> SqliteStudyIndex::List(int limit) const {
  return connections_.Read([&](Database& database) {
    return SelectStudies(database, Stamp(clock_), "ORDER BY id DESC LIMIT ?", AtMost(limit));
  });
}

std::optional<StudyRow> SqliteStudyIndex::Find(const Uid& study_instance_uid) const {
  auto found = connections_.Read([&](Database& database) {
    return SelectStudies(
        database, Stamp(clock_), "WHERE study_instance_uid = ?", study_instance_uid.value());
  });
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::optional<StudyRow> SqliteStudyIndex::Find(StudyId study) const {
  auto found = connections_.Read([&](Database& database) {
    return SelectStudies(database, Stamp(clock_), "WHERE id = ?", study);
  });
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::vector<StudyRow> SqliteStudyIndex::Unconsidered() const {
  return connections_.Read([&](Database& database) {
    return SelectStudies(
        database, Stamp(clock_), "WHERE change <> considered AND state <> 'parked' ORDER BY id");
  });
}

std::vector<IndexedInstance> SqliteStudyIndex::Instances(StudyId study) const {
  return connections_.Read(
      [&](Database& database) { return CurrentInstances(database, study, Uid()); });
}

std::vector<IndexedInstance> SqliteStudyIndex::InstancesOfSeries(StudyId study,
                                                                 const Uid& series) const {
  if (series.empty())
    return {};
  return connections_.Read(
      [&](Database& database) { return CurrentInstances(database, study, series); });
}

std::vector<Arrival> SqliteStudyIndex::Arrivals(StudyId study) const {
  return connections_.Read([&](Database& database) {
    Statement rows(database,
                   "SELECT DISTINCT calling_ae, called_ae FROM arrivals WHERE study_id = ?"
                   " ORDER BY calling_ae, called_ae");
    rows.Bind(study);
    std::vector<Arrival> arrivals;
    while (rows.Step()) {
      auto& arrival = arrivals.emplace_back();
      arrival.calling_ae = rows.Text();
      arrival.called_ae = rows.Text();
    }
    return arrivals;
  });
}

std::vector<SeriesDecision> SqliteStudyIndex::Decisions(StudyId study) const {
  return connections_.Read([&](Database& database) {
    Statement rows(database,
                   "SELECT series_instance_uid, route, selected, reason FROM decisions"
                   " WHERE study_id = ? ORDER BY id");
    rows.Bind(study);
    std::vector<SeriesDecision> decisions;
    while (rows.Step()) {
      auto& decision = decisions.emplace_back();
      decision.series_instance_uid = Uid(rows.Text());
      decision.route = rows.Text();
      decision.selected = rows.Bool();
      decision.reason = rows.Text();
    }
    return decisions;
  });
}

bool SqliteStudyIndex::Decide(StudyId study,
                              std::int64_t expected_change,
                              const std::vector<SeriesDecision>& decisions,
                              const std::vector<NewJob>& jobs,
                              const std::string& reason) {
  return connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    const int unchanged = database.Run(
        "UPDATE studies SET considered = change, state = 'decided', reason = ?,"
        " decided_ms = ? WHERE id = ? AND change = ? AND state <> 'parked'",
        reason,
        stamp.wall_ms,
        study,
        expected_change);
    if (unchanged == 0)
      return false;
    database.Run("DELETE FROM decisions WHERE study_id = ?", study);
    for (const auto& decision : decisions) {
      database.Run(
          "INSERT INTO decisions (study_id, series_instance_uid, route, selected, reason)"
          " VALUES (?, ?, ?, ?, ?)",
          study,
          decision.series_instance_uid.value(),
          decision.route,
          decision.selected,
          decision.reason);
    }
    for (const auto& job : jobs)
      MakeJob(database, study, job, stamp);
    return true;
  });
}

bool SqliteStudyIndex::AddJobs(StudyId study,
                               std::int64_t expected_change,
                               const std::vector<NewJob>& jobs,
                               const std::string& user) {
  return connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    const auto unchanged = database.Integer(
        "SELECT id FROM studies WHERE id = ? AND change = ? AND considered = change"
        " AND state = 'decided'",
        study,
        expected_change);
    if (!unchanged)
      return false;
    for (const auto& job : jobs) {
      MakeJob(database, study, job, stamp);
      AddAudit(
          database,
          {"job",
           "person",
           "analysed again",
           "study " + std::to_string(study) + ", route " + job.route + ", package " + job.package,
           {.user = user, .study = study}},
          stamp);
    }
    return true;
  });
}

void SqliteStudyIndex::Unpark(StudyId study, bool same_patient, const std::string& user) {
  connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    const std::string name = "study " + std::to_string(study);
    const auto found = SelectStudies(database, stamp, "WHERE id = ?", study);
    if (found.empty())
      throw Error(ErrorCode::kNotFound, "there is no " + name);
    if (found.front().state != "parked")
      throw Error(ErrorCode::kConflict, name + " is not parked");
    const bool two = NamesTwoPatients(database, study);
    if (two && !same_patient) {
      throw Error(ErrorCode::kConflict,
                  name +
                      " has images of two patients: it is analysed only once a person has said"
                      " that both are the same one");
    }
    database.Run(
        "UPDATE jobs SET state = 'superseded', reason = 'its study is decided on anew',"
        " deaths_alone = 0, suspect = '', deaths_of_suspect = 0, updated_ms = ?"
        " WHERE study_id = ? AND state = 'parked' AND reason = ?",
        stamp.wall_ms,
        study,
        found.front().reason);
    database.Run(
        "UPDATE studies SET state = 'receiving', reason = '', change = change + 1 WHERE id = ?",
        study);
    AddAudit(database,
             {"study",
              "person",
              "unparked",
              name + (two ? ": both patients are the same one" : ""),
              {.user = user, .study = study}},
             stamp);
  });
}

}  // namespace necknode::storage
