#include "storage/object_files.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "core/digest.h"

namespace necknode::storage {
namespace {

constexpr std::size_t kKeyBytes = 16;
constexpr int kKeysInARow = 256;  // of one shard, before the next one is drawn
constexpr std::uint64_t kMaxDefaultReserve = 2ULL << 30;
constexpr std::uint64_t kDefaultReserveShare = 20;  // a twentieth of the file system

bool IsKey(std::string_view key) {
  return key.size() == 2 * kKeyBytes && std::ranges::all_of(key, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::size_t ShardNumber(std::string_view key) {
  std::size_t number = 0;
  std::from_chars(key.data(), key.data() + 2, number, 16);
  return number;
}

class ObjectFile : public ObjectWriter {
 public:
  ObjectFile(ObjectKind kind,
             std::string key,
             std::filesystem::path path,
             Shard& shard,
             FileSystem& files,
             FailureLatch& latch)
      : kind_(kind),
        key_(std::move(key)),
        path_(std::move(path)),
        shard_(shard),
        files_(files),
        latch_(latch) {
    file_ = latch_.Guard([&] { return files_.Create(path_); });
    name_number_ = shard_.AddName();
  }

  ~ObjectFile() override {
    if (kept_ || removed_)
      return;
    try {
      Discard();
    } catch (const Error&) {  // the latch knows, and the file is swept at the next start
    }
  }
  ObjectFile(const ObjectFile&) = delete;
  ObjectFile& operator=(const ObjectFile&) = delete;

  void Write(std::span<const std::byte> bytes) override {
    if (file_ == nullptr)
      throw Error(ErrorCode::kInternal, "write to a closed object");
    latch_.Guard([&] { file_->Write(bytes); });
    size_ += bytes.size();
  }

  void SyncBytes() override {
    if (whole_)
      return;
    if (file_ == nullptr)
      throw Error(ErrorCode::kInternal, "sync of a removed object");
    latch_.Guard([&] {
      file_->Sync();
      file_->Close();
    });
    file_.reset();
    whole_ = true;
  }

  void Sync() override {
    if (kept_)
      return;
    SyncBytes();
    latch_.Guard([&] { shard_.SyncName(name_number_, path_.parent_path(), files_); });
    kept_ = true;
  }

  void Discard() override {
    if (removed_)
      return;
    file_.reset();
    removed_ = true;
    latch_.Guard([&] { files_.Remove(path_); });
  }

  ObjectKind kind() const override { return kind_; }
  const std::string& key() const override { return key_; }
  std::uint64_t size() const override { return size_; }

 private:
  const ObjectKind kind_;
  const std::string key_;
  const std::filesystem::path path_;
  Shard& shard_;
  FileSystem& files_;
  FailureLatch& latch_;
  std::unique_ptr<WritableFile> file_;
  std::uint64_t name_number_ = 0;
  std::uint64_t size_ = 0;
  bool whole_ = false;  // bytes durable and closed
  bool kept_ = false;   // and so is the name
  bool removed_ = false;
};

}  // namespace

std::string_view FolderNameOf(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kReceived:
      return "objects";
    case ObjectKind::kResult:
      return "results";
    case ObjectKind::kQuarantine:
      return "quarantine";
  }
  throw Error(ErrorCode::kInternal, "unknown kind of object");
}

void Shard::Make(const std::filesystem::path& folder, FileSystem& files) {
  const std::lock_guard lock(mutex_);
  if (durable_)
    return;
  // Synced even where the folder exists: the process that made it may have died before it did so.
  files.MakeFolder(folder);
  files.SyncFolder(folder.parent_path());
  durable_ = true;
}

std::uint64_t Shard::AddName() {
  const std::lock_guard lock(mutex_);
  return ++names_;
}

void Shard::SyncName(std::uint64_t number, const std::filesystem::path& folder, FileSystem& files) {
  std::uint64_t made = 0;
  {
    const std::lock_guard lock(mutex_);
    if (synced_ >= number)
      return;
    made = names_;
  }
  files.SyncFolder(folder);
  const std::lock_guard lock(mutex_);
  synced_ = std::max(synced_, made);
}

ObjectFiles::ObjectFiles(std::filesystem::path folder,
                         std::optional<std::uint64_t> reserve_bytes,
                         FileSystem& files,
                         FailureLatch& latch)
    : folder_(std::move(folder)), files_(files), latch_(latch), reserve_bytes_(0) {
  for (const auto kind : {ObjectKind::kReceived, ObjectKind::kResult, ObjectKind::kQuarantine}) {
    files_.MakeFolder(folder_ / FolderNameOf(kind));
  }
  reserve_bytes_ = reserve_bytes ? *reserve_bytes
                                 : std::min(kMaxDefaultReserve,
                                            files_.SpaceOf(folder_).total / kDefaultReserveShare);
}

std::unique_ptr<ObjectWriter> ObjectFiles::Create(ObjectKind kind) {
  latch_.Check();
  // Results are the way out of a full disk's backlog, so they may use the reserve.
  const bool incoming = kind == ObjectKind::kReceived || kind == ObjectKind::kQuarantine;
  if (incoming && FreeAboveReserve() == 0) {
    throw Error(ErrorCode::kNoSpace,
                "the reserve of " + std::to_string(reserve_bytes_) + " bytes is reached");
  }
  std::string key = NewKey(kind);
  Shard& shard = ReadyShard(kind, key);
  auto path = PathOf(kind, key);
  return std::make_unique<ObjectFile>(kind, std::move(key), std::move(path), shard, files_, latch_);
}

std::string ObjectFiles::NewKey(ObjectKind kind) {
  const std::lock_guard lock(mutex_);
  Prefix& prefix = prefixes_.at(static_cast<std::size_t>(kind));
  if (prefix.left == 0)
    prefix = {RandomHex(1), kKeysInARow};
  --prefix.left;
  return prefix.digits + RandomHex(kKeyBytes - 1);
}

std::vector<std::byte> ObjectFiles::Read(ObjectKind kind, const std::string& key) const {
  return files_.Read(PathOf(kind, key));
}

std::vector<std::byte> ObjectFiles::ReadPart(ObjectKind kind,
                                             const std::string& key,
                                             std::uint64_t offset,
                                             std::size_t size) const {
  return files_.ReadPart(PathOf(kind, key), offset, size);
}

std::filesystem::path ObjectFiles::FolderOf(ObjectKind kind, const std::string& key) const {
  return folder_ / FolderNameOf(kind) / key.substr(0, 2);
}

std::filesystem::path ObjectFiles::PathOf(ObjectKind kind, const std::string& key) const {
  if (!IsKey(key))
    throw Error(ErrorCode::kInvalidArgument, "not an object key");
  return FolderOf(kind, key) / key;
}

Shard& ObjectFiles::ReadyShard(ObjectKind kind, const std::string& key) {
  Shard& shard = shards_.at(static_cast<std::size_t>(kind) * kShards + ShardNumber(key));
  latch_.Guard([&] { shard.Make(FolderOf(kind, key), files_); });
  return shard;
}

void ObjectFiles::Remove(ObjectKind kind, const std::string& key) {
  latch_.Guard([&] { files_.Remove(PathOf(kind, key)); });
}

std::uint64_t ObjectFiles::FreeAboveReserve() const { return Disk().free_above_reserve_bytes; }

DiskSpace ObjectFiles::Disk() const {
  const Space space = files_.SpaceOf(folder_);
  return {space.total,
          space.free,
          space.free > reserve_bytes_ ? space.free - reserve_bytes_ : 0,
          reserve_bytes_};
}

void ObjectFiles::LinkToQuarantine(ObjectKind kind, const std::string& key) {
  if (kind == ObjectKind::kQuarantine)
    return;
  ReadyShard(ObjectKind::kQuarantine, key);
  latch_.Guard([&] {
    // An earlier transaction may have left the name behind.
    files_.Remove(PathOf(ObjectKind::kQuarantine, key));
    files_.Link(PathOf(kind, key), PathOf(ObjectKind::kQuarantine, key));
    files_.SyncFolder(FolderOf(ObjectKind::kQuarantine, key));
  });
}

std::vector<std::string> ObjectFiles::KeysOfShard(ObjectKind kind, std::size_t shard) const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const std::string name = {kDigits[shard / 16], kDigits[shard % 16]};
  auto keys = files_.List(folder_ / FolderNameOf(kind) / name);
  std::erase_if(keys, [](const std::string& key) { return !IsKey(key); });
  return keys;
}

}  // namespace necknode::storage
