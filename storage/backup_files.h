#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "storage/file_system.h"
#include "storage/object_store.h"
#include "storage/sqlite.h"

namespace necknode::storage {

inline constexpr const char* kUnfinishedFile = "UNFINISHED";
inline constexpr const char* kSumsFile = "SHA256SUMS";
inline constexpr const char* kBackupText = "backup.txt";

/// Path within the folder -> SHA-256 of the file.
using Sums = std::map<std::string, std::string>;
[[nodiscard]] std::string ToText(const Sums& sums);
/// Throws Error(kParse) where a line is none or its path leads out of the folder.
[[nodiscard]] Sums SumsFrom(std::string_view text);

/// A file that a row of the database names.
struct NamedObject {
  ObjectKind kind = ObjectKind::kReceived;
  std::string key;
  std::string digest;  ///< of received objects
  std::uint64_t bytes = 0;
  /// "objects/ab/ab12..."
  [[nodiscard]] std::string Path() const;
};
void ForEachObject(Database& database, const std::function<void(const NamedObject&)>& use);
[[nodiscard]] std::uint64_t CountObjects(Database& database);
/// Whether a row still names the object.
[[nodiscard]] bool IsNamed(Database& database, const NamedObject& object);
/// Makes its row what retention makes of it.
void MarkGone(Database& database, const NamedObject& object);

/// What is wrong with the object in `file`, or empty.
[[nodiscard]] std::string DamageOf(
    const NamedObject& object,
    const std::filesystem::path& file,
    const std::function<std::string(const std::filesystem::path&)>& digest_of);

/// SHA-256 of a file's bytes.
[[nodiscard]] std::string SumOf(FileSystem& files, const std::filesystem::path& file);

/// Writes into a folder and remembers which folders are to be synced.
class FolderWriter {
 public:
  /// Makes the folder. Throws Error(kInvalidArgument) where it holds anything.
  FolderWriter(std::filesystem::path folder, FileSystem& files);
  /// Copies a file to `path` within the folder and syncs its bytes; returns the SHA-256 of what was
  /// copied.
  std::string Copy(const std::filesystem::path& from, const std::string& path);
  void Link(const std::filesystem::path& from, const std::string& path);
  void Write(std::string_view text, const std::string& path);
  /// Makes all names durable.
  void SyncFolders();
  [[nodiscard]] std::filesystem::path operator/(const std::string& path) const {
    return folder_ / path;
  }

 private:
  std::filesystem::path Prepared(const std::string& path);

  const std::filesystem::path folder_;
  FileSystem& files_;
  std::set<std::filesystem::path> folders_;  // with new names in them
};

}  // namespace necknode::storage
