#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace necknode::storage {

class Database;

/// A LIMIT: `limit` <= 0 means all rows.
[[nodiscard]] constexpr std::int64_t AtMost(int limit) {
  return limit > 0 ? limit : std::numeric_limits<std::int64_t>::max();
}

/// Text as a peer sent it, in any character set: bound as BLOB.
struct Raw {
  std::string_view text;
};

/// A prepared statement, borrowed from its Database and given back at the end of the scope. Values
/// are bound and columns read in order. Every function throws as Database says.
class Statement {
 public:
  Statement(Database& database, std::string_view sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  template <std::integral Integer>
  Statement& Bind(Integer value) {
    return BindInteger(static_cast<std::int64_t>(value));
  }
  Statement& Bind(double value);
  Statement& Bind(std::string_view text);
  Statement& Bind(Raw raw);
  Statement& Bind(std::nullopt_t);
  template <typename T>
  Statement& Bind(const std::optional<T>& value) {
    return value ? Bind(*value) : Bind(std::nullopt);
  }

  /// Goes to the first or next row; false at the end.
  bool Step();

  [[nodiscard]] bool IsNull() const;  ///< of the column that is read next
  std::int64_t Integer();
  int Int() { return static_cast<int>(Integer()); }
  bool Bool() { return Integer() != 0; }
  double Real();
  std::string Text();  ///< of TEXT and BLOB; NULL is empty
  std::optional<int> OptionalInt();
  std::optional<double> OptionalReal();

 private:
  Statement& BindInteger(std::int64_t value);
  void Check(int result) const;

  Database& database_;
  std::string sql_;
  sqlite3_stmt* handle_;
  int bound_ = 0, column_ = 0;
};

/// One SQLite connection: WAL, synchronous FULL, foreign keys, secure delete, no automatic
/// checkpoint, none on close, busy timeout 5 s. Errors: kNoSpace (SQLITE_FULL, ENOSPC, EDQUOT),
/// kStorageFailed (any other failed write of a writer), kTimeout (busy), kInternal (else). Not
/// thread safe.
class Database {
 public:
  enum class Mode { kWriter, kReader };
  /// A writer makes the file where there is none.
  Database(const std::filesystem::path& file, Mode mode);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Runs statements without values and rows.
  void Execute(const std::string& sql);
  /// Runs one statement to its end; returns how many rows it changed.
  template <typename... Values>
  int Run(std::string_view sql, const Values&... values) {
    Statement statement(*this, sql);
    (statement.Bind(values), ...);
    while (statement.Step()) {
    }
    return Changes();
  }
  /// The first column of the first row, if any.
  template <typename... Values>
  std::optional<std::int64_t> Integer(std::string_view sql, const Values&... values) {
    Statement statement(*this, sql);
    (statement.Bind(values), ...);
    if (!statement.Step() || statement.IsNull())
      return std::nullopt;
    return statement.Integer();
  }
  [[nodiscard]] std::int64_t LastInsertId() const;
  [[nodiscard]] bool InTransaction() const;
  /// Writes the whole log into the database and empties it. False where a reader is in the way;
  /// does not wait.
  bool CheckpointTruncate();
  /// Writes a compact copy, not synced.
  void CopyTo(const std::filesystem::path& file);

 private:
  friend class Statement;
  [[nodiscard]] int Changes() const;
  [[noreturn]] void Fail(int result, const std::string& what) const;
  void Configure();
  void Close();

  const Mode mode_;
  sqlite3* handle_ = nullptr;
  std::multimap<std::string, sqlite3_stmt*, std::less<>> idle_;  // prepared, not in use
};

/// A transaction that is rolled back unless Commit() succeeded.
class Transaction {
 public:
  enum class Kind { kRead, kWrite };
  Transaction(Database& database, Kind kind);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void Commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace necknode::storage
