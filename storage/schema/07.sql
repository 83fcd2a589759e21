-- Earlier studies of a patient that are fetched from an archive.

CREATE TABLE priors (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  study_id INTEGER NOT NULL REFERENCES studies (id),
  prior_study_instance_uid TEXT NOT NULL,
  peer TEXT NOT NULL,
  archive_ae TEXT NOT NULL,
  our_ae TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('requested', 'stored', 'failed')),
  reason TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  UNIQUE (study_id, prior_study_instance_uid)
);
CREATE INDEX priors_by_uid ON priors (prior_study_instance_uid);
