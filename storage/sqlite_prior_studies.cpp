#include "storage/sqlite_prior_studies.h"

#include <algorithm>
#include <tuple>

#include "storage/instance_rows.h"
#include "storage/study_rows.h"

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

std::vector<EarlierStudy> SqlitePriorStudies::EarlierThan(StudyId current) const {
  return connections_.Read([&](Database& database) {
    std::vector<EarlierStudy> studies;
    PatientText id, issuer;
    EarlierStudy reference;
    {
      Statement found(database,
                      "SELECT s.patient_id, s.issuer_of_patient_id, s.study_date,"
                      " COALESCE((SELECT MIN(i.study_time) FROM instances i"
                      "  WHERE i.study_id = s.id AND i.study_time <> ''), '')"
                      " FROM studies s WHERE s.id = ?");
      if (!found.Bind(current).Step())
        return studies;
      id = PatientText(found.Text());
      issuer = PatientText(found.Text());
      reference.study_date = found.Text();
      reference.study_time = found.Text();
    }
    if (SamePatient(id, issuer, PatientText(), PatientText()) || reference.study_date.empty())
      return studies;  // no Patient ID: anybody's
    Statement rows(database,
                   "SELECT s.id, s.study_instance_uid, s.patient_id, s.issuer_of_patient_id,"
                   " s.study_date, COALESCE((SELECT MIN(i.study_time) FROM instances i"
                   "  WHERE i.study_id = s.id AND i.study_time <> ''), ''),"
                   " EXISTS (SELECT 1 FROM priors p WHERE p.study_id = ?"
                   "  AND p.prior_study_instance_uid = s.study_instance_uid),"
                   " EXISTS (SELECT 1 FROM instances i WHERE i.study_id = s.id"
                   "  AND i.is_current = 1 AND i.state = 'stored' AND i.withdrawn = 0),"
                   " EXISTS (SELECT 1 FROM instances i WHERE i.study_id = s.id"
                   "  AND i.is_current = 1 AND i.withdrawn = 1) FROM studies s"
                   " WHERE s.id <> ? AND s.state <> 'parked' AND s.study_date <> ''"
                   " AND s.study_date <= ?");
    rows.Bind(current).Bind(current).Bind(reference.study_date);
    const auto time = [](const EarlierStudy& study) {
      return std::tie(study.study_date, study.study_time);
    };
    while (rows.Step()) {
      EarlierStudy study;
      study.id = rows.Integer();
      study.study_instance_uid = Uid(rows.Text());
      const PatientText other_id(rows.Text()), other_issuer(rows.Text());
      study.study_date = rows.Text();
      study.study_time = rows.Text();
      study.fetched = rows.Bool();
      study.has_images = rows.Bool();
      const bool withdrawn = rows.Bool();
      if (SamePatient(id, issuer, other_id, other_issuer) && time(study) < time(reference) &&
          (study.has_images || !withdrawn))
        studies.push_back(std::move(study));
    }
    std::ranges::sort(studies, [&](const EarlierStudy& a, const EarlierStudy& b) {
      return std::tie(b.study_date, b.study_time, b.id) <
             std::tie(a.study_date, a.study_time, a.id);
    });
    return studies;
  });
}

std::vector<IndexedInstance> SqlitePriorStudies::Instances(StudyId study) const {
  return connections_.Read([&](Database& database) { return InstancesInAnyRole(database, study); });
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
