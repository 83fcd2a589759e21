-- What people are told of, and the messages that tell them.

ALTER TABLE jobs ADD COLUMN suspicious_nodes INTEGER NOT NULL DEFAULT 0;
CREATE TABLE notice_events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  source TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  noted_ms INTEGER NOT NULL DEFAULT 0,
  study_id INTEGER NOT NULL,
  job_id INTEGER NOT NULL,
  row_id INTEGER NOT NULL,
  subject TEXT NOT NULL,
  UNIQUE (kind, source)
);
CREATE TABLE notice_messages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  channel TEXT NOT NULL,
  kind TEXT NOT NULL,
  message_key TEXT NOT NULL UNIQUE,
  first_event INTEGER NOT NULL,
  last_event INTEGER NOT NULL,
  events INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'given_up')),
  attempts INTEGER NOT NULL DEFAULT 0,
  due_boot_id TEXT NOT NULL DEFAULT '',
  due_boot_ms INTEGER NOT NULL DEFAULT 0,
  last_status TEXT NOT NULL DEFAULT '',
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL
);
CREATE INDEX notice_messages_of_kind ON notice_messages (channel, kind, id);
CREATE TABLE notice_marks (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
);
CREATE INDEX outbox_parked ON outbox (updated_ms) WHERE state = 'parked';
CREATE INDEX jobs_for_people ON jobs (updated_ms) WHERE state IN ('failed', 'parked');
CREATE INDEX jobs_suspicious ON jobs (updated_ms) WHERE state = 'done' AND suspicious_nodes > 0;
