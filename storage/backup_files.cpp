#include "storage/backup_files.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "core/digest.h"
#include "core/error.h"
#include "storage/object_files.h"

namespace necknode::storage {
namespace {

constexpr std::size_t kSumDigits = 64;
constexpr std::size_t kPieceBytes = 1 << 20;

struct Source {
  ObjectKind kind;
  const char* select;  // key, digest, bytes
  const char* named;
  const char* mark_gone;
};
constexpr std::array kSources = {
    Source{ObjectKind::kReceived,
           "SELECT object_key, file_digest, bytes FROM instances WHERE state = 'stored'",
           "SELECT 1 FROM instances WHERE object_key = ? AND state = 'stored'",
           "UPDATE instances SET state = 'deleted' WHERE object_key = ?"},
    Source{ObjectKind::kResult,
           "SELECT object_key, '', bytes FROM results WHERE state = 'stored'",
           "SELECT 1 FROM results WHERE object_key = ? AND state = 'stored'",
           "UPDATE results SET state = 'deleted' WHERE object_key = ?"},
    Source{ObjectKind::kQuarantine,
           "SELECT object_key, '', bytes FROM quarantine",
           "SELECT 1 FROM quarantine WHERE object_key = ?",
           "DELETE FROM quarantine WHERE object_key = ?"}};

const Source& SourceOf(ObjectKind kind) {
  return *std::ranges::find(kSources, kind, &Source::kind);
}

// Feeds a file's bytes to `use` piece by piece.
template <typename Use>
void ReadThrough(FileSystem& files, const std::filesystem::path& file, Use use) {
  for (std::uint64_t offset = 0;;) {
    const auto piece = files.ReadPart(file, offset, kPieceBytes);
    if (piece.empty())
      return;
    use(piece);
    offset += piece.size();
  }
}

bool IsWithin(const std::filesystem::path& path) {
  return !path.empty() && path.is_relative() && path == path.lexically_normal() &&
         *path.begin() != "..";
}

}  // namespace

std::string ToText(const Sums& sums) {
  std::string text;
  for (const auto& [path, sum] : sums)
    text += sum + "  " + path + "\n";
  return text;
}

Sums SumsFrom(std::string_view text) {
  Sums sums;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (end == std::string_view::npos || line.size() <= kSumDigits + 2 ||
        line.substr(kSumDigits, 2) != "  " || !IsWithin(line.substr(kSumDigits + 2)))
      throw Error(ErrorCode::kParse, std::string(kSumsFile) + " of the backup is damaged");
    sums.emplace(line.substr(kSumDigits + 2), line.substr(0, kSumDigits));
    text.remove_prefix(end + 1);
  }
  return sums;
}

std::string NamedObject::Path() const {
  return std::string(FolderNameOf(kind)) + "/" + key.substr(0, 2) + "/" + key;
}

void ForEachObject(Database& database, const std::function<void(const NamedObject&)>& use) {
  for (const Source& source : kSources) {
    Statement rows(database, source.select);
    while (rows.Step()) {
      NamedObject object;
      object.kind = source.kind;
      object.key = rows.Text();
      object.digest = rows.Text();
      object.bytes = static_cast<std::uint64_t>(rows.Integer());
      use(object);
    }
  }
}

std::uint64_t CountObjects(Database& database) {
  std::uint64_t count = 0;
  for (const Source& source : kSources) {
    const std::string sql = std::string("SELECT COUNT(*) FROM (").append(source.select).append(")");
    count += static_cast<std::uint64_t>(database.Integer(sql).value_or(0));
  }
  return count;
}

bool IsNamed(Database& database, const NamedObject& object) {
  return database.Integer(SourceOf(object.kind).named, object.key).has_value();
}

void MarkGone(Database& database, const NamedObject& object) {
  database.Run(SourceOf(object.kind).mark_gone, object.key);
}

std::string DamageOf(const NamedObject& object,
                     const std::filesystem::path& file,
                     const std::function<std::string(const std::filesystem::path&)>& digest_of) {
  try {
    const std::uint64_t size = std::filesystem::file_size(file);
    if (size != object.bytes)
      return std::to_string(size) + " bytes instead of " + std::to_string(object.bytes);
    if (!object.digest.empty() && digest_of(file) != object.digest)
      return "its bytes are not those that were received";
  } catch (const std::filesystem::filesystem_error&) {
    return "it is not there";
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

std::string SumOf(FileSystem& files, const std::filesystem::path& file) {
  Sha256 sum;
  ReadThrough(files, file, [&](std::span<const std::byte> piece) { sum.Update(piece); });
  return sum.Finish();
}

FolderWriter::FolderWriter(std::filesystem::path folder, FileSystem& files)
    : folder_(std::filesystem::absolute(folder)), files_(files) {
  std::error_code error;
  if (std::filesystem::exists(folder_, error)) {
    for (const std::string& name : files_.List(folder_)) {
      if (name != "lost+found")
        throw Error(ErrorCode::kInvalidArgument,
                    folder_.string() + " holds " + name +
                        ": give an empty folder or one that does not exist yet");
    }
  }
  files_.MakeFolder(folder_);
  folders_.insert(folder_.parent_path());
  folders_.insert(folder_);
}

std::filesystem::path FolderWriter::Prepared(const std::string& path) {
  const std::filesystem::path within = std::filesystem::path(path).parent_path();
  std::filesystem::path folder = folder_;
  for (const auto& part : within) {
    folder /= part;
    if (folders_.insert(folder).second)
      files_.MakeFolder(folder);
  }
  return folder_ / path;
}

std::string FolderWriter::Copy(const std::filesystem::path& from, const std::string& path) {
  const auto file = files_.Create(Prepared(path));
  Sha256 sum;
  ReadThrough(files_, from, [&](std::span<const std::byte> piece) {
    sum.Update(piece);
    file->Write(piece);
  });
  file->Sync();
  file->Close();
  return sum.Finish();
}

void FolderWriter::Link(const std::filesystem::path& from, const std::string& path) {
  files_.Link(from, Prepared(path));
}

void FolderWriter::Write(std::string_view text, const std::string& path) {
  const auto file = files_.Create(Prepared(path));
  file->Write(std::as_bytes(std::span(text)));
  file->Sync();
  file->Close();
}

void FolderWriter::SyncFolders() {
  // Names first where they lie deepest.
  for (auto folder = folders_.rbegin(); folder != folders_.rend(); ++folder)
    files_.SyncFolder(*folder);
}

}  // namespace necknode::storage
