#include <algorithm>
#include <array>
#include <utility>

#include "core/digest.h"
#include "core/error.h"
#include "storage/audit_rows.h"
#include "storage/backup.h"
#include "storage/backup_files.h"
#include "storage/connections.h"
#include "storage/schema.h"

namespace necknode::storage {
namespace {

constexpr const char* kUnnamedDatabase = "necknode.db.restoring";
constexpr std::size_t kNamesInMessage = 20;

std::string ReadText(FileSystem& files, const std::filesystem::path& file) {
  const auto bytes = files.Read(file);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Sums SumsOfBackup(const std::filesystem::path& backup, FileSystem& files) {
  if (std::filesystem::exists(backup / kUnfinishedFile))
    throw Error(ErrorCode::kInvalidArgument,
                backup.string() + " is not finished: the backup was interrupted");
  if (!std::filesystem::exists(backup / kSumsFile))
    throw Error(ErrorCode::kNotFound, "there is no backup in " + backup.string());
  Sums sums = SumsFrom(ReadText(files, backup / kSumsFile));
  if (!sums.contains(kDatabaseFile))
    throw Error(ErrorCode::kParse, std::string(kSumsFile) + " names no database");
  return sums;
}

std::string Listed(const std::vector<std::string>& damaged) {
  std::string text;
  for (std::size_t i = 0; i < std::min(damaged.size(), kNamesInMessage); ++i)
    text += "\n  " + damaged[i];
  if (damaged.size() > kNamesInMessage)
    text += "\n  and " + std::to_string(damaged.size() - kNamesInMessage) + " more";
  return text;
}

/// One restore on its way.
class Restoring {
 public:
  Restoring(const RestoreOptions& options, Sums sums, FileSystem& files, const Clock& clock)
      : options_(options),
        sums_(std::move(sums)),
        files_(files),
        clock_(clock),
        target_(options.folder, files) {}

  BackupSummary Run() {
    CopyFiles();
    CopyDatabase();
    files_.SyncFile(target_ / kUnnamedDatabase);
    target_.SyncFolders();
    // The node is there from here on.
    target_.Link(target_ / kUnnamedDatabase, kDatabaseFile);
    files_.Remove(target_ / kUnnamedDatabase);
    target_.SyncFolders();
    return std::move(summary_);
  }

 private:
  void CopyFiles() {
    std::uint64_t done = 0;
    for (const auto& [path, sum] : sums_) {
      if (options_.on_file)
        options_.on_file(done++, sums_.size());
      if (path == kDatabaseFile || path == kBackupText)
        continue;
      try {
        if (target_.Copy(options_.backup / path, path) == sum)
          continue;
        Damaged(path, "its bytes are not those of the backup");
      } catch (const Error& error) {
        if (error.code() != ErrorCode::kNotFound && error.code() != ErrorCode::kInternal)
          throw;
        Damaged(path, error.code() == ErrorCode::kNotFound ? "it is not there" : error.what());
      }
      files_.Remove(target_ / path);
    }
  }

  void Damaged(const std::string& path, const std::string& why) {
    damaged_.emplace(path, why);
    summary_.damaged.push_back(path + ": " + why);
  }

  void CopyDatabase() {
    if (target_.Copy(options_.backup / kDatabaseFile, kUnnamedDatabase) != sums_.at(kDatabaseFile))
      throw Error(ErrorCode::kParse, std::string(kDatabaseFile) + " of the backup is damaged");
    Database database(target_ / kUnnamedDatabase, Database::Mode::kReader);
    const auto version = database.Integer("PRAGMA user_version").value_or(0);
    if (version > static_cast<std::int64_t>(SchemaMigrations().size()))
      throw Error(ErrorCode::kUnsupported,
                  "the backup's database has schema version " + std::to_string(version) +
                      ", this program knows versions up to " +
                      std::to_string(SchemaMigrations().size()) + ": use the newer program");
    const std::vector<NamedObject> lost = CheckObjects(database);
    if (!summary_.damaged.empty() && !options_.without_damaged)
      throw Error(ErrorCode::kParse,
                  std::to_string(summary_.damaged.size()) +
                      " files of the backup are damaged:" + Listed(summary_.damaged));
    Adapt(database, lost);
  }

  // Those that cannot be had.
  std::vector<NamedObject> CheckObjects(Database& database) {
    std::vector<NamedObject> lost;
    ForEachObject(database, [&](const NamedObject& object) {
      const std::string path = object.Path();
      std::string damage;
      if (!damaged_.contains(path)) {
        damage = sums_.contains(path) ? DamageOf(object, target_ / path, options_.digest_of)
                                      : "it is not in the backup";
        if (damage.empty()) {
          ++summary_.objects;
          summary_.bytes += object.bytes;
          return;
        }
        Damaged(path, damage);
        if (sums_.contains(path))
          files_.Remove(target_ / path);
      }
      lost.push_back(object);
    });
    return lost;
  }

  void Adapt(Database& database, const std::vector<NamedObject>& lost) {
    const Stamp stamp(clock_);
    database.Execute("PRAGMA query_only=OFF");
    Transaction transaction(database, Transaction::Kind::kWrite);
    for (const NamedObject& object : lost)
      MarkGone(database, object);
    // Nobody holds them, and their workers have not died of them.
    database.Run(
        "UPDATE jobs SET state = 'queued', owner = '', parsing = '', due_boot_id = '',"
        " reason = 'restored from a backup' WHERE state = 'running'");
    database.Run("DELETE FROM roles");
    database.Run("UPDATE sqlite_sequence SET seq = seq + 1000000");
    AddAudit(database,
             {"backup",
              "necknode restore",
              "restored",
              std::to_string(summary_.objects) + " objects, without " +
                  std::to_string(lost.size()) + " damaged ones",
              {.user = ProcessUser()}},
             stamp);
    transaction.Commit();
  }

  const RestoreOptions& options_;
  const Sums sums_;
  FileSystem& files_;
  const Clock& clock_;
  FolderWriter target_;
  std::map<std::string, std::string> damaged_;
  BackupSummary summary_;
};

// What a failed restore leaves would be taken for something else.
void Empty(const std::filesystem::path& folder) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    if (entry.path().filename() != "lost+found")
      std::filesystem::remove_all(entry.path(), ignored);
  }
}

}  // namespace

BackupSummary RestoreBackup(const RestoreOptions& given, const Clock& clock) {
  FileSystem& files = given.files != nullptr ? *given.files : SystemFiles();
  RestoreOptions options = given;
  options.folder = std::filesystem::weakly_canonical(given.folder);
  Restoring restoring(options, SumsOfBackup(options.backup, files), files, clock);
  try {
    return restoring.Run();
  } catch (...) {
    Empty(options.folder);
    throw;
  }
}

}  // namespace necknode::storage
