#include "storage/backup.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/digest.h"
#include "core/error.h"
#include "storage/backup_files.h"
#include "storage/object_files.h"
#include "storage/records.h"
#include "storage/sqlite_backup.h"

namespace necknode::storage {
namespace {

// What is copied by other means, or belongs to a running node only.
bool IsOfTheNode(const std::string& name) {
  constexpr std::array kOwn = {
      "objects", "results", "quarantine", "previews", "backup", "lost+found"};
  return std::ranges::find(kOwn, name) != kOwn.end() || name.starts_with(kDatabaseFile) ||
         name.starts_with("probe-") || name.ends_with(".lock") || name.ends_with(".new");
}

/// One backup on its way.
class Writing {
 public:
  Writing(const BackupOptions& options,
          const std::filesystem::path& data,
          const ObjectFiles& objects,
          Connections& connections,
          FileSystem& files)
      : options_(options),
        data_(data),
        objects_(objects),
        connections_(connections),
        files_(files),
        target_(options.folder, files),
        linking_(!options.copy) {}

  BackupSummary Run(const std::string& time) {
    target_.Write("This backup is not finished. It is of no use.\n", kUnfinishedFile);
    target_.SyncFolders();
    CopyDatabase();
    CopyObjects();
    sums_[kDatabaseFile] = SumOf(files_, target_ / kDatabaseFile);
    files_.SyncFile(target_ / kDatabaseFile);
    CopyOthers(data_, "");
    const std::string text = Description(time);
    target_.Write(text, kBackupText);
    sums_[kBackupText] = Sha256Of(text);
    target_.Write(ToText(sums_), kSumsFile);
    target_.SyncFolders();
    files_.Remove(target_ / kUnfinishedFile);
    target_.SyncFolders();
    return std::move(summary_);
  }

 private:
  void CopyDatabase() {
    connections_.CopyTo(target_ / kDatabaseFile);
    files_.SyncFile(target_ / kDatabaseFile);
  }

  void CopyObjects() {
    Database copy(target_ / kDatabaseFile, Database::Mode::kReader);
    const std::uint64_t count = CountObjects(copy);
    std::vector<NamedObject> gone;
    std::uint64_t done = 0;
    ForEachObject(copy, [&](const NamedObject& object) {
      if (options_.on_object)
        options_.on_object(done, count);
      ++done;
      if (!CopyObject(object))
        gone.push_back(object);
    });
    for (const PackageRow& package : ReadPackages(copy))
      packages_.push_back(package);
    if (gone.empty())
      return;
    copy.Execute("PRAGMA query_only=OFF");
    Transaction transaction(copy, Transaction::Kind::kWrite);
    for (const NamedObject& object : gone)
      MarkGone(copy, object);
    transaction.Commit();
    summary_.gone = gone.size();
  }

  // False where the object was removed meanwhile.
  bool CopyObject(const NamedObject& object) {
    const std::string path = object.Path();
    const auto source = objects_.PathOf(object.kind, object.key);
    std::string sum;
    try {
      sum = Take(source, path);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kNoSpace || std::filesystem::exists(source))
        throw;
      const bool named =
          connections_.Read([&](Database& database) { return IsNamed(database, object); });
      if (!named)
        return false;
      summary_.damaged.push_back(path + ": it is not there");
      return true;
    }
    if (const auto damage = DamageOf(object, target_ / path, options_.digest_of); !damage.empty())
      summary_.damaged.push_back(path + ": " + damage);
    sums_[path] = sum;
    ++summary_.objects;
    summary_.bytes += object.bytes;
    return true;
  }

  // Links or copies an object and returns its sum.
  std::string Take(const std::filesystem::path& source, const std::string& path) {
    if (!std::filesystem::exists(source))
      throw Error(ErrorCode::kNotFound, "it is not there");
    if (linking_) {
      try {
        target_.Link(source, path);
        ++summary_.linked;
        return SumOf(files_, target_ / path);
      } catch (const Error& error) {
        if (error.code() != ErrorCode::kStorageFailed || !std::filesystem::exists(source))
          throw;
        linking_ = false;  // another file system, or one without hard links
      }
    }
    return target_.Copy(source, path);
  }

  // The configuration that the program keeps, and whatever else lies in the data folder.
  void CopyOthers(const std::filesystem::path& folder, const std::string& within) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const std::string name = entry.path().filename().string();
      if (within.empty() && IsOfTheNode(name))
        continue;
      const std::string path = within + name;
      if (entry.is_directory() && !entry.is_symlink())
        CopyOthers(entry.path(), path + "/");
      else if (entry.is_regular_file())
        CopyOther(entry.path(), path);
    }
  }
  void CopyOther(const std::filesystem::path& file, const std::string& path) {
    try {
      sums_[path] = target_.Copy(file, path);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kNotFound)
        throw;
      files_.Remove(target_ / path);  // replaced or removed meanwhile
    }
  }

  std::string Description(const std::string& time) const {
    std::string text = "backup of a necknode data folder, format 1\nmade: " + time +
                       "\nprogram: " + options_.program_version +
                       "\nobjects: " + std::to_string(summary_.objects) +
                       "\nbytes: " + std::to_string(summary_.bytes) + "\n";
    for (const PackageRow& package : packages_)
      text += "model package, not in this backup: " + package.package + " " + package.digest +
              (package.clinical ? " clinical" : "") + "\n";
    for (const std::string& damaged : summary_.damaged)
      text += "damaged: " + damaged + "\n";
    return text;
  }

  const BackupOptions& options_;
  const std::filesystem::path& data_;
  const ObjectFiles& objects_;
  Connections& connections_;
  FileSystem& files_;
  FolderWriter target_;
  bool linking_;
  Sums sums_;
  std::vector<PackageRow> packages_;
  BackupSummary summary_;
};

bool LiesWithin(const std::filesystem::path& path, const std::filesystem::path& folder) {
  const auto relative = path.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

}  // namespace

BackupSummary WriteBackup(const BackupOptions& given,
                          const std::filesystem::path& data,
                          const ObjectFiles& objects,
                          Connections& connections,
                          FileSystem& files,
                          const Clock& clock) {
  BackupOptions options = given;
  options.folder = std::filesystem::weakly_canonical(given.folder);
  if (LiesWithin(options.folder, std::filesystem::weakly_canonical(data)))
    throw Error(ErrorCode::kInvalidArgument,
                "a backup within the data folder would be lost with it: give another folder");
  return Writing(options, data, objects, connections, files).Run(Iso8601(clock.Now()));
}

}  // namespace necknode::storage
