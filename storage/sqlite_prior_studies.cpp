#include "storage/sqlite_prior_studies.h"

namespace necknode::storage {

bool SqlitePriorStudies::Request(StudyId current, const Uid& prior, const PriorOrigin& origin) {
  return connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    // What is here as current comes, or came, by itself.
    const bool here = database
                          .Integer(
                              "SELECT i.id FROM instances i JOIN studies s ON s.id = i.study_id"
                              " WHERE s.study_instance_uid = ? AND i.role = 'current'"
                              " AND i.is_current = 1 AND i.state = 'stored' LIMIT 1",
                              prior.value())
                          .has_value();
    return database.Run(
               "INSERT INTO priors (study_id, prior_study_instance_uid, peer, archive_ae, our_ae,"
               " state, reason, created_ms, updated_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
               " ON CONFLICT (study_id, prior_study_instance_uid) DO UPDATE SET"
               " state = excluded.state, reason = excluded.reason, updated_ms = excluded.updated_ms"
               " WHERE priors.state <> 'stored'",
               current,
               prior.value(),
               origin.peer,
               origin.archive_ae,
               origin.our_ae,
               here ? "stored" : "requested",
               here ? "not fetched: here as a study of its own" : "",
               stamp.wall_ms,
               stamp.wall_ms) == 1 &&
           !here;
  });
}

void SqlitePriorStudies::End(StudyId current, const Uid& prior, const std::string& failure) {
  connections_.Write([&](Database& database) {
    database.Run(
        "UPDATE priors SET state = ?, reason = ?, updated_ms = ? WHERE study_id = ?"
        " AND prior_study_instance_uid = ?",
        failure.empty() ? "stored" : "failed",
        failure,
        Stamp(clock_).wall_ms,
        current,
        prior.value());
  });
}

std::vector<PriorStudy> SqlitePriorStudies::Of(StudyId current) const {
  return connections_.Read([&](Database& database) {
    Statement rows(database,
                   "SELECT p.prior_study_instance_uid, p.peer, p.state, p.reason,"
                   " (SELECT COUNT(*) FROM instances i JOIN studies s ON s.id = i.study_id"
                   "  WHERE s.study_instance_uid = p.prior_study_instance_uid AND i.is_current = 1"
                   "  AND i.state = 'stored') FROM priors p WHERE p.study_id = ? ORDER BY p.id");
    rows.Bind(current);
    std::vector<PriorStudy> priors;
    while (rows.Step()) {
      auto& prior = priors.emplace_back();
      prior.study_instance_uid = Uid(rows.Text());
      prior.peer = rows.Text();
      prior.state = rows.Text();
      prior.reason = rows.Text();
      prior.instances = rows.Int();
    }
    return priors;
  });
}

int SqlitePriorStudies::Held(const Uid& study, const Uid& series) const {
  return connections_.Read([&](Database& database) {
    return static_cast<int>(
        database
            .Integer("SELECT COUNT(*) FROM instances i JOIN studies s ON s.id = i.study_id"
                     " WHERE s.study_instance_uid = ? AND i.series_instance_uid = ?"
                     " AND i.is_current = 1 AND i.state = 'stored'",
                     study.value(),
                     series.value())
            .value_or(0));
  });
}

}  // namespace necknode::storage
