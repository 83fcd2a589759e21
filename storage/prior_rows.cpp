#include "storage/prior_rows.h"

#include "storage/study_rows.h"

namespace necknode::storage {
namespace {

// Whether the study that `condition` names, if there is one, is of the instance's patient.
template <typename Value>
bool FitsPatient(Database& database,
                 std::string_view condition,
                 const Value& value,
                 const InstanceHeader& header) {
  Statement found(
      database,
      std::string("SELECT patient_id, issuer_of_patient_id FROM studies WHERE ").append(condition));
  if (!found.Bind(value).Step())
    return true;
  const PatientText id(found.Text()), issuer(found.Text());
  return SamePatient(id, issuer, header.patient_id, header.issuer_of_patient_id);
}

StudyId FindOrAddPriorStudy(Database& database, const InstanceHeader& header, const Stamp& stamp) {
  const StudyId study = FindOrAddStudy(database, header, stamp);
  // Of which nothing current ever came: there is nothing to decide.
  database.Run(
      "UPDATE studies SET state = 'decided', reason = 'an earlier study, fetched for comparison'"
      " WHERE id = ? AND change = 0 AND state = 'receiving'",
      study);
  return study;
}

}  // namespace

std::optional<StudyId> RequestedFor(Database& database, const InstanceRow& row) {
  return database.Integer(
      "SELECT study_id FROM priors WHERE prior_study_instance_uid = ?"
      " AND ((state = 'requested' AND archive_ae = ?) OR our_ae = ?) ORDER BY id DESC LIMIT 1",
      row.header.study_instance_uid.value(),
      row.calling_ae,
      row.move_originator);
}

AddResult AddPrior(Database& database,
                   const InstanceRow& row,
                   StudyId requested_for,
                   const Stamp& stamp) {
  const InstanceHeader& header = row.header;
  if (!FitsPatient(database, "id = ?", requested_for, header) ||
      !FitsPatient(database, "study_instance_uid = ?", header.study_instance_uid.value(), header)) {
    return {AddOutcome::kConflict, "fetched as an earlier study, but of another patient"};
  }
  const std::string& sop = header.sop_instance_uid.value();
  const bool same_bytes = database
                              .Integer(
                                  "SELECT id FROM instances WHERE sop_instance_uid = ?"
                                  " AND file_digest = ? AND state <> 'deleted'",
                                  sop,
                                  row.file_digest)
                              .has_value();
  if (same_bytes)
    return {AddOutcome::kSameBytes, {}};
  const bool current_stays = database
                                 .Integer(
                                     "SELECT id FROM instances WHERE sop_instance_uid = ?"
                                     " AND is_current = 1 AND role = 'current'"
                                     " AND state <> 'deleted'",
                                     sop)
                                 .has_value();
  if (!current_stays)
    database.Run("UPDATE instances SET is_current = 0 WHERE sop_instance_uid = ?", sop);
  const auto newest =
      database.Integer("SELECT MAX(revision) FROM instances WHERE sop_instance_uid = ?", sop);
  const StudyId study = FindOrAddPriorStudy(database, header, stamp);
  InsertInstance(database,
                 row,
                 study,
                 {static_cast<int>(newest.value_or(0)) + 1, !current_stays, "prior"},
                 stamp);
  database.Run(
      "UPDATE studies SET instances = instances + ?, bytes = bytes + ?, last_received_ms = ?"
      " WHERE id = ?",
      newest ? 0 : 1,
      row.bytes,
      stamp.wall_ms,
      study);
  return {newest ? AddOutcome::kNewRevision : AddOutcome::kStored, {}};
}

}  // namespace necknode::storage
