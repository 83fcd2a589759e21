#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace necknode::models {

/// Writes a file beside `path` that takes its place at Commit(). Whatever happens before (an
/// exception, kill -9, a full disk, power loss), `path` is as it was; afterwards it is wholly new
/// and on the disk. A temporary file `path`.part that a kill left is overwritten by the next one.
class ReplacedFile {
 public:
  /// Throws Error(kNoSpace) where the disk is full, else Error(kStorageFailed), as the others do.
  explicit ReplacedFile(std::filesystem::path path);
  /// Removes the temporary file where Commit() was not reached.
  ~ReplacedFile();
  ReplacedFile(const ReplacedFile&) = delete;
  ReplacedFile& operator=(const ReplacedFile&) = delete;

  void Write(const void* bytes, std::size_t size);
  /// Syncs the file, renames it and syncs the folder. Without `sync` a kill still leaves a whole
  /// file, but what power loss leaves is the file system's business.
  void Commit(bool sync = true);

 private:
  std::filesystem::path path_, temporary_;
  int descriptor_ = -1;
};

/// `text` as the file `path`, so.
void ReplaceFile(const std::filesystem::path& path, std::string_view text, bool sync = true);

}  // namespace necknode::models
