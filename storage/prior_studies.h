#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/uid.h"
#include "storage/study_index.h"

namespace necknode::storage {

/// An earlier study of a current study's patient, asked for from an archive.
struct PriorStudy {
  Uid study_instance_uid;
  std::string peer;    ///< name of the archive in the configuration
  std::string state;   ///< "requested", "stored" or "failed"
  std::string reason;  ///< of "failed", or a remark
  int instances = 0;   ///< of it that are stored here
};

/// An earlier study of a study's patient that is, or was, here.
struct EarlierStudy {
  StudyId id = 0;
  Uid study_instance_uid;
  std::string study_date, study_time;  ///< DA, TM; the time may be empty
  bool fetched = false;                ///< linked to the study as its prior
  bool has_images = false;             ///< stored, not withdrawn, in whatever role
};

/// By what T1 knows a prior that arrives: ours as the Move Originator, or the archive's own AE
/// title (docs/data_on_disk.md).
struct PriorOrigin {
  std::string peer;        ///< name of the archive
  std::string archive_ae;  ///< compared exactly; empty: only the Move Originator counts
  std::string our_ae;
};

/// Which earlier studies belong to which current one. What arrives of them while they are requested
/// gets the role `prior`: it is stored, and neither analysed nor reported. All functions throw
/// Error(kStorageFailed | kNoSpace). Thread safe.
class PriorStudies {
 public:
  virtual ~PriorStudies() = default;
  /// Links `prior` to the study `current` and expects it to arrive. False where it has arrived
  /// already, or is here as a study of its own, whole or on its way: it must not be fetched.
  virtual bool Request(StudyId current, const Uid& prior, const PriorOrigin& origin) = 0;
  /// Nothing more of it is expected. `reason` empty: it is stored.
  virtual void End(StudyId current, const Uid& prior, const std::string& failure) = 0;
  [[nodiscard]] virtual std::vector<PriorStudy> Of(StudyId current) const = 0;
  /// The earlier studies of the patient of `current`, the newest first: of the same Patient ID,
  /// which must not be empty, and no other issuer, by Study Date and, on the same day, Study Time.
  /// Parked studies and those whose images were withdrawn are left out.
  [[nodiscard]] virtual std::vector<EarlierStudy> EarlierThan(StudyId current) const = 0;
  /// The instances of a study that are stored and not withdrawn, in whatever role.
  [[nodiscard]] virtual std::vector<IndexedInstance> Instances(StudyId study) const = 0;
  /// Instances of a series that are stored here, in whatever role.
  [[nodiscard]] virtual int Held(const Uid& study, const Uid& series) const = 0;
};

}  // namespace necknode::storage
