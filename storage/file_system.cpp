#include "storage/file_system.h"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace necknode::storage {
namespace {

constexpr mode_t kFolderMode = 0750;  // patient data: nothing for others
constexpr mode_t kFileMode = 0640;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0)
      ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return number_; }
  int Release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

std::string Name(const std::filesystem::path& path) { return path.filename().string(); }

class SystemFile : public WritableFile {
 public:
  SystemFile(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}

  void Write(std::span<const std::byte> bytes) override {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_.get(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        throw ChangeFailed(errno, "write of " + name_);
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
  }

  void Sync() override {
    if (::fdatasync(descriptor_.get()) != 0)
      throw ChangeFailed(errno, "sync of " + name_);
  }

  void Close() override {
    // Linux frees the descriptor whatever close() returns: never try again.
    if (::close(descriptor_.Release()) != 0)
      throw ChangeFailed(errno, "close of " + name_);
  }

 private:
  Descriptor descriptor_;
  std::string name_;
};

class SystemFileSystem : public FileSystem {
 public:
  void MakeFolder(const std::filesystem::path& folder) override {
    if (::mkdir(folder.c_str(), kFolderMode) == 0)
      return;
    const int error = errno;
    std::error_code ignored;
    if (error == EEXIST && std::filesystem::is_directory(folder, ignored))
      return;
    throw ChangeFailed(error, "making of folder " + folder.string());
  }

  void SyncFolder(const std::filesystem::path& folder) override { SyncPath(folder, O_DIRECTORY); }
  void SyncFile(const std::filesystem::path& file) override { SyncPath(file, 0); }

  std::unique_ptr<WritableFile> Create(const std::filesystem::path& file) override {
    const int descriptor =
        ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kFileMode);
    if (descriptor < 0)
      throw ChangeFailed(errno, "creation of " + file.string());
    return std::make_unique<SystemFile>(descriptor, Name(file));
  }

  void Link(const std::filesystem::path& file, const std::filesystem::path& name) override {
    if (::link(file.c_str(), name.c_str()) != 0)
      throw ChangeFailed(errno, "link of " + Name(file));
  }

  void Rename(const std::filesystem::path& file, const std::filesystem::path& name) override {
    if (::rename(file.c_str(), name.c_str()) != 0)
      throw ChangeFailed(errno, "renaming of " + Name(file));
  }

  void Remove(const std::filesystem::path& file) override {
    if (::unlink(file.c_str()) != 0 && errno != ENOENT) {
      throw ChangeFailed(errno, "removal of " + Name(file));
    }
  }

  std::vector<std::byte> Read(const std::filesystem::path& file) const override {
    return ReadPart(file, 0, std::numeric_limits<std::size_t>::max());
  }

  std::vector<std::byte> ReadPart(const std::filesystem::path& file,
                                  std::uint64_t offset,
                                  std::size_t size) const override {
    const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (descriptor.get() < 0)
      throw ReadFailed(errno, file);
    struct stat status {};
    if (::fstat(descriptor.get(), &status) != 0)
      throw ReadFailed(errno, file);
    const auto end = static_cast<std::uint64_t>(status.st_size);
    if (offset >= end)
      return {};
    std::vector<std::byte> bytes(std::min<std::uint64_t>(size, end - offset));
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t count = ::pread(descriptor.get(),
                                    bytes.data() + done,
                                    bytes.size() - done,
                                    static_cast<off_t>(offset + done));
      if (count < 0 && errno == EINTR)
        continue;
      if (count < 0)
        throw ReadFailed(errno, file);
      if (count == 0)
        break;
      done += static_cast<std::size_t>(count);
    }
    bytes.resize(done);
    return bytes;
  }

  std::vector<std::string> List(const std::filesystem::path& folder) const override {
    std::vector<std::string> names;
    std::error_code error;
    for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
         it.increment(error)) {
      names.push_back(it->path().filename().string());
    }
    if (error && error != std::errc::no_such_file_or_directory) {
      throw ReadFailed(error.value(), folder);
    }
    return names;
  }

  Space SpaceOf(const std::filesystem::path& folder) const override {
    struct statvfs status {};
    if (::statvfs(folder.c_str(), &status) != 0)
      throw ReadFailed(errno, folder);
    return {std::uint64_t{status.f_blocks} * status.f_frsize,
            std::uint64_t{status.f_bavail} * status.f_frsize};
  }

 private:
  static void SyncPath(const std::filesystem::path& path, int flags) {
    const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags));
    if (descriptor.get() < 0)
      throw ChangeFailed(errno, "opening of " + path.string());
    if (::fsync(descriptor.get()) != 0)
      throw ChangeFailed(errno, "sync of " + path.string());
  }

  static Error ReadFailed(int error, const std::filesystem::path& path) {
    const auto code = error == ENOENT ? ErrorCode::kNotFound : ErrorCode::kInternal;
    return {code, "read of " + Name(path) + " failed: " + std::generic_category().message(error)};
  }
};

}  // namespace

FileSystem& SystemFiles() {
  static SystemFileSystem files;
  return files;
}

Error ChangeFailed(int error_number, const std::string& what) {
  const bool used_up = error_number == ENOSPC || error_number == EDQUOT || error_number == EMFILE ||
                       error_number == ENFILE || error_number == ENOMEM;
  return {used_up ? ErrorCode::kNoSpace : ErrorCode::kStorageFailed,
          what + " failed: " + std::generic_category().message(error_number)};
}

}  // namespace necknode::storage
