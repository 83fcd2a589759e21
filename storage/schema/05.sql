-- What DICOM audit messages are made of, and how far each audit server has them.

ALTER TABLE audit ADD COLUMN direction TEXT NOT NULL DEFAULT ''
  CHECK (direction IN ('', 'received', 'sent'));
ALTER TABLE audit ADD COLUMN peer_ae TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN own_ae TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN host TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN user TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN study_id INTEGER REFERENCES studies (id);
ALTER TABLE audit ADD COLUMN instances INTEGER NOT NULL DEFAULT 0;
ALTER TABLE audit ADD COLUMN sop_class_uid TEXT NOT NULL DEFAULT '';
CREATE INDEX audit_configuration ON audit (id) WHERE event = 'configuration';

CREATE TABLE audit_servers (
  server TEXT PRIMARY KEY,
  sent_id INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL
);
