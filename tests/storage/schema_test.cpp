#include "storage/schema.h"

#include <array>

#include "storage/connections.h"
#include "tests/storage/storage_fixture.h"

namespace necknode::storage {
namespace {

class MigrateTest : public testing::Test {
 protected:
  MigrateTest() : database_(folder_.path() / "necknode.db", Database::Mode::kWriter) {}
  void Back(int version) { backed_up_.push_back(version); }
  void Run(Migrations migrations) {
    Migrate(database_, migrations, [this](int version) { Back(version); });
  }
  tests::TempFolder folder_;
  Database database_;
  std::vector<int> backed_up_;
};

constexpr std::array<std::string_view, 3> kSteps = {
    "CREATE TABLE a (x INTEGER)", "ALTER TABLE a ADD COLUMN y INTEGER", "CREATE TABLE b (z)"};

TEST_F(MigrateTest, MakesANewDatabaseWithoutBackup) {
  Run(kSteps);
  EXPECT_EQ(database_.Integer("PRAGMA user_version"), 3);
  EXPECT_TRUE(backed_up_.empty());
}

TEST_F(MigrateTest, BacksUpBeforeItChangesAnExistingDatabase) {
  Run(Migrations(kSteps).first(1));
  database_.Run("INSERT INTO a (x) VALUES (7)");
  Run(kSteps);
  EXPECT_EQ(backed_up_, std::vector<int>{1});
  EXPECT_EQ(database_.Integer("SELECT x FROM a WHERE y IS NULL"), 7);
  Run(kSteps);
  EXPECT_EQ(backed_up_.size(), 1U);
}

TEST_F(MigrateTest, RefusesANewerSchemaAndChangesNothing) {
  Run(kSteps);
  EXPECT_EQ(CodeOf([&] { Run(Migrations(kSteps).first(2)); }), ErrorCode::kUnsupported);
  EXPECT_EQ(database_.Integer("PRAGMA user_version"), 3);
}

TEST_F(MigrateTest, FailedStepLeavesTheVersionBefore) {
  const std::array<std::string_view, 2> broken = {kSteps[0], "CREATE TABLE c (x); NONSENSE"};
  EXPECT_THROW(Run(broken), Error);
  EXPECT_EQ(database_.Integer("PRAGMA user_version"), 1);
  EXPECT_EQ(database_.Integer("SELECT COUNT(*) FROM sqlite_master WHERE name = 'c'"), 0);
}

class SchemaTest : public StoreTest {};

TEST_F(SchemaTest, StoreRefusesADatabaseOfANewerProgram) {
  store_.reset();
  Database(Options().folder / "necknode.db", Database::Mode::kWriter)
      .Execute("PRAGMA user_version=99");
  try {
    Reopen();
    FAIL() << "opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
    EXPECT_NE(std::string(error.what()).find("99"), std::string::npos);
  }
}

TEST_F(SchemaTest, BackupIsACompleteDatabase) {
  Add(CtHeader(1, 1), 1);
  const auto folder = Options().folder;
  FailureLatch latch;
  // A program that knows one version more.
  std::vector<std::string_view> migrations(SchemaMigrations().begin(), SchemaMigrations().end());
  migrations.emplace_back("CREATE TABLE later (x INTEGER)");
  const Connections connections(folder, SystemFiles(), latch, clock_, migrations);
  std::vector<std::filesystem::path> backups;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "backup")) {
    backups.push_back(entry.path());
  }
  ASSERT_EQ(backups.size(), 1U);
  const std::string version = std::to_string(SchemaMigrations().size());
  EXPECT_TRUE(backups[0].filename().string().starts_with("schema" + version + "-"));
  EXPECT_EQ(backups[0].extension(), ".db");
  Database backup(backups[0], Database::Mode::kWriter);
  EXPECT_EQ(std::to_string(backup.Integer("PRAGMA user_version").value_or(0)), version);
  EXPECT_EQ(backup.Integer("SELECT COUNT(*) FROM instances"), 1);
}

}  // namespace
}  // namespace necknode::storage
