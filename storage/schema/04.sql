-- Storage commitment: transactions that we ask of destinations, and those asked of us.

ALTER TABLE outbox ADD COLUMN commitment TEXT NOT NULL DEFAULT 'none'
  CHECK (commitment IN ('none', 'wanted', 'asked', 'committed'));
ALTER TABLE outbox ADD COLUMN commitment_tries INTEGER NOT NULL DEFAULT 0;
CREATE INDEX outbox_commitment ON outbox (destination, id) WHERE commitment = 'wanted';

CREATE TABLE commitments (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  transaction_uid TEXT NOT NULL UNIQUE,
  destination TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'asked', 'ended')),
  attempts INTEGER NOT NULL DEFAULT 0,
  due_boot_id TEXT NOT NULL DEFAULT '',
  due_boot_ms INTEGER NOT NULL DEFAULT 0,
  last_status TEXT NOT NULL DEFAULT '',
  asked_ms INTEGER NOT NULL DEFAULT 0,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL
);
CREATE INDEX commitments_open ON commitments (destination, id) WHERE state <> 'ended';

CREATE TABLE commitment_items (
  commitment_id INTEGER NOT NULL REFERENCES commitments (id),
  outbox_id INTEGER NOT NULL REFERENCES outbox (id),
  PRIMARY KEY (commitment_id, outbox_id)
);

CREATE TABLE commitment_requests (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  transaction_uid TEXT NOT NULL,
  calling_ae TEXT NOT NULL,
  called_ae TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'reported', 'parked')),
  judged INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  due_boot_id TEXT NOT NULL DEFAULT '',
  due_boot_ms INTEGER NOT NULL DEFAULT 0,
  last_status TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  UNIQUE (calling_ae, transaction_uid)
);
CREATE INDEX commitment_requests_open ON commitment_requests (id) WHERE state = 'waiting';

CREATE TABLE commitment_request_items (
  request_id INTEGER NOT NULL REFERENCES commitment_requests (id),
  ordinal INTEGER NOT NULL,
  sop_class_uid TEXT NOT NULL,
  sop_instance_uid TEXT NOT NULL,
  failure_reason INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (request_id, ordinal)
);
ALTER TABLE instances ADD COLUMN committed_until_ms INTEGER NOT NULL DEFAULT 0;
