#include "models/install_package.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/error.h"
#include "models/inference.h"

namespace necknode::models {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void ThrowStorage(const fs::path& path, const std::error_code& error) {
  const bool full = error == std::errc::no_space_on_device;
  throw Error(full ? ErrorCode::kNoSpace : ErrorCode::kStorageFailed,
              path.string() + ": " + error.message());
}

std::error_code LastError() { return {errno, std::generic_category()}; }

/// Makes a file's bytes or a folder's entries durable.
void Sync(const fs::path& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    ThrowStorage(path, LastError());
  const bool synced = fsync(fd) == 0;
  const std::error_code error = LastError();
  close(fd);
  if (!synced)
    ThrowStorage(path, error);
}

/// A new hidden folder beside `place`, removed at the end unless it was moved there.
class Staging {
 public:
  explicit Staging(const fs::path& place) : place_(place) {
    std::string name = place.parent_path().string();
    name.append("/.").append(place.filename().string()).append(".XXXXXX");
    if (mkdtemp(name.data()) == nullptr)
      ThrowStorage(place.parent_path(), LastError());
    folder_ = name;
    fs::permissions(folder_,
                    fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec |
                        fs::perms::others_read | fs::perms::others_exec);
  }
  ~Staging() {
    std::error_code ignored;
    if (!folder_.empty())
      fs::remove_all(folder_, ignored);
  }
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  [[nodiscard]] const fs::path& folder() const { return folder_; }

  /// Fails where a version stands there by now: a folder is never renamed over one with files.
  void MoveToPlace() {
    std::error_code error;
    fs::rename(folder_, place_, error);
    if (error == std::errc::directory_not_empty || error == std::errc::file_exists)
      throw Error(ErrorCode::kConflict, place_.string() + " is installed already");
    if (error)
      ThrowStorage(place_, error);
    folder_.clear();
    Sync(place_.parent_path());
  }

 private:
  fs::path place_, folder_;
};

void CheckClearance(const Package& package, bool clinical) {
  if (clinical && package.warning == kPhantomWarning) {
    throw Error(ErrorCode::kConflict,
                "a package with the warning '" + package.warning + "' cannot become clinical");
  }
  if (!clinical && package.clinical) {
    throw Error(ErrorCode::kConflict,
                "its manifest says clinical = true, which only installing it as clinical can make "
                "so");
  }
}

}  // namespace

Package InstallPackage(const fs::path& source, const fs::path& root, bool clinical) {
  const Package offered = LoadPackage(source);
  CheckClearance(offered, clinical);
  const fs::path place = root / offered.name / offered.version;
  if (fs::exists(place))
    throw Error(ErrorCode::kConflict, place.string() + " is installed already");
  std::error_code error;
  fs::create_directories(place.parent_path(), error);
  if (error)
    ThrowStorage(place.parent_path(), error);
  Staging staging(place);
  for (const char* name : {kManifestFile, kDetectorFile, kClassifierFile}) {
    if (!fs::copy_file(source / name, staging.folder() / name, error))
      ThrowStorage(staging.folder() / name, error);
  }
  // What was copied is what is checked: the source may change meanwhile.
  Package package = LoadPackage(staging.folder());
  CheckClearance(package, clinical);
  if (package.name != offered.name || package.version != offered.version)
    throw Error(ErrorCode::kConflict, "the package changed while it was copied");
  const Inference trial(package, "cpu");
  if (clinical && !package.clinical) {
    package.clinical = true;
    package.warning.clear();
    package = WritePackage(package);
  }
  for (const char* name : {kManifestFile, kDetectorFile, kClassifierFile})
    Sync(staging.folder() / name);
  Sync(staging.folder());
  staging.MoveToPlace();
  Sync(root);
  return LoadPackage(place);
}

}  // namespace necknode::models
