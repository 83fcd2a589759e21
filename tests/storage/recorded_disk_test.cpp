#include "tests/storage/recorded_disk.h"

#include <fstream>
#include <optional>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/support/temp_folder.h"

namespace necknode::storage {
namespace {

using What = DiskChange::What;

class DiskTest : public testing::Test {
 protected:
  void Do(What what, const std::string& path, const std::string& argument = {}) {
    DiskChange change{what, path, {}, 0, {}};
    if (what == What::kLink)
      change.name = argument;
    change.bytes = argument;
    disk_.Apply(change);
  }
  /// What a file holds after a cut now; nothing where it is not there.
  std::optional<std::string> After(Loss loss, const std::string& path, unsigned seed = 1) const {
    const tests::TempFolder folder;
    std::mt19937 random(seed);
    disk_.LeaveIn(folder.path(), loss, random);
    std::ifstream file(folder.path() / path, std::ios::binary);
    if (!file)
      return std::nullopt;
    std::ostringstream bytes;
    bytes << file.rdbuf();
    return bytes.str();
  }

  Disk disk_;
};

TEST_F(DiskTest, KeepsSyncedBytesUnderASyncedName) {
  Do(What::kCreate, "a");
  Do(What::kWrite, "a", "bytes");
  EXPECT_EQ(After(Loss::kNothing, "a"), "bytes");
  EXPECT_EQ(After(Loss::kBytes, "a"), "");
  EXPECT_EQ(After(Loss::kZeros, "a"), std::string(5, '\0'));
  EXPECT_EQ(After(Loss::kNames, "a"), std::nullopt);
  Do(What::kSyncFile, "a");
  EXPECT_EQ(After(Loss::kAll, "a"), std::nullopt);
  Do(What::kSyncFolder, "");
  EXPECT_EQ(After(Loss::kAll, "a"), "bytes");
  Do(What::kWrite, "a", "BYTES");
  EXPECT_EQ(After(Loss::kAll, "a"), "bytes");
  EXPECT_EQ(After(Loss::kNames, "a"), "BYTES");
}

TEST_F(DiskTest, BringsARemovedNameBackUntilItsFolderIsSynced) {
  Do(What::kCreate, "a");
  Do(What::kSyncFolder, "");
  Do(What::kRemove, "a");
  EXPECT_EQ(After(Loss::kAll, "a"), "");
  EXPECT_EQ(After(Loss::kBytes, "a"), std::nullopt);
  Do(What::kSyncFolder, "");
  EXPECT_EQ(After(Loss::kAll, "a"), std::nullopt);
}

TEST_F(DiskTest, LosesAFolderWithAllThatIsSyncedInIt) {
  Do(What::kMakeFolder, "f");
  Do(What::kCreate, "f/a");
  Do(What::kSyncFolder, "f");
  EXPECT_EQ(After(Loss::kAll, "f/a"), std::nullopt);
  Do(What::kSyncFolder, "");
  EXPECT_EQ(After(Loss::kAll, "f/a"), "");
}

TEST_F(DiskTest, ShowsTheSameBytesUnderBothNames) {
  Do(What::kCreate, "a");
  Do(What::kWrite, "a", std::string(2000, 'x'));
  Do(What::kLink, "a", "b");
  Do(What::kSyncFolder, "");
  for (unsigned seed = 0; seed < 20; ++seed)
    EXPECT_EQ(After(Loss::kSome, "a", seed), After(Loss::kSome, "b", seed));
}

TEST_F(DiskTest, MayLeaveAnyPartOfWhatWasNotSynced) {
  Do(What::kCreate, "a");
  Do(What::kSyncFolder, "");
  const std::string written(2000, 'x');
  Do(What::kWrite, "a", written);
  std::set<std::string> found;
  for (unsigned seed = 0; seed < 50; ++seed)
    found.insert(After(Loss::kSome, "a", seed).value());
  EXPECT_TRUE(found.contains(written));
  EXPECT_TRUE(found.contains(""));
  EXPECT_GT(found.size(), 10U);
}

TEST(DiskLogTest, RefusesChangesOnceThePowerIsOffAndPassesThoseOfOtherFolders) {
  DiskLog log("/root", {}, 1);
  EXPECT_TRUE(log.Add({What::kCreate, "/root/a", {}, 0, {}}));
  EXPECT_FALSE(log.Add({What::kSyncFile, "/root/a", {}, 0, {}}));
  EXPECT_TRUE(log.Add({What::kSyncFolder, "/", {}, 0, {}}));
  EXPECT_EQ(log.size(), 1U);
  EXPECT_EQ(log.changes().at(0).path, "a");
}

}  // namespace
}  // namespace necknode::storage
