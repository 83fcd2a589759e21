-- Since when a row or a job has been waiting: not since it was made, where a person had it done
-- again.

ALTER TABLE outbox ADD COLUMN waiting_since_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN queued_since_ms INTEGER NOT NULL DEFAULT 0;
UPDATE outbox SET waiting_since_ms = created_ms;
UPDATE jobs SET queued_since_ms = created_ms;
DROP INDEX outbox_open;
CREATE INDEX outbox_open ON outbox (destination, state, waiting_since_ms) WHERE state <> 'delivered';
