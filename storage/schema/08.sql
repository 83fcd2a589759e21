-- What people see: when things happened, indices of what is listed and counted, and for each topic
-- of a page a number that every change of its rows raises.

ALTER TABLE studies ADD COLUMN decided_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE studies ADD COLUMN parked_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN started_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN finished_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN delivered_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN committed_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE packages ADD COLUMN warning TEXT NOT NULL DEFAULT '';
ALTER TABLE packages ADD COLUMN figures_json TEXT NOT NULL DEFAULT '';
UPDATE jobs SET finished_ms = updated_ms WHERE state NOT IN ('queued', 'running', 'parked');
UPDATE outbox SET delivered_ms = updated_ms WHERE state = 'delivered';
UPDATE outbox SET committed_ms = updated_ms WHERE commitment = 'committed';

CREATE INDEX studies_parked ON studies (id) WHERE state = 'parked';
CREATE INDEX studies_received ON studies (first_received_ms);
CREATE INDEX instances_received ON instances (received_ms);
CREATE INDEX jobs_finished ON jobs (finished_ms) WHERE finished_ms > 0;
CREATE INDEX jobs_parked ON jobs (id) WHERE state = 'parked';
CREATE INDEX outbox_of_study ON outbox (study_id, state);
CREATE INDEX outbox_open ON outbox (destination, state, created_ms) WHERE state <> 'delivered';
CREATE INDEX outbox_delivered ON outbox (delivered_ms, destination) WHERE delivered_ms > 0;
CREATE INDEX audit_of_study ON audit (study_id, id) WHERE study_id IS NOT NULL;
CREATE INDEX audit_of_event ON audit (event, id);

CREATE TABLE marks (
  topic TEXT PRIMARY KEY,
  mark INTEGER NOT NULL
);
INSERT INTO marks (topic, mark)
  VALUES ('studies', 0), ('jobs', 0), ('outbox', 0), ('node', 0), ('audit', 0);
CREATE TRIGGER mark_study_added AFTER INSERT ON studies
  BEGIN UPDATE marks SET mark = mark + 1 WHERE topic = 'studies'; END;
CREATE TRIGGER mark_study_changed AFTER UPDATE ON studies
  BEGIN UPDATE marks SET mark = mark + 1 WHERE topic = 'studies'; END;
CREATE TRIGGER mark_job_added AFTER INSERT ON jobs
  BEGIN UPDATE marks SET mark = mark + 1 WHERE topic IN ('jobs', 'studies'); END;
CREATE TRIGGER mark_job_changed AFTER UPDATE ON jobs
  BEGIN UPDATE marks SET mark = mark + 1 WHERE topic = 'jobs'; END;
CREATE TRIGGER mark_job_state AFTER UPDATE OF state ON jobs
  BEGIN UPDATE marks SET mark = mark + 1 WHERE topic = 'studies'; END;
CREATE TRIGGER mark_row_added AFTER INSERT ON outbox
  BEGIN UPDATE marks SET mark = mark + 1 WHERE topic IN ('outbox', 'studies'); END;
CREATE TRIGGER mark_row_changed AFTER UPDATE ON outbox
  BEGIN UPDATE marks SET mark = mark + 1 WHERE topic IN ('outbox', 'studies'); END;
CREATE TRIGGER mark_role_added AFTER INSERT ON roles
  BEGIN UPDATE marks SET mark = mark + 1 WHERE topic = 'node'; END;
CREATE TRIGGER mark_role_changed AFTER UPDATE ON roles
  BEGIN UPDATE marks SET mark = mark + 1 WHERE topic = 'node'; END;
CREATE TRIGGER mark_package_added AFTER INSERT ON packages
  BEGIN UPDATE marks SET mark = mark + 1 WHERE topic = 'node'; END;
CREATE TRIGGER mark_quarantine_added AFTER INSERT ON quarantine
  BEGIN UPDATE marks SET mark = mark + 1 WHERE topic = 'node'; END;
CREATE TRIGGER mark_quarantine_removed AFTER DELETE ON quarantine
  BEGIN UPDATE marks SET mark = mark + 1 WHERE topic = 'node'; END;
CREATE TRIGGER mark_request_added AFTER INSERT ON commitment_requests
  BEGIN UPDATE marks SET mark = mark + 1 WHERE topic = 'node'; END;
CREATE TRIGGER mark_request_changed AFTER UPDATE ON commitment_requests
  BEGIN UPDATE marks SET mark = mark + 1 WHERE topic = 'node'; END;
CREATE TRIGGER mark_audit_added AFTER INSERT ON audit
  BEGIN UPDATE marks SET mark = mark + 1 WHERE topic = 'audit'; END;
