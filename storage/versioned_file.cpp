#include "storage/versioned_file.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <span>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace necknode::storage {
namespace {

constexpr const char* kExtension = ".toml";
constexpr mode_t kLockMode = 0640;

std::filesystem::path WithSuffix(const std::filesystem::path& path, const char* suffix) {
  return path.parent_path() / (path.filename().string() + suffix);
}

}  // namespace

VersionedFile::VersionedFile(const std::filesystem::path& folder,
                             const std::string& name,
                             FileSystem& files)
    : folder_(folder),
      path_(folder / (name + kExtension)),
      fresh_(WithSuffix(path_, ".new")),
      versions_(folder / name),
      files_(files) {}

std::optional<std::string> VersionedFile::Read() const { return TextOf(path_); }

std::optional<std::string> VersionedFile::ReadVersion(int number) const {
  return TextOf(VersionPath(number));
}

std::optional<std::string> VersionedFile::TextOf(const std::filesystem::path& path) const {
  try {
    const std::vector<std::byte> bytes = files_.Read(path);
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kNotFound)
      return std::nullopt;
    throw;
  }
}

std::optional<FileMark> VersionedFile::Mark() const {
  struct stat status {};
  if (::stat(path_.c_str(), &status) != 0)
    return std::nullopt;
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  return FileMark{status.st_ino,
                  static_cast<std::uint64_t>(status.st_size),
                  std::int64_t{status.st_mtim.tv_sec} * kNanoseconds + status.st_mtim.tv_nsec};
}

void VersionedFile::Touch() const {
  if (::utimensat(AT_FDCWD, path_.c_str(), nullptr, 0) != 0 && errno != ENOENT)
    throw ChangeFailed(errno, "touching of " + path_.filename().string());
}

std::vector<int> VersionedFile::Versions() const {
  std::vector<int> numbers;
  for (const std::string& name : files_.List(versions_)) {
    int number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error == std::errc() && std::string(end) == kExtension && number > 0)
      numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  // The new text is written first, then the same as a version, then it gets the file's name.
  if (const auto fresh = TextOf(fresh_); fresh && !numbers.empty()) {
    if (fresh->starts_with(ReadVersion(numbers.back()).value_or("")))
      numbers.pop_back();
  }
  return numbers;
}

std::filesystem::path VersionedFile::VersionPath(int number) const {
  char name[32];
  std::snprintf(name, sizeof name, "%04d%s", number, kExtension);
  return versions_ / name;
}

void VersionedFile::Write(const std::filesystem::path& path, const std::string& text) const {
  files_.Remove(path);  // what a killed process has left
  try {
    const auto file = files_.Create(path);
    file->Write(std::as_bytes(std::span(text)));
    file->Sync();
    file->Close();
  } catch (const Error&) {
    files_.Remove(path);
    throw;
  }
}

std::string VersionedFile::KeepAside(const std::string& label) const {
  const std::vector<std::string> names = files_.List(versions_);
  std::string name;
  for (int number = 1; name.empty() || std::ranges::find(names, name) != names.end(); ++number) {
    name = label + "-" + VersionPath(number).filename().string();
  }
  files_.MakeFolder(versions_);
  Write(versions_ / name, Read().value_or(""));
  files_.SyncFolder(versions_);
  return (versions_.filename() / name).string();
}

void VersionedFile::Replace(int number,
                            const std::string& text,
                            const std::function<void()>& before_rename) const {
  files_.MakeFolder(versions_);
  Write(fresh_, text);
  try {
    Write(VersionPath(number), text);
    files_.SyncFolder(versions_);
    before_rename();
    files_.Rename(fresh_, path_);
  } catch (...) {
    files_.Remove(VersionPath(number));
    files_.Remove(fresh_);
    throw;
  }
  files_.SyncFolder(folder_);
  DropOldVersions();
}

void VersionedFile::DropOldVersions() const {
  std::vector<int> numbers = Versions();
  for (std::size_t i = 0; i + kMostVersions < numbers.size(); ++i) {
    files_.Remove(VersionPath(numbers[i]));
  }
}

VersionedFile::Lock::Lock(const VersionedFile& file)
    : descriptor_(::open(
          WithSuffix(file.path_, ".lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, kLockMode)) {
  if (descriptor_ < 0)
    throw ChangeFailed(errno, "opening of the lock of " + file.path_.filename().string());
  while (::flock(descriptor_, LOCK_EX) != 0) {
    if (errno != EINTR) {
      const int error = errno;
      ::close(descriptor_);
      throw ChangeFailed(error, "locking of " + file.path_.filename().string());
    }
  }
}

VersionedFile::Lock::~Lock() { ::close(descriptor_); }

}  // namespace necknode::storage
