#pragma once

#include "storage/backup.h"
#include "storage/connections.h"
#include "storage/object_files.h"

namespace necknode::storage {

/// Store::BackUp of the data folder `data`. A failed write is one of the backup's folder and
/// touches nothing of the node.
[[nodiscard]] BackupSummary WriteBackup(const BackupOptions& options,
                                        const std::filesystem::path& data,
                                        const ObjectFiles& objects,
                                        Connections& connections,
                                        FileSystem& files,
                                        const Clock& clock);

}  // namespace necknode::storage
