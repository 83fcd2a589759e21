-- What archives are asked about studies, and how many instances they say that a series has.

CREATE TABLE archive_requests (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  study_id INTEGER NOT NULL REFERENCES studies (id),
  kind TEXT NOT NULL CHECK (kind IN ('count', 'priors')),
  peer TEXT NOT NULL,
  change INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'answered', 'failed')),
  tries INTEGER NOT NULL DEFAULT 0,
  due_boot_id TEXT NOT NULL DEFAULT '',
  due_boot_ms INTEGER NOT NULL DEFAULT 0,
  answered_boot_id TEXT NOT NULL DEFAULT '',
  answered_boot_ms INTEGER NOT NULL DEFAULT 0,
  reason TEXT NOT NULL DEFAULT '',
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  UNIQUE (study_id, kind, peer)
);
CREATE INDEX archive_requests_waiting ON archive_requests (kind, peer, id) WHERE state = 'waiting';
CREATE TABLE archive_counts (
  request_id INTEGER NOT NULL REFERENCES archive_requests (id),
  series_instance_uid TEXT NOT NULL,
  instances INTEGER,
  PRIMARY KEY (request_id, series_instance_uid)
);
