#include "storage/object_store.h"

#include <set>

#include "tests/storage/failing_files.h"
#include "tests/storage/storage_fixture.h"

namespace necknode::storage {
namespace {

class ObjectStoreTest : public StoreTest {
 protected:
  std::string Store(ObjectKind kind, const std::vector<std::byte>& bytes) {
    auto file = store_->objects().Create(kind);
    file->Write(bytes);
    file->Sync();
    return file->key();
  }
};

TEST_F(ObjectStoreTest, GivesBackTheBytes) {
  const auto bytes = SomeBytes(1, 3'000'000);
  auto file = store_->objects().Create(ObjectKind::kResult);
  file->Write(std::span(bytes).first(1'000'001));
  file->Write(std::span(bytes).subspan(1'000'001));
  file->Sync();
  EXPECT_EQ(file->size(), bytes.size());
  EXPECT_EQ(store_->objects().Read(ObjectKind::kResult, file->key()), bytes);
  const auto path = store_->objects().PathOf(ObjectKind::kResult, file->key());
  EXPECT_EQ(std::filesystem::file_size(path), bytes.size());
  EXPECT_EQ(path.parent_path().filename().string(), file->key().substr(0, 2));
}

TEST_F(ObjectStoreTest, ReadsAPartAndNoMoreThanThereIs) {
  const auto bytes = SomeBytes(1, 1000);
  const auto key = Store(ObjectKind::kResult, bytes);
  const auto part = [&](std::uint64_t offset, std::size_t size) {
    return store_->objects().ReadPart(ObjectKind::kResult, key, offset, size);
  };
  const auto expected = [&](std::ptrdiff_t from, std::ptrdiff_t to) {
    return std::vector<std::byte>(bytes.begin() + from, bytes.begin() + to);
  };
  EXPECT_EQ(part(0, 1000), bytes);
  EXPECT_EQ(part(100, 50), expected(100, 150));
  EXPECT_EQ(part(990, 50), expected(990, 1000));
  EXPECT_EQ(part(990, std::numeric_limits<std::size_t>::max()), expected(990, 1000));
  EXPECT_TRUE(part(1000, 1).empty());
  EXPECT_TRUE(part(std::numeric_limits<std::uint64_t>::max(), 1).empty());
  EXPECT_TRUE(part(10, 0).empty());
  store_->objects().Remove(ObjectKind::kResult, key);
  EXPECT_EQ(CodeOf([&] { part(0, 1); }), ErrorCode::kNotFound);
}

TEST_F(ObjectStoreTest, KeepsPatientDataFromOthers) {
  const auto key = Store(ObjectKind::kReceived, SomeBytes(1));
  for (auto path = store_->objects().PathOf(ObjectKind::kReceived, key);
       path != Options().folder.parent_path();
       path = path.parent_path()) {
    EXPECT_EQ(std::filesystem::status(path).permissions() & std::filesystem::perms::others_all,
              std::filesystem::perms::none);
  }
}

// Files made in a row share a folder, and its sync.
TEST_F(ObjectStoreTest, OneSyncOfTheFolderServesAllNamesMadeBeforeIt) {
  store_.reset();
  FailingFiles files;
  auto options = Options();
  options.files = &files;
  store_ = Store::Open(options, clock_);
  auto& objects = store_->objects();
  const auto survives = [&](const ObjectWriter& file) {
    return files.SurvivesPowerCut(objects.PathOf(ObjectKind::kReceived, file.key()));
  };
  std::vector<std::unique_ptr<ObjectWriter>> early;
  for (unsigned i = 0; i < 8; ++i) {
    early.push_back(objects.Create(ObjectKind::kReceived));
    early.back()->Write(SomeBytes(i));
  }
  const int before = files.folder_syncs();
  for (const auto& file : early) {
    file->SyncBytes();
    EXPECT_FALSE(survives(*file)) << "its name is not durable yet";
  }
  early[3]->Sync();
  const auto late = objects.Create(ObjectKind::kReceived);
  late->Write(SomeBytes(9));
  for (const auto& file : early) {
    file->Sync();
    EXPECT_TRUE(survives(*file));
  }
  EXPECT_EQ(files.folder_syncs(), before + 1);
  late->SyncBytes();
  EXPECT_FALSE(survives(*late)) << "made after the sync of the folder";
  late->Sync();
  EXPECT_TRUE(survives(*late));
  EXPECT_EQ(files.folder_syncs(), before + 2);
}

TEST_F(ObjectStoreTest, ObjectsSpreadOverManyFolders) {
  std::set<std::string> folders;
  for (int i = 0; i < 2560; ++i)
    folders.insert(store_->objects().Create(ObjectKind::kResult)->key().substr(0, 2));
  EXPECT_GE(folders.size(), 5U);
  EXPECT_LE(folders.size(), 10U);
}

TEST_F(ObjectStoreTest, UnsyncedObjectLeavesNoFile) {
  store_->objects().Create(ObjectKind::kReceived)->Write(SomeBytes(1));
  EXPECT_EQ(FilesIn("objects"), 0U);
}

TEST_F(ObjectStoreTest, DiscardsASyncedObject) {
  auto file = store_->objects().Create(ObjectKind::kReceived);
  file->Sync();
  file->Discard();
  file->Discard();
  EXPECT_EQ(FilesIn("objects"), 0U);
}

TEST_F(ObjectStoreTest, SaysWhenThereIsNoSuchObject) {
  const auto key = Store(ObjectKind::kResult, SomeBytes(1));
  EXPECT_EQ(CodeOf([&] { store_->objects().Read(ObjectKind::kReceived, key); }),
            ErrorCode::kNotFound);
  store_->objects().Remove(ObjectKind::kResult, key);
  EXPECT_EQ(CodeOf([&] { store_->objects().Read(ObjectKind::kResult, key); }),
            ErrorCode::kNotFound);
}

TEST_F(ObjectStoreTest, TakesNoPathForAKey) {
  for (const auto* key : {"", "../../../../etc/passwd", "ABCDEF0123456789ABCDEF0123456789"}) {
    EXPECT_EQ(CodeOf([&] { store_->objects().Read(ObjectKind::kReceived, key); }),
              ErrorCode::kInvalidArgument);
  }
}

TEST_F(ObjectStoreTest, RefusesWhatComesInAtTheReserveButNotResults) {
  store_.reset();
  auto options = Options();
  options.reserve_bytes = 1ULL << 60;
  store_ = Store::Open(options, clock_);
  EXPECT_EQ(store_->objects().FreeAboveReserve(), 0U);
  EXPECT_EQ(CodeOf([&] { store_->objects().Create(ObjectKind::kReceived); }), ErrorCode::kNoSpace);
  Store(ObjectKind::kResult, SomeBytes(1));
}

TEST_F(ObjectStoreTest, DefaultReserveIsAtMostTwoGiB) {
  auto options = Options();
  options.reserve_bytes.reset();
  const auto with_default = Store::Open(options, clock_);
  const auto space = std::filesystem::space(options.folder);
  const auto reserve = std::min<std::uint64_t>(2ULL << 30, space.capacity / 20);
  if (space.available < reserve + (1ULL << 30))
    GTEST_SKIP() << "too little space";
  EXPECT_NEAR(static_cast<double>(with_default->objects().FreeAboveReserve()),
              static_cast<double>(space.available - reserve),
              1e9);
}

}  // namespace
}  // namespace necknode::storage
