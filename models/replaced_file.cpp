#include "models/replaced_file.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "core/error.h"

namespace necknode::models {
namespace {

[[noreturn]] void Fail(int error, const std::string& what) {
  const bool full = error == ENOSPC || error == EDQUOT;
  throw Error(full ? ErrorCode::kNoSpace : ErrorCode::kStorageFailed,
              what + " could not be written: " + std::generic_category().message(error));
}

}  // namespace

ReplacedFile::ReplacedFile(std::filesystem::path path)
    : path_(std::move(path)), temporary_(path_.string() + ".part") {
  descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0) {
    Fail(errno, temporary_.string());
  }
}

ReplacedFile::~ReplacedFile() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
    ::unlink(temporary_.c_str());
  }
}

void ReplacedFile::Write(const void* bytes, std::size_t size) {
  const char* at = static_cast<const char*>(bytes);
  while (size > 0) {
    const ssize_t written = ::write(descriptor_, at, size);
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written < 0) {
      Fail(errno, path_.string());
    }
    at += written;
    size -= static_cast<std::size_t>(written);
  }
}

void ReplacedFile::Commit(bool sync) {
  if (sync && ::fsync(descriptor_) != 0) {
    Fail(errno, path_.string());
  }
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
    Fail(errno, path_.string());
  }
  ::close(std::exchange(descriptor_, -1));
  if (!sync) {
    return;
  }
  const auto folder = path_.has_parent_path() ? path_.parent_path() : std::filesystem::path(".");
  const int parent = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const int synced = parent < 0 ? -1 : ::fsync(parent);
  const int error = errno;
  if (parent >= 0) {
    ::close(parent);
  }
  if (synced != 0) {
    Fail(error, "folder " + folder.string());
  }
}

void ReplaceFile(const std::filesystem::path& path, std::string_view text, bool sync) {
  ReplacedFile file(path);
  file.Write(text.data(), text.size());
  file.Commit(sync);
}

}  // namespace necknode::models
