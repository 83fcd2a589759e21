#include "storage/sqlite_study_holds.h"

namespace necknode::storage {

void SqliteStudyHolds::Clear() {
  connections_.Write([](Database& database) { database.Run("DELETE FROM holds"); });
}

void SqliteStudyHolds::Renew(AssociationNumber association, const Uid& study_instance_uid) {
  connections_.Write([&](Database& database) {
    const auto study = database.Integer("SELECT id FROM studies WHERE study_instance_uid = ?",
                                        study_instance_uid.value());
    if (study)
      HoldStudy(database, association, *study, Stamp(clock_));
  });
}

void SqliteStudyHolds::Release(AssociationNumber association) {
  connections_.Write([&](Database& database) {
    database.Run("DELETE FROM holds WHERE association = ?", association);
  });
}

void HoldStudy(Database& database,
               AssociationNumber association,
               StudyId study,
               const Stamp& stamp) {
  database.Run(
      "INSERT INTO holds (association, study_id, heard_boot_id, heard_boot_ms)"
      " VALUES (?, ?, ?, ?) ON CONFLICT (association, study_id) DO UPDATE SET"
      " heard_boot_id = excluded.heard_boot_id, heard_boot_ms = excluded.heard_boot_ms",
      association,
      study,
      stamp.boot_id,
      stamp.boot_ms);
}

}  // namespace necknode::storage
