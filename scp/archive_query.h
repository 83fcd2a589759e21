#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/patient_text.h"
#include "core/uid.h"
#include "scp/storage_scu.h"

namespace necknode::scp {

class BoundedAssociation;
class Identifier;

/// More answers to one query are not read: the query then fails.
inline constexpr std::size_t kMaxQueryAnswers = 5000;

/// A series as an archive describes it. Text is in the archive's character set.
struct ArchivedSeries {
  Uid series_instance_uid;
  std::string modality, description, body_part;
  std::optional<int> instances;  ///< (0020,1209)
};

/// A study as an archive describes it.
struct ArchivedStudy {
  Uid study_instance_uid;
  PatientText patient_id, issuer_of_patient_id;
  std::string date, time, description;
  std::vector<std::string> modalities;  ///< empty: the archive does not say
};

/// C-FIND by the Study Root model (PS3.4 C.6.2) over one association. Throws what
/// BoundedAssociation throws, Error(kNetwork) for a failure status, Error(kParse) for answers that
/// are too many or cannot be read. Not thread safe.
class ArchiveQuery {
 public:
  /// Connects. `timeout` is for each answer; all together may take ten times as long.
  ArchiveQuery(const std::string& our_ae_title,
               const RemotePeer& peer,
               std::chrono::seconds timeout,
               std::stop_token stop = {});
  ~ArchiveQuery();
  ArchiveQuery(const ArchiveQuery&) = delete;
  ArchiveQuery& operator=(const ArchiveQuery&) = delete;

  /// Series of a study; answers about other studies or without a series are left out.
  [[nodiscard]] std::vector<ArchivedSeries> SeriesOf(const Uid& study_instance_uid);
  /// Studies of a patient, matched by the whole Patient ID, in which PatientQueryProblem has found
  /// nothing; what else the archive may answer is for the caller to judge.
  [[nodiscard]] std::vector<ArchivedStudy> StudiesOf(const PatientText& patient_id);
  void Release();

 private:
  class Keys;
  [[nodiscard]] std::vector<Identifier> Find(const Keys& keys);

  std::unique_ptr<BoundedAssociation> association_;
};

}  // namespace necknode::scp
