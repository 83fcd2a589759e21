#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/connections.h"
#include "storage/study_index.h"

namespace necknode::storage {

/// Compares ID and issuer without padding spaces. An absent issuer fits any: modalities often leave
/// it out.
[[nodiscard]] bool SamePatient(const PatientText& id,
                               const PatientText& issuer,
                               const PatientText& other_id,
                               const PatientText& other_issuer);

/// The study of an instance. Where it is known under another patient, it is parked with its open
/// jobs.
StudyId FindOrAddStudy(Database& database, const InstanceHeader& header, const Stamp& stamp);

/// Counts an arrival. Anything but an image neither restarts the quiet time nor reopens a study
/// that was decided on.
void RaiseChange(Database& database,
                 StudyId study,
                 bool image,
                 int instances,
                 std::int64_t bytes,
                 const Stamp& stamp);

/// Takes over name, date and description of a corrected instance.
void RefreshStudyTexts(Database& database, StudyId study, const InstanceHeader& header);

/// Whether the current instances of a study name patients that SamePatient tells apart.
[[nodiscard]] bool NamesTwoPatients(Database& database, StudyId study);

/// The study waits for a person: no job of it runs or will be made.
void ParkStudy(Database& database, StudyId study, const std::string& reason, const Stamp& stamp);

/// Quiet times that ran under another boot start again.
void RestartQuietTimes(Connections& connections, const Stamp& stamp);

/// Rows of a query that ends in `tail`, e.g. "WHERE s.id = ?".
template <typename... Values>
std::vector<StudyRow> SelectStudies(Database& database,
                                    const Stamp& stamp,
                                    std::string_view tail,
                                    const Values&... values);

/// One row of kStudyColumns.
[[nodiscard]] StudyRow ReadStudy(Statement& from, const Stamp& stamp);
inline constexpr std::string_view kStudyColumns =
    " id, study_instance_uid, patient_id, patient_name, specific_character_set, study_date,"
    " study_description, change, considered, state, reason, instances, bytes, decided_ms,"
    " parked_ms, first_received_ms,"
    " last_received_ms, quiet_boot_id, quiet_boot_ms, (SELECT MAX(heard_boot_ms) FROM holds"
    "  WHERE study_id = studies.id AND heard_boot_id = quiet_boot_id) ";

template <typename... Values>
std::vector<StudyRow> SelectStudies(Database& database,
                                    const Stamp& stamp,
                                    std::string_view tail,
                                    const Values&... values) {
  Statement rows(database,
                 std::string("SELECT").append(kStudyColumns).append("FROM studies ").append(tail));
  (rows.Bind(values), ...);
  std::vector<StudyRow> studies;
  while (rows.Step())
    studies.push_back(ReadStudy(rows, stamp));
  return studies;
}

}  // namespace necknode::storage
