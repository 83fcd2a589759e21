-- Text as received (any character set) is BLOB, times are milliseconds: wall clock `_ms`, since
-- boot `_boot_ms` with the boot's id beside it. docs/data_on_disk.md explains every table.

CREATE TABLE studies (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  study_instance_uid TEXT NOT NULL UNIQUE,
  patient_id BLOB NOT NULL,
  issuer_of_patient_id BLOB NOT NULL,
  patient_name BLOB NOT NULL,
  specific_character_set TEXT NOT NULL,
  study_date TEXT NOT NULL,
  study_description BLOB NOT NULL,
  change INTEGER NOT NULL,
  considered INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('receiving', 'decided', 'parked')),
  reason TEXT NOT NULL,
  instances INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  first_received_ms INTEGER NOT NULL,
  last_received_ms INTEGER NOT NULL,
  quiet_boot_id TEXT NOT NULL,
  quiet_boot_ms INTEGER NOT NULL
);
CREATE INDEX studies_open ON studies (id) WHERE change <> considered;

CREATE TABLE instances (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  study_id INTEGER NOT NULL REFERENCES studies (id),
  series_instance_uid TEXT NOT NULL,
  sop_instance_uid TEXT NOT NULL,
  revision INTEGER NOT NULL,
  is_current INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('stored', 'quarantined', 'deleting', 'deleted')),
  role TEXT NOT NULL CHECK (role IN ('current', 'prior')),
  withdrawn INTEGER NOT NULL,
  object_key TEXT NOT NULL UNIQUE,
  file_digest TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  calling_ae TEXT NOT NULL,
  received_ms INTEGER NOT NULL,
  patient_id BLOB NOT NULL,
  issuer_of_patient_id BLOB NOT NULL,
  patient_name BLOB NOT NULL,
  patient_birth_date BLOB NOT NULL,
  accession_number BLOB NOT NULL,
  transfer_syntax_uid TEXT NOT NULL,
  sop_class_uid TEXT NOT NULL,
  frame_of_reference_uid TEXT NOT NULL,
  patient_age TEXT NOT NULL,
  specific_character_set TEXT NOT NULL,
  study_date TEXT NOT NULL,
  study_time TEXT NOT NULL,
  study_description BLOB NOT NULL,
  series_description BLOB NOT NULL,
  modality TEXT NOT NULL,
  image_type TEXT NOT NULL,
  manufacturer BLOB NOT NULL,
  manufacturer_model_name BLOB NOT NULL,
  body_part_examined TEXT NOT NULL,
  convolution_kernel BLOB NOT NULL,
  contrast_bolus_agent BLOB NOT NULL,
  acquisition_date_time TEXT NOT NULL,
  lossy INTEGER NOT NULL,
  series_number INTEGER,
  instance_number INTEGER,
  acquisition_number INTEGER,
  image_rows INTEGER,
  image_columns INTEGER,
  number_of_frames INTEGER,
  position_x DOUBLE PRECISION,
  position_y DOUBLE PRECISION,
  position_z DOUBLE PRECISION,
  row_x DOUBLE PRECISION,
  row_y DOUBLE PRECISION,
  row_z DOUBLE PRECISION,
  column_x DOUBLE PRECISION,
  column_y DOUBLE PRECISION,
  column_z DOUBLE PRECISION,
  row_spacing_mm DOUBLE PRECISION,
  column_spacing_mm DOUBLE PRECISION,
  slice_thickness_mm DOUBLE PRECISION,
  slice_spacing_mm DOUBLE PRECISION,
  gantry_tilt_degrees DOUBLE PRECISION,
  UNIQUE (sop_instance_uid, revision)
);
CREATE UNIQUE INDEX instances_current ON instances (sop_instance_uid) WHERE is_current = 1;
CREATE INDEX instances_of_series ON instances (study_id, series_instance_uid);

CREATE TABLE arrivals (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  instance_id INTEGER NOT NULL REFERENCES instances (id),
  study_id INTEGER NOT NULL REFERENCES studies (id),
  calling_ae TEXT NOT NULL,
  called_ae TEXT NOT NULL,
  times INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  UNIQUE (instance_id, calling_ae, called_ae)
);
CREATE INDEX arrivals_of_study ON arrivals (study_id, calling_ae, called_ae);

CREATE TABLE decisions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  study_id INTEGER NOT NULL REFERENCES studies (id),
  series_instance_uid TEXT NOT NULL,
  route TEXT NOT NULL,
  selected INTEGER NOT NULL,
  reason TEXT NOT NULL
);
CREATE INDEX decisions_of_study ON decisions (study_id);

CREATE TABLE jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  job_key TEXT NOT NULL UNIQUE,
  study_id INTEGER NOT NULL REFERENCES studies (id),
  series_instance_uid TEXT NOT NULL,
  route TEXT NOT NULL,
  package TEXT NOT NULL,
  package_digest TEXT NOT NULL,
  slices INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'same_content', 'not_eligible',
                                       'failed', 'parked', 'superseded', 'cancelled')),
  reason TEXT NOT NULL,
  summary TEXT NOT NULL DEFAULT '',
  due_boot_id TEXT NOT NULL DEFAULT '',
  due_boot_ms INTEGER NOT NULL DEFAULT 0,
  owner TEXT NOT NULL DEFAULT '',
  attempt INTEGER NOT NULL DEFAULT 0,
  lease_boot_id TEXT NOT NULL DEFAULT '',
  lease_boot_ms INTEGER NOT NULL DEFAULT 0,
  shared INTEGER NOT NULL DEFAULT 0,
  run_alone INTEGER NOT NULL DEFAULT 0,
  deaths INTEGER NOT NULL DEFAULT 0,
  deaths_alone INTEGER NOT NULL DEFAULT 0,
  parsing TEXT NOT NULL DEFAULT '',
  suspect TEXT NOT NULL DEFAULT '',
  deaths_of_suspect INTEGER NOT NULL DEFAULT 0,
  slices_done INTEGER NOT NULL DEFAULT 0,
  analysis_digest TEXT NOT NULL DEFAULT '',
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL
);
CREATE INDEX jobs_of_study ON jobs (study_id, route);
CREATE INDEX jobs_open ON jobs (state, id) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_content ON jobs (study_id, analysis_digest);

CREATE TABLE results (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  job_id INTEGER NOT NULL REFERENCES jobs (id),
  attempt INTEGER NOT NULL,
  kind TEXT NOT NULL,
  sop_class_uid TEXT NOT NULL,
  sop_instance_uid TEXT NOT NULL,
  series_instance_uid TEXT NOT NULL,
  object_key TEXT NOT NULL UNIQUE,
  bytes INTEGER NOT NULL
);
CREATE INDEX results_of_job ON results (job_id);
CREATE INDEX results_by_uid ON results (sop_instance_uid);

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  job_id INTEGER NOT NULL REFERENCES jobs (id),
  study_id INTEGER NOT NULL REFERENCES studies (id),
  destination TEXT NOT NULL,
  result_id INTEGER NOT NULL REFERENCES results (id),
  fallback_result_id INTEGER REFERENCES results (id),
  state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'parked', 'withheld')),
  attempts INTEGER NOT NULL DEFAULT 0,
  due_boot_id TEXT NOT NULL DEFAULT '',
  due_boot_ms INTEGER NOT NULL DEFAULT 0,
  last_status TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL,
  sent_sop_instance_uid TEXT NOT NULL DEFAULT '',
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL
);
CREATE INDEX outbox_waiting ON outbox (destination, id) WHERE state = 'waiting';
CREATE INDEX outbox_of_job ON outbox (job_id);

CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  object_key TEXT NOT NULL UNIQUE,
  calling_ae TEXT NOT NULL,
  reason TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  time_ms INTEGER NOT NULL
);

CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time_ms INTEGER NOT NULL,
  event TEXT NOT NULL,
  subject TEXT NOT NULL,
  outcome TEXT NOT NULL,
  detail TEXT NOT NULL
);

CREATE TABLE roles (
  role TEXT PRIMARY KEY,
  pid INTEGER NOT NULL,
  started_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  line TEXT NOT NULL
);

CREATE TABLE packages (
  package TEXT PRIMARY KEY,
  digest TEXT NOT NULL,
  clinical INTEGER NOT NULL,
  usable INTEGER NOT NULL,
  reason TEXT NOT NULL,
  limits_json TEXT NOT NULL
);
