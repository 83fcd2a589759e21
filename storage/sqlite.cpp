#include "storage/sqlite.h"

#include <cerrno>
#include <utility>

#include <sqlite3.h>

#include "core/error.h"

namespace necknode::storage {
namespace {

constexpr int kBusyTimeoutMs = 5000;

// SQLITE_TRANSIENT without its old-style cast: SQLite copies the value.
sqlite3_destructor_type Copied() {
  return reinterpret_cast<sqlite3_destructor_type>(std::intptr_t{-1});
}

bool NoSpace(int error_number) { return error_number == ENOSPC || error_number == EDQUOT; }

ErrorCode CodeOf(int result, int system_error, Database::Mode mode) {
  const auto failed_write =
      mode == Database::Mode::kWriter ? ErrorCode::kStorageFailed : ErrorCode::kInternal;
  switch (result & 0xff) {
    case SQLITE_FULL:
      return ErrorCode::kNoSpace;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      if (NoSpace(system_error) || system_error == EMFILE || system_error == ENFILE) {
        return ErrorCode::kNoSpace;
      }
      return failed_write;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return failed_write;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::kTimeout;
    default:
      return ErrorCode::kInternal;
  }
}

}  // namespace

Statement::Statement(Database& database, std::string_view sql)
    : database_(database), sql_(sql), handle_(nullptr) {
  if (const auto idle = database.idle_.find(sql_); idle != database.idle_.end()) {
    handle_ = idle->second;
    database.idle_.erase(idle);
    return;
  }
  const int result = sqlite3_prepare_v3(database.handle_,
                                        sql_.data(),
                                        static_cast<int>(sql_.size()),
                                        SQLITE_PREPARE_PERSISTENT,
                                        &handle_,
                                        nullptr);
  if (result != SQLITE_OK)
    database.Fail(result, "preparing a statement");
}

Statement::~Statement() {
  // The result repeats the error that Step() has already thrown.
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
  try {
    database_.idle_.emplace(std::move(sql_), handle_);
  } catch (...) {
    sqlite3_finalize(handle_);
  }
}

void Statement::Check(int result) const {
  if (result != SQLITE_OK)
    database_.Fail(result, "binding a value");
}

Statement& Statement::BindInteger(std::int64_t value) {
  Check(sqlite3_bind_int64(handle_, ++bound_, value));
  return *this;
}

Statement& Statement::Bind(double value) {
  Check(sqlite3_bind_double(handle_, ++bound_, value));
  return *this;
}

Statement& Statement::Bind(std::string_view text) {
  const char* begin = text.empty() ? "" : text.data();  // a null pointer would bind NULL
  Check(sqlite3_bind_text64(handle_, ++bound_, begin, text.size(), Copied(), SQLITE_UTF8));
  return *this;
}

Statement& Statement::Bind(Raw raw) {
  const char* begin = raw.text.empty() ? "" : raw.text.data();
  Check(sqlite3_bind_blob64(handle_, ++bound_, begin, raw.text.size(), Copied()));
  return *this;
}

Statement& Statement::Bind(std::nullopt_t) {
  Check(sqlite3_bind_null(handle_, ++bound_));
  return *this;
}

bool Statement::Step() {
  column_ = 0;
  const int result = sqlite3_step(handle_);
  if (result == SQLITE_ROW)
    return true;
  if (result != SQLITE_DONE)
    database_.Fail(result, "running a statement");
  return false;
}

bool Statement::IsNull() const { return sqlite3_column_type(handle_, column_) == SQLITE_NULL; }
std::int64_t Statement::Integer() { return sqlite3_column_int64(handle_, column_++); }
double Statement::Real() { return sqlite3_column_double(handle_, column_++); }

std::string Statement::Text() {
  const void* begin = sqlite3_column_blob(handle_, column_);
  const int size = sqlite3_column_bytes(handle_, column_++);
  if (begin == nullptr || size <= 0)
    return {};
  return {static_cast<const char*>(begin), static_cast<std::size_t>(size)};
}

std::optional<int> Statement::OptionalInt() {
  const bool null = IsNull();
  const int value = Int();
  return null ? std::nullopt : std::optional(value);
}

std::optional<double> Statement::OptionalReal() {
  const bool null = IsNull();
  const double value = Real();
  return null ? std::nullopt : std::optional(value);
}

Database::Database(const std::filesystem::path& file, Mode mode) : mode_(mode) {
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (mode == Mode::kWriter)
    flags |= SQLITE_OPEN_CREATE;
  try {
    const int result = sqlite3_open_v2(file.c_str(), &handle_, flags, nullptr);
    if (result != SQLITE_OK)
      Fail(result, "opening the database");
    Configure();
  } catch (...) {
    Close();
    throw;
  }
}

Database::~Database() { Close(); }

void Database::Close() {
  for (const auto& [sql, statement] : idle_)
    sqlite3_finalize(statement);
  idle_.clear();
  // Nothing is written on close, since there is no checkpoint: nothing can fail.
  sqlite3_close_v2(handle_);
  handle_ = nullptr;
}

void Database::Configure() {
  int result = sqlite3_busy_timeout(handle_, kBusyTimeoutMs);
  if (result != SQLITE_OK)
    Fail(result, "setting the busy timeout");
  result = sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  if (result != SQLITE_OK)
    Fail(result, "switching off the checkpoint on close");
  if (mode_ == Mode::kWriter)
    Execute("PRAGMA journal_mode=WAL");
  Execute(
      "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;"
      "PRAGMA wal_autocheckpoint=0");
  if (mode_ == Mode::kReader)
    Execute("PRAGMA query_only=ON");
}

void Database::Execute(const std::string& sql) {
  const int result = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (result != SQLITE_OK)
    Fail(result, "running a statement");
}

std::int64_t Database::LastInsertId() const { return sqlite3_last_insert_rowid(handle_); }
int Database::Changes() const { return sqlite3_changes(handle_); }
bool Database::InTransaction() const { return sqlite3_get_autocommit(handle_) == 0; }

bool Database::CheckpointTruncate() {
  sqlite3_busy_timeout(handle_, 0);
  const int result =
      sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  sqlite3_busy_timeout(handle_, kBusyTimeoutMs);
  if (result == SQLITE_OK)
    return true;
  if ((result & 0xff) == SQLITE_BUSY || (result & 0xff) == SQLITE_LOCKED)
    return false;
  Fail(result, "checkpoint");
}

void Database::CopyTo(const std::filesystem::path& file) {
  Run("VACUUM INTO ?", std::string_view(file.native()));
}

void Database::Fail(int result, const std::string& what) const {
  const int system_error = handle_ == nullptr ? 0 : sqlite3_system_errno(handle_);
  const std::string message = handle_ == nullptr ? sqlite3_errstr(result) : sqlite3_errmsg(handle_);
  throw Error(CodeOf(result, system_error, mode_),
              "database: " + what + " failed: " + message + " (SQLite " + std::to_string(result) +
                  ", errno " + std::to_string(system_error) + ")");
}

Transaction::Transaction(Database& database, Kind kind) : database_(database) {
  database_.Execute(kind == Kind::kWrite ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
  // SQLite may have rolled back by itself (SQLITE_FULL, SQLITE_IOERR).
  if (!open_ || !database_.InTransaction())
    return;
  try {
    database_.Execute("ROLLBACK");
  } catch (...) {  // the error that led here is on its way already
  }
}

void Transaction::Commit() {
  database_.Execute("COMMIT");
  open_ = false;
}

}  // namespace necknode::storage
