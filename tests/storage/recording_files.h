#pragma once

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>

#include "storage/file_system.h"
#include "tests/storage/recorded_disk.h"

namespace necknode::storage {

/// The real file system, each change noted in a log. Nothing is really synced. After the log's cut
/// every change fails with EIO. Thread safe.
class RecordingFiles : public FileSystem {
 public:
  /// `log` must outlive it.
  explicit RecordingFiles(DiskLog& log) : log_(log) {}

  void MakeFolder(const std::filesystem::path& folder) override {
    Note({What::kMakeFolder, folder, {}, 0, {}});
    SystemFiles().MakeFolder(folder);
  }
  void SyncFolder(const std::filesystem::path& folder) override {
    Note({What::kSyncFolder, folder, {}, 0, {}});
  }
  std::unique_ptr<WritableFile> Create(const std::filesystem::path& file) override {
    Note({What::kCreate, file, {}, 0, {}});
    return std::make_unique<File>(*this, file, SystemFiles().Create(file));
  }
  void SyncFile(const std::filesystem::path& file) override {
    Note({What::kSyncFile, file, {}, 0, {}});
  }
  void Link(const std::filesystem::path& file, const std::filesystem::path& name) override {
    Note({What::kLink, file, name, 0, {}});
    SystemFiles().Link(file, name);
  }
  /// As three changes: nothing that is replayed renames.
  void Rename(const std::filesystem::path& file, const std::filesystem::path& name) override {
    Remove(name);
    Link(file, name);
    Remove(file);
  }
  void Remove(const std::filesystem::path& file) override {
    Note({What::kRemove, file, {}, 0, {}});
    SystemFiles().Remove(file);
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
  using What = DiskChange::What;

  class File : public WritableFile {
   public:
    File(RecordingFiles& files, std::filesystem::path path, std::unique_ptr<WritableFile> real)
        : files_(files), path_(std::move(path)), real_(std::move(real)) {}
    void Write(std::span<const std::byte> bytes) override {
      std::string text(bytes.size(), '\0');
      std::transform(bytes.begin(), bytes.end(), text.begin(), [](std::byte b) {
        return static_cast<char>(b);
      });
      files_.Note({What::kWrite, path_, {}, size_, std::move(text)});
      real_->Write(bytes);
      size_ += bytes.size();
    }
    void Sync() override { files_.Note({What::kSyncFile, path_, {}, 0, {}}); }
    void Close() override { real_->Close(); }

   private:
    RecordingFiles& files_;
    const std::filesystem::path path_;
    std::unique_ptr<WritableFile> real_;
    std::size_t size_ = 0;
  };

  void Note(DiskChange change) {
    if (!log_.Add(std::move(change)))
      throw ChangeFailed(EIO, "a change after the power cut");
  }

  DiskLog& log_;
};

}  // namespace necknode::storage
