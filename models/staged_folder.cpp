#include "models/staged_folder.h"

#include <cerrno>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/error.h"

namespace necknode::models {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void ThrowStorage(const fs::path& path, const std::error_code& error) {
  const bool full = error == std::errc::no_space_on_device;
  throw Error(full ? ErrorCode::kNoSpace : ErrorCode::kStorageFailed,
              path.string() + ": " + error.message());
}

std::error_code LastError() { return {errno, std::generic_category()}; }

}  // namespace

void SyncPath(const fs::path& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    ThrowStorage(path, LastError());
  const bool synced = fsync(fd) == 0;
  const std::error_code error = LastError();
  close(fd);
  if (!synced)
    ThrowStorage(path, error);
}

StagedFolder::StagedFolder(const fs::path& place) : place_(place) {
  if (fs::exists(place))
    throw Error(ErrorCode::kConflict, place.string() + " is there already");
  std::error_code error;
  fs::create_directories(place.parent_path(), error);
  if (error)
    ThrowStorage(place.parent_path(), error);
  std::string name = place.parent_path().string();
  name.append("/.").append(place.filename().string()).append(".XXXXXX");
  if (mkdtemp(name.data()) == nullptr)
    ThrowStorage(place.parent_path(), LastError());
  folder_ = name;
  fs::permissions(folder_,
                  fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec |
                      fs::perms::others_read | fs::perms::others_exec);
}

StagedFolder::~StagedFolder() {
  std::error_code ignored;
  if (!folder_.empty())
    fs::remove_all(folder_, ignored);
}

void StagedFolder::MoveToPlace() {
  for (const auto& entry : fs::directory_iterator(folder_))
    SyncPath(entry.path());
  SyncPath(folder_);
  // A folder is never renamed over one with files.
  std::error_code error;
  fs::rename(folder_, place_, error);
  if (error == std::errc::directory_not_empty || error == std::errc::file_exists)
    throw Error(ErrorCode::kConflict, place_.string() + " is there already");
  if (error)
    ThrowStorage(place_, error);
  folder_.clear();
  SyncPath(place_.parent_path());
}

}  // namespace necknode::models
