#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>

#include "core/uid.h"
#include "scp/storage_scu.h"
#include "storage/store.h"

namespace necknode::scp {

struct RetrieveOptions {
  std::string our_ae_title = "NECKNODE";        ///< also the Move Destination
  std::chrono::seconds timeout{30};             ///< for connecting
  std::chrono::seconds silence{600};            ///< between two messages of the archive
  std::chrono::seconds limit{3600};             ///< for one series
  std::uint64_t max_object_bytes = 4ULL << 30;  ///< C-GET
  std::stop_token stop = {};
};

/// C-MOVE of one series to ourselves (PS3.4 C.4.2): the archive sends it to our receiver. Returns
/// when the archive says that all of it was sent. Throws what BoundedAssociation throws, and
/// Error(kUnsupported) where the archive does not know us as a destination, Error(kNetwork) for any
/// other failure status and where a sub-operation failed.
void MoveSeries(const RemotePeer& archive,
                const Uid& study,
                const Uid& series,
                const RetrieveOptions& options);

/// C-GET of one series (PS3.4 C.4.3): the archive sends it over the same association, and each
/// object is streamed to storage, scanned and answered as the receiver does (T1). Only CT images of
/// the series that was asked for are taken. Returns how many came. Throws as MoveSeries, and
/// Error(kStorageFailed) where storage failed.
int GetSeries(const RemotePeer& archive,
              const Uid& study,
              const Uid& series,
              const RetrieveOptions& options,
              storage::Store& store,
              storage::InstanceCommitter& committer);

}  // namespace necknode::scp
