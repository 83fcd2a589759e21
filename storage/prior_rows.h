#pragma once

#include <optional>

#include "storage/instance_rows.h"

namespace necknode::storage {

/// The study for which this instance was asked for as a part of a prior; nullopt: it was not. It
/// was, where its study is requested and it comes from that archive's AE, or where it names us as
/// the Move Originator, even when the request has been given up meanwhile.
[[nodiscard]] std::optional<StudyId> RequestedFor(Database& database, const InstanceRow& row);

/// T1's rows of a prior: no arrival, no change of the study, no quiet time. The same bytes are
/// stored once, other bytes are a revision of their own that leaves a current instance in its
/// place. kConflict where it is of another patient than `requested_for`, or its study is.
AddResult AddPrior(Database& database,
                   const InstanceRow& row,
                   StudyId requested_for,
                   const Stamp& stamp);

}  // namespace necknode::storage
