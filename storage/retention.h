#pragma once

#include "storage/quarantine.h"
#include "storage/store.h"

namespace necknode::storage {

/// Removes the objects of one finished study, the one untouched for longest, where the limits want
/// it: rows become tombstones (`deleted`) in the transaction, which keep what was analysed from
/// being analysed again, and `removals` names the files. Nothing where no study must go. Finished:
/// decided on, no job that is queued, running or parked, no document that is waiting, parked or
/// waits for its commitment; nor is it a prior of a study that is not finished, nor are there
/// instances that we have committed ourselves to keep for longer.
[[nodiscard]] Removed RemoveOneExpired(Database& database,
                                       const RetentionLimits& limits,
                                       const Stamp& stamp,
                                       Removals& removals);

}  // namespace necknode::storage
