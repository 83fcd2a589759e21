#pragma once

#include <filesystem>

namespace necknode::models {

/// Makes a file's bytes or a folder's entries durable. Throws Error(kNoSpace | kStorageFailed).
void SyncPath(const std::filesystem::path& path);

/// A new hidden folder beside `place`, removed at the end unless it was moved there: what is made
/// in it appears under its name whole or not at all.
class StagedFolder {
 public:
  /// Makes the parents of `place` too. Throws Error(kConflict) where `place` exists,
  /// Error(kNoSpace | kStorageFailed).
  explicit StagedFolder(const std::filesystem::path& place);
  ~StagedFolder();
  StagedFolder(const StagedFolder&) = delete;
  StagedFolder& operator=(const StagedFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

  /// Syncs the files that lie in the folder, then moves it. Throws Error(kConflict) where something
  /// stands at its place by now, Error(kNoSpace | kStorageFailed).
  void MoveToPlace();

 private:
  std::filesystem::path place_, folder_;
};

}  // namespace necknode::models
