#include "storage/sqlite.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/storage/storage_fixture.h"

namespace necknode::storage {
namespace {

class SqliteTest : public testing::Test {
 protected:
  SqliteTest() : writer_(folder_.path() / "test.db", Database::Mode::kWriter) {
    writer_.Execute("CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, v)");
  }
  std::int64_t Count(Database& database) {
    return database.Integer("SELECT COUNT(*) FROM t").value();
  }
  tests::TempFolder folder_;
  Database writer_;
};

TEST_F(SqliteTest, TransactionRollsBackUnlessCommitted) {
  {
    const Transaction transaction(writer_, Transaction::Kind::kWrite);
    writer_.Run("INSERT INTO t (v) VALUES (?)", 1);
  }
  EXPECT_EQ(Count(writer_), 0);
  Transaction transaction(writer_, Transaction::Kind::kWrite);
  writer_.Run("INSERT INTO t (v) VALUES (?)", 1);
  transaction.Commit();
  EXPECT_EQ(Count(writer_), 1);
}

TEST_F(SqliteTest, KeepsValuesAsTheyWereBound) {
  const std::string bytes("\xFF\0x", 3);
  writer_.Run("INSERT INTO t (v) VALUES (?)", Raw{bytes});
  writer_.Run("INSERT INTO t (v) VALUES (?)", std::string_view());
  writer_.Run("INSERT INTO t (v) VALUES (?)", 0.1);
  writer_.Run("INSERT INTO t (v) VALUES (?)", std::optional<int>());
  writer_.Run("INSERT INTO t (v) VALUES (?)", std::numeric_limits<std::int64_t>::max());
  Statement rows(writer_, "SELECT v FROM t ORDER BY id");
  ASSERT_TRUE(rows.Step());
  EXPECT_EQ(rows.Text(), bytes);
  ASSERT_TRUE(rows.Step());
  EXPECT_FALSE(rows.IsNull());
  EXPECT_EQ(rows.Text(), "");
  ASSERT_TRUE(rows.Step());
  EXPECT_EQ(rows.OptionalReal(), 0.1);
  ASSERT_TRUE(rows.Step());
  EXPECT_EQ(rows.OptionalInt(), std::nullopt);
  ASSERT_TRUE(rows.Step());
  EXPECT_EQ(rows.Integer(), std::numeric_limits<std::int64_t>::max());
  EXPECT_FALSE(rows.Step());
}

TEST_F(SqliteTest, NeverGivesAKeyTwice) {
  writer_.Run("INSERT INTO t (v) VALUES (1)");
  const auto first = writer_.LastInsertId();
  writer_.Run("DELETE FROM t");
  writer_.Run("INSERT INTO t (v) VALUES (1)");
  EXPECT_GT(writer_.LastInsertId(), first);
}

TEST_F(SqliteTest, SetsEveryConnectionUpForDurability) {
  EXPECT_EQ(writer_.Integer("PRAGMA synchronous"), 2);
  EXPECT_EQ(writer_.Integer("PRAGMA foreign_keys"), 1);
  EXPECT_EQ(writer_.Integer("PRAGMA secure_delete"), 1);
  EXPECT_EQ(writer_.Integer("PRAGMA wal_autocheckpoint"), 0);
  Statement mode(writer_, "PRAGMA journal_mode");
  ASSERT_TRUE(mode.Step());
  EXPECT_EQ(mode.Text(), "wal");
}

TEST_F(SqliteTest, LeavesTheLogWhenTheLastConnectionCloses) {
  const auto file = folder_.path() / "closed.db";
  { Database(file, Database::Mode::kWriter).Execute("CREATE TABLE u (v)"); }
  EXPECT_GT(std::filesystem::file_size(file.string() + "-wal"), 0U);
  Database again(file, Database::Mode::kWriter);
  EXPECT_EQ(again.Integer("SELECT COUNT(*) FROM u"), 0);
}

TEST_F(SqliteTest, CheckpointDoesNotWaitForAReader) {
  Database reader(folder_.path() / "test.db", Database::Mode::kReader);
  writer_.Run("INSERT INTO t (v) VALUES (1)");
  {
    const Transaction reading(reader, Transaction::Kind::kRead);
    EXPECT_EQ(Count(reader), 1);
    writer_.Run("INSERT INTO t (v) VALUES (2)");
    EXPECT_FALSE(writer_.CheckpointTruncate());
  }
  EXPECT_TRUE(writer_.CheckpointTruncate());
  EXPECT_EQ(std::filesystem::file_size(folder_.path() / "test.db-wal"), 0U);
}

TEST_F(SqliteTest, ReaderCannotWrite) {
  Database reader(folder_.path() / "test.db", Database::Mode::kReader);
  EXPECT_THROW(reader.Run("INSERT INTO t (v) VALUES (1)"), Error);
}

TEST_F(SqliteTest, NamesWhatFailed) {
  EXPECT_EQ(CodeOf([&] { writer_.Run("SELECT nothing FROM nowhere"); }), ErrorCode::kInternal);
  writer_.Execute("PRAGMA max_page_count=4");
  EXPECT_EQ(CodeOf([&] {
              writer_.Run("INSERT INTO t (v) VALUES (?)",
                          std::string_view(std::string(99999, 'x')));
            }),
            ErrorCode::kNoSpace);
  EXPECT_EQ(CodeOf([&] { Database(folder_.path() / "no/folder/db", Database::Mode::kWriter); }),
            ErrorCode::kStorageFailed);
}

}  // namespace
}  // namespace necknode::storage
