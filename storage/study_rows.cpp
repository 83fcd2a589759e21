#include "storage/study_rows.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "storage/records.h"

namespace necknode::storage {
namespace {

constexpr const char* kTwoPatients = "two patients under one Study Instance UID";

// Leading and trailing spaces of LO and trailing NULs are padding (PS3.5 section 6.2).
std::string_view Trim(std::string_view text) {
  constexpr std::string_view kPadding(" \0", 2);
  const auto first = text.find_first_not_of(kPadding);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(kPadding) - first + 1);
}

}  // namespace

bool SamePatient(const PatientText& id,
                 const PatientText& issuer,
                 const PatientText& other_id,
                 const PatientText& other_issuer) {
  if (Trim(id.Reveal()) != Trim(other_id.Reveal()))
    return false;
  const auto one = Trim(issuer.Reveal());
  const auto other = Trim(other_issuer.Reveal());
  return one.empty() || other.empty() || one == other;
}

StudyId FindOrAddStudy(Database& database, const InstanceHeader& header, const Stamp& stamp) {
  {
    Statement found(database,
                    "SELECT id, patient_id, issuer_of_patient_id, state FROM studies"
                    " WHERE study_instance_uid = ?");
    if (found.Bind(header.study_instance_uid.value()).Step()) {
      const StudyId study = found.Integer();
      const PatientText id(found.Text()), issuer(found.Text());
      const bool parked = found.Text() == "parked";
      if (!SamePatient(id, issuer, header.patient_id, header.issuer_of_patient_id)) {
        if (!parked)
          ParkStudy(database, study, kTwoPatients, stamp);
      } else if (Trim(issuer.Reveal()).empty() && !header.issuer_of_patient_id.empty()) {
        database.Run("UPDATE studies SET issuer_of_patient_id = ? WHERE id = ?",
                     Raw{header.issuer_of_patient_id.Reveal()},
                     study);
      }
      return study;
    }
  }
  database.Run(
      "INSERT INTO studies (study_instance_uid, patient_id, issuer_of_patient_id, patient_name,"
      " specific_character_set, study_date, study_description, change, considered, state, reason,"
      " instances, bytes, first_received_ms, last_received_ms, quiet_boot_id, quiet_boot_ms)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 'receiving', '', 0, 0, ?, ?, ?, ?)",
      header.study_instance_uid.value(),
      Raw{header.patient_id.Reveal()},
      Raw{header.issuer_of_patient_id.Reveal()},
      Raw{header.patient_name.Reveal()},
      header.specific_character_set,
      header.study_date,
      Raw{header.study_description},
      stamp.wall_ms,
      stamp.wall_ms,
      stamp.boot_id,
      stamp.boot_ms);
  return database.LastInsertId();
}

void RaiseChange(Database& database,
                 StudyId study,
                 bool image,
                 int instances,
                 std::int64_t bytes,
                 const Stamp& stamp) {
  database.Run(
      "UPDATE studies SET instances = instances + ?, bytes = bytes + ?, last_received_ms = ?"
      " WHERE id = ?",
      instances,
      bytes,
      stamp.wall_ms,
      study);
  if (image) {
    database.Run(
        "UPDATE studies SET change = change + 1, quiet_boot_id = ?, quiet_boot_ms = ?,"
        " state = CASE state WHEN 'parked' THEN 'parked' ELSE 'receiving' END WHERE id = ?",
        stamp.boot_id,
        stamp.boot_ms,
        study);
  } else {
    database.Run(
        "UPDATE studies SET considered = CASE WHEN state = 'decided' AND considered = change"
        " THEN change + 1 ELSE considered END, change = change + 1 WHERE id = ?",
        study);
  }
}

void RefreshStudyTexts(Database& database, StudyId study, const InstanceHeader& header) {
  database.Run(
      "UPDATE studies SET patient_name = ?, specific_character_set = ?, study_date = ?,"
      " study_description = ? WHERE id = ?",
      Raw{header.patient_name.Reveal()},
      header.specific_character_set,
      header.study_date,
      Raw{header.study_description},
      study);
}

bool NamesTwoPatients(Database& database, StudyId study) {
  Statement rows(database,
                 "SELECT DISTINCT patient_id, issuer_of_patient_id FROM instances"
                 " WHERE study_id = ? AND is_current = 1 AND withdrawn = 0");
  rows.Bind(study);
  std::vector<std::pair<PatientText, PatientText>> patients;
  while (rows.Step()) {
    PatientText id(rows.Text());
    PatientText issuer(rows.Text());
    patients.emplace_back(std::move(id), std::move(issuer));
  }
  for (const auto& [id, issuer] : patients) {
    for (const auto& [other_id, other_issuer] : patients) {
      if (!SamePatient(id, issuer, other_id, other_issuer))
        return true;
    }
  }
  return false;
}

void ParkStudy(Database& database, StudyId study, const std::string& reason, const Stamp& stamp) {
  database.Run("UPDATE studies SET state = 'parked', reason = ?, parked_ms = ? WHERE id = ?",
               reason,
               stamp.wall_ms,
               study);
  database.Run(
      "UPDATE jobs SET state = 'parked', reason = ?, owner = '', updated_ms = ? WHERE study_id = ?"
      " AND state IN ('queued', 'running')",
      reason,
      stamp.wall_ms,
      study);
  AddAudit(database,
           {"study",
            "storage",
            "parked",
            "study " + std::to_string(study) + ": " + reason,
            {.study = study}},
           stamp);
}

void RestartQuietTimes(Connections& connections, const Stamp& stamp) {
  constexpr std::string_view kWhere = " WHERE quiet_boot_id <> ? AND change <> considered";
  const bool any = connections.Read([&](Database& database) {
    return database
        .Integer(std::string("SELECT id FROM studies").append(kWhere).append(" LIMIT 1"),
                 stamp.boot_id)
        .has_value();
  });
  if (!any)
    return;
  connections.Write([&](Database& database) {
    database.Run(
        std::string("UPDATE studies SET quiet_boot_id = ?, quiet_boot_ms = ?").append(kWhere),
        stamp.boot_id,
        stamp.boot_ms,
        stamp.boot_id);
  });
}

StudyRow ReadStudy(Statement& from, const Stamp& stamp) {
  StudyRow row;
  row.id = from.Integer();
  row.study_instance_uid = Uid(from.Text());
  row.patient_id = PatientText(from.Text());
  row.patient_name = PatientText(from.Text());
  row.specific_character_set = from.Text();
  row.study_date = from.Text();
  row.study_description = from.Text();
  row.change = from.Integer();
  row.considered = from.Integer();
  row.state = from.Text();
  row.reason = from.Text();
  row.instances = from.Int();
  row.bytes = static_cast<std::uint64_t>(from.Integer());
  row.decided = WallTimeOf(from.Integer());
  row.parked = WallTimeOf(from.Integer());
  row.first_received = WallTimeOf(from.Integer());
  row.last_received = WallTimeOf(from.Integer());
  const bool this_boot = from.Text() == stamp.boot_id;
  const std::int64_t since = from.Integer();
  // Of a boot before this one: it has been quiet for as long as the machine runs.
  const std::int64_t quiet = this_boot ? stamp.boot_ms - since : stamp.boot_ms;
  row.quiet_for = std::chrono::milliseconds(std::max<std::int64_t>(quiet, 0));
  if (this_boot && !from.IsNull()) {
    row.heard_ago =
        std::chrono::milliseconds(std::max<std::int64_t>(stamp.boot_ms - from.Integer(), 0));
  }
  return row;
}

}  // namespace necknode::storage
