#pragma once

#include <cstdint>

#include "core/uid.h"

namespace necknode::storage {

/// An open association of the receiver, numbered from 1 since its start; 0: none.
using AssociationNumber = std::int64_t;

/// Which studies open associations are sending, so that a study is not taken as complete between
/// two of its slices (StudyRow::heard_ago). T1 renews the hold of its association; these functions
/// do the rest. All throw Error(kStorageFailed | kNoSpace). Thread safe.
class StudyHolds {
 public:
  virtual ~StudyHolds() = default;
  /// Drops what the associations of an earlier process left. To be called before any opens.
  virtual void Clear() = 0;
  /// Bytes of one of the study's images came over the association. Nothing where no instance of the
  /// study is stored yet.
  virtual void Renew(AssociationNumber association, const Uid& study_instance_uid) = 0;
  /// The association has ended and holds nothing any more.
  virtual void Release(AssociationNumber association) = 0;
};

}  // namespace necknode::storage
