-- Who may use the page and the API.

CREATE TABLE users (
  name TEXT PRIMARY KEY COLLATE NOCASE,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'administrator')),
  password_hash TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  last_login_ms INTEGER
);
CREATE TABLE login_sessions (
  digest TEXT PRIMARY KEY,
  user TEXT NOT NULL REFERENCES users (name),
  created_ms INTEGER NOT NULL,
  last_used_ms INTEGER NOT NULL
);
CREATE INDEX login_sessions_of_user ON login_sessions (user);
CREATE TABLE api_tokens (
  name TEXT PRIMARY KEY,
  role TEXT NOT NULL CHECK (role IN ('monitoring', 'viewer', 'operator', 'administrator')),
  digest TEXT NOT NULL UNIQUE,
  created_by TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER,
  last_used_ms INTEGER
);
