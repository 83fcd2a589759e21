#include "storage/sqlite_users.h"

#include "core/error.h"
#include "storage/audit_rows.h"

namespace necknode::storage {
namespace {

constexpr std::string_view kUserColumns =
    "SELECT name, role, password_hash, created_ms, last_login_ms FROM users ";
constexpr std::string_view kTokenColumns =
    "SELECT name, role, digest, created_by, created_ms, expires_ms, last_used_ms FROM api_tokens ";
constexpr int kMostSessions = 16;  // of one user

std::int64_t Milliseconds(WallTime time) { return time.time_since_epoch().count(); }

std::optional<WallTime> OptionalTime(Statement& from) {
  const bool null = from.IsNull();
  const std::int64_t ms = from.Integer();
  return null ? std::nullopt : std::optional(WallTimeOf(ms));
}

User ReadUser(Statement& from) {
  User user;
  user.name = from.Text();
  user.role = from.Text();
  user.password_hash = from.Text();
  user.created = WallTimeOf(from.Integer());
  user.last_login = OptionalTime(from);
  return user;
}

ApiToken ReadToken(Statement& from) {
  ApiToken token;
  token.name = from.Text();
  token.role = from.Text();
  token.digest = from.Text();
  token.created_by = from.Text();
  token.created = WallTimeOf(from.Integer());
  token.expires = OptionalTime(from);
  token.last_used = OptionalTime(from);
  return token;
}

std::int64_t Administrators(Database& database) {
  return database.Integer("SELECT COUNT(*) FROM users WHERE role = 'administrator'").value_or(0);
}

void RequireChanged(int rows, const std::string& what) {
  if (rows == 0)
    throw Error(ErrorCode::kNotFound, "there is no " + what);
}

void RequireAdministrator(Database& database, std::int64_t before) {
  if (before > 0 && Administrators(database) == 0)
    throw Error(ErrorCode::kConflict, "the last administrator must stay one");
}

}  // namespace

std::vector<User> SqliteUsers::List() const {
  return connections_.Read([&](Database& database) {
    Statement rows(database, std::string(kUserColumns) + "ORDER BY name");
    std::vector<User> users;
    while (rows.Step())
      users.push_back(ReadUser(rows));
    return users;
  });
}

std::optional<User> SqliteUsers::Find(const std::string& name) const {
  return connections_.Read([&](Database& database) -> std::optional<User> {
    Statement row(database, std::string(kUserColumns) + "WHERE name = ?");
    row.Bind(name);
    return row.Step() ? std::optional(ReadUser(row)) : std::nullopt;
  });
}

bool SqliteUsers::Any() const {
  return connections_.Read([](Database& database) {
    return database.Integer("SELECT 1 FROM users LIMIT 1").has_value();
  });
}

bool SqliteUsers::HasAdministrator() const {
  return connections_.Read([](Database& database) { return Administrators(database) > 0; });
}

void SqliteUsers::Add(const User& user, const AuditEvent& event) {
  const Stamp stamp(clock_);
  connections_.Write([&](Database& database) {
    const int added = database.Run(
        "INSERT INTO users (name, role, password_hash, created_ms) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (name) DO NOTHING",
        user.name,
        user.role,
        user.password_hash,
        stamp.wall_ms);
    if (added == 0)
      throw Error(ErrorCode::kConflict, "there is a user " + user.name + " already");
    AddAudit(database, event, stamp);
  });
}

void SqliteUsers::Change(const std::string& name,
                         const UserChange& change,
                         const std::vector<AuditEvent>& events) {
  connections_.Write([&](Database& database) {
    const std::int64_t before = Administrators(database);
    RequireChanged(database.Run("UPDATE users SET role = coalesce(?, role), "
                                "password_hash = coalesce(?, password_hash) WHERE name = ?",
                                change.role,
                                change.password_hash,
                                name),
                   "user " + name);
    RequireAdministrator(database, before);
    if (change.password_hash) {
      database.Run(
          "DELETE FROM login_sessions WHERE user = ? AND digest <> ?", name, change.keep_session);
    }
    for (const AuditEvent& event : events) {
      AddAudit(database, event, Stamp(clock_));
    }
  });
}

void SqliteUsers::Remove(const std::string& name, const AuditEvent& event) {
  connections_.Write([&](Database& database) {
    const std::int64_t before = Administrators(database);
    database.Run("DELETE FROM login_sessions WHERE user = ?", name);
    RequireChanged(database.Run("DELETE FROM users WHERE name = ?", name), "user " + name);
    RequireAdministrator(database, before);
    AddAudit(database, event, Stamp(clock_));
  });
}

void SqliteUsers::BeginSession(const LoginSession& session,
                               WallTime oldest,
                               WallTime unused_since,
                               const AuditEvent& event) {
  const Stamp stamp(clock_);
  connections_.Write([&](Database& database) {
    database.Run("DELETE FROM login_sessions WHERE created_ms < ? OR last_used_ms < ?",
                 Milliseconds(oldest),
                 Milliseconds(unused_since));
    database.Run(
        "INSERT INTO login_sessions (digest, user, created_ms, last_used_ms) VALUES (?, ?, ?, ?)",
        session.digest,
        session.user,
        stamp.wall_ms,
        stamp.wall_ms);
    database.Run(
        "DELETE FROM login_sessions WHERE user = ? AND rowid NOT IN (SELECT rowid FROM"
        " login_sessions WHERE user = ? ORDER BY rowid DESC LIMIT ?)",
        session.user,
        session.user,
        kMostSessions);
    database.Run("UPDATE users SET last_login_ms = ? WHERE name = ?", stamp.wall_ms, session.user);
    AddAudit(database, event, stamp);
  });
}

std::optional<LoginSession> SqliteUsers::FindSession(const std::string& digest) const {
  return connections_.Read([&](Database& database) -> std::optional<LoginSession> {
    Statement row(
        database,
        "SELECT digest, user, created_ms, last_used_ms FROM login_sessions WHERE digest = ?");
    row.Bind(digest);
    if (!row.Step())
      return std::nullopt;
    LoginSession session;
    session.digest = row.Text();
    session.user = row.Text();
    session.created = WallTimeOf(row.Integer());
    session.last_used = WallTimeOf(row.Integer());
    return session;
  });
}

void SqliteUsers::UseSession(const std::string& digest) {
  connections_.Write([&](Database& database) {
    database.Run("UPDATE login_sessions SET last_used_ms = ? WHERE digest = ?",
                 Stamp(clock_).wall_ms,
                 digest);
  });
}

void SqliteUsers::EndSession(const std::string& digest, const AuditEvent& event) {
  connections_.Write([&](Database& database) {
    if (database.Run("DELETE FROM login_sessions WHERE digest = ?", digest) > 0)
      AddAudit(database, event, Stamp(clock_));
  });
}

std::vector<ApiToken> SqliteUsers::Tokens() const {
  return connections_.Read([&](Database& database) {
    Statement rows(database, std::string(kTokenColumns) + "ORDER BY name");
    std::vector<ApiToken> tokens;
    while (rows.Step())
      tokens.push_back(ReadToken(rows));
    return tokens;
  });
}

std::optional<ApiToken> SqliteUsers::FindToken(const std::string& digest) const {
  return connections_.Read([&](Database& database) -> std::optional<ApiToken> {
    Statement row(database, std::string(kTokenColumns) + "WHERE digest = ?");
    row.Bind(digest);
    return row.Step() ? std::optional(ReadToken(row)) : std::nullopt;
  });
}

void SqliteUsers::AddToken(const ApiToken& token, const AuditEvent& event) {
  const Stamp stamp(clock_);
  connections_.Write([&](Database& database) {
    const std::int64_t expires = token.expires ? Milliseconds(*token.expires) : 0;
    const int added = database.Run(
        "INSERT INTO api_tokens (name, role, digest, created_by, created_ms, expires_ms)"
        " VALUES (?, ?, ?, ?, ?, NULLIF(?, 0)) ON CONFLICT (name) DO NOTHING",
        token.name,
        token.role,
        token.digest,
        token.created_by,
        stamp.wall_ms,
        expires);
    if (added == 0)
      throw Error(ErrorCode::kConflict, "there is a token " + token.name + " already");
    AddAudit(database, event, stamp);
  });
}

void SqliteUsers::UseToken(const std::string& digest) {
  connections_.Write([&](Database& database) {
    database.Run(
        "UPDATE api_tokens SET last_used_ms = ? WHERE digest = ?", Stamp(clock_).wall_ms, digest);
  });
}

void SqliteUsers::RemoveToken(const std::string& name, const AuditEvent& event) {
  connections_.Write([&](Database& database) {
    RequireChanged(database.Run("DELETE FROM api_tokens WHERE name = ?", name), "token " + name);
    AddAudit(database, event, Stamp(clock_));
  });
}

}  // namespace necknode::storage
