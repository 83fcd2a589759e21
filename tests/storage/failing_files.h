#pragma once

#include <cerrno>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "storage/file_system.h"

namespace necknode::storage {

/// The real file system, with one change that fails on demand and a memory of what would survive a
/// power cut: bytes that were synced, under a name whose folder was synced afterwards.
class FailingFiles : public FileSystem {
 public:
  /// Lets the n-th change from now on (1: the next) fail with `error`, once.
  void FailAt(int n, int error) {
    const std::lock_guard lock(mutex_);
    countdown_ = n;
    error_ = error;
    fired_ = false;
  }
  [[nodiscard]] bool fired() const {
    const std::lock_guard lock(mutex_);
    return fired_;
  }
  [[nodiscard]] int folder_syncs() const {
    const std::lock_guard lock(mutex_);
    return folder_syncs_;
  }
  [[nodiscard]] bool SurvivesPowerCut(const std::filesystem::path& file) const {
    const std::lock_guard lock(mutex_);
    const auto found = files_.find(file);
    if (found == files_.end() || !found->second.bytes || !found->second.name)
      return false;
    for (auto folder = file.parent_path(); folder != folder.parent_path();
         folder = folder.parent_path()) {
      if (const auto made = folders_.find(folder); made != folders_.end() && !made->second) {
        return false;
      }
    }
    return true;
  }

  void MakeFolder(const std::filesystem::path& folder) override {
    Count("mkdir");
    SystemFiles().MakeFolder(folder);
    const std::lock_guard lock(mutex_);
    folders_.emplace(folder, false);
  }
  void SyncFolder(const std::filesystem::path& folder) override {
    Count("fsync of a folder");
    SystemFiles().SyncFolder(folder);
    const std::lock_guard lock(mutex_);
    ++folder_syncs_;
    for (auto& [file, durable] : files_) {
      if (file.parent_path() == folder)
        durable.name = true;
    }
    for (auto& [name, durable] : folders_) {
      if (name.parent_path() == folder)
        durable = true;
    }
  }
  std::unique_ptr<WritableFile> Create(const std::filesystem::path& file) override {
    Count("open");
    auto real = SystemFiles().Create(file);
    const std::lock_guard lock(mutex_);
    files_[file] = {};
    return std::make_unique<File>(*this, file, std::move(real));
  }
  void SyncFile(const std::filesystem::path& file) override {
    Count("fsync");
    SystemFiles().SyncFile(file);
  }
  void Link(const std::filesystem::path& file, const std::filesystem::path& name) override {
    Count("link");
    SystemFiles().Link(file, name);
    const std::lock_guard lock(mutex_);
    files_[name] = {files_[file].bytes, false};
  }
  void Rename(const std::filesystem::path& file, const std::filesystem::path& name) override {
    Count("rename");
    SystemFiles().Rename(file, name);
    const std::lock_guard lock(mutex_);
    files_[name] = {files_[file].bytes, false};
    files_.erase(file);
  }
  void Remove(const std::filesystem::path& file) override {
    Count("unlink");
    SystemFiles().Remove(file);
    const std::lock_guard lock(mutex_);
    files_.erase(file);
  }
  std::vector<std::byte> Read(const std::filesystem::path& file) const override {
    return SystemFiles().Read(file);
  }
  std::vector<std::byte> ReadPart(const std::filesystem::path& file,
                                  std::uint64_t offset,
                                  std::size_t size) const override {
    return SystemFiles().ReadPart(file, offset, size);
  }
  std::vector<std::string> List(const std::filesystem::path& folder) const override {
    return SystemFiles().List(folder);
  }
  Space SpaceOf(const std::filesystem::path& folder) const override {
    return SystemFiles().SpaceOf(folder);
  }

 private:
  struct Durable {
    bool bytes = false, name = false;
  };

  class File : public WritableFile {
   public:
    File(FailingFiles& files, std::filesystem::path path, std::unique_ptr<WritableFile> real)
        : files_(files), path_(std::move(path)), real_(std::move(real)) {}
    void Write(std::span<const std::byte> bytes) override {
      files_.SetBytesDurable(path_, false);
      try {
        files_.Count("write");
      } catch (...) {
        real_->Write(bytes.first(bytes.size() / 2));  // a short write comes before the failure
        throw;
      }
      real_->Write(bytes);
    }
    void Sync() override {
      files_.Count("fdatasync");
      real_->Sync();
      files_.SetBytesDurable(path_, true);
    }
    void Close() override {
      real_->Close();
      files_.Count("close");
    }

   private:
    FailingFiles& files_;
    const std::filesystem::path path_;
    std::unique_ptr<WritableFile> real_;
  };

  void Count(const char* what) {
    const std::lock_guard lock(mutex_);
    if (countdown_ <= 0 || --countdown_ > 0)
      return;
    fired_ = true;
    throw ChangeFailed(error_, what);
  }
  void SetBytesDurable(const std::filesystem::path& file, bool durable) {
    const std::lock_guard lock(mutex_);
    files_[file].bytes = durable;
  }

  mutable std::mutex mutex_;
  int countdown_ = 0;  // 0: nothing fails
  int error_ = EIO;
  bool fired_ = false;
  int folder_syncs_ = 0;
  std::map<std::filesystem::path, Durable> files_;
  std::map<std::filesystem::path, bool> folders_;  // made here -> synced into its parent
};

}  // namespace necknode::storage
