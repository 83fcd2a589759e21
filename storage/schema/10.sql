-- What roles count, how often they died; by which states and moments monitoring looks.

ALTER TABLE roles ADD COLUMN counters TEXT NOT NULL DEFAULT '';
ALTER TABLE roles ADD COLUMN restarts INTEGER NOT NULL DEFAULT 0;
CREATE INDEX studies_by_state ON studies (state);
CREATE INDEX jobs_by_state ON jobs (state);
CREATE INDEX outbox_by_state ON outbox (state, destination);
