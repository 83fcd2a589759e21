#include "storage/schema.h"

#include <array>
#include <string>

#include "core/error.h"

namespace necknode::storage {
namespace {

// Text as received (any character set) is BLOB, times are milliseconds: wall clock `_ms`, since
// boot `_boot_ms` with the boot's id beside it. docs/data_on_disk.md explains every table.
constexpr std::string_view kVersion1 = R"sql(
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
)sql";

// Retention removes result files too.
constexpr std::string_view kVersion2 = R"sql(
ALTER TABLE results ADD COLUMN state TEXT NOT NULL DEFAULT 'stored'
  CHECK (state IN ('stored', 'deleted'));
)sql";

// Studies that open associations are still sending; why a series that is analysed may lack images.
constexpr std::string_view kVersion3 = R"sql(
CREATE TABLE holds (
  association INTEGER NOT NULL,
  study_id INTEGER NOT NULL REFERENCES studies (id),
  heard_boot_id TEXT NOT NULL,
  heard_boot_ms INTEGER NOT NULL,
  PRIMARY KEY (association, study_id)
);
CREATE INDEX holds_of_study ON holds (study_id);
ALTER TABLE jobs ADD COLUMN incomplete TEXT NOT NULL DEFAULT '';
)sql";

// Storage commitment: transactions that we ask of destinations, and those asked of us.
constexpr std::string_view kVersion4 = R"sql(
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
)sql";

// What DICOM audit messages are made of, and how far each audit server has them.
constexpr std::string_view kVersion5 = R"sql(
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
)sql";

// What archives are asked about studies, and how many instances they say that a series has.
constexpr std::string_view kVersion6 = R"sql(
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
)sql";

// Earlier studies of a patient that are fetched from an archive.
constexpr std::string_view kVersion7 = R"sql(
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
)sql";

// What people see: when things happened, indices of what is listed and counted, and for each topic
// of a page a number that every change of its rows raises.
constexpr std::string_view kVersion8 = R"sql(
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
)sql";

// Who may use the page and the API.
constexpr std::string_view kVersion9 = R"sql(
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
)sql";

// What roles count, how often they died; by which states and moments monitoring looks.
constexpr std::string_view kVersion10 = R"sql(
ALTER TABLE roles ADD COLUMN counters TEXT NOT NULL DEFAULT '';
ALTER TABLE roles ADD COLUMN restarts INTEGER NOT NULL DEFAULT 0;
CREATE INDEX studies_by_state ON studies (state);
CREATE INDEX jobs_by_state ON jobs (state);
CREATE INDEX outbox_by_state ON outbox (state, destination);
)sql";

// What people are told of, and the messages that tell them.
constexpr std::string_view kVersion11 = R"sql(
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
)sql";

constexpr std::array kMigrations = {kVersion1,
                                    kVersion2,
                                    kVersion3,
                                    kVersion4,
                                    kVersion5,
                                    kVersion6,
                                    kVersion7,
                                    kVersion8,
                                    kVersion9,
                                    kVersion10,
                                    kVersion11};

int VersionOf(Database& database) {
  return static_cast<int>(database.Integer("PRAGMA user_version").value_or(0));
}

}  // namespace

Migrations SchemaMigrations() { return kMigrations; }

void Migrate(Database& database, Migrations migrations, const std::function<void(int)>& back_up) {
  const int newest = static_cast<int>(migrations.size());
  const int found = VersionOf(database);
  if (found > newest) {
    throw Error(ErrorCode::kUnsupported,
                "the database has schema version " + std::to_string(found) +
                    ", this program knows versions up to " + std::to_string(newest) +
                    ": use the newer program, or restore the backup made before its migration");
  }
  if (found == newest)
    return;
  if (found > 0)
    back_up(found);
  for (int version = found; version < newest; ++version) {
    Transaction transaction(database, Transaction::Kind::kWrite);
    database.Execute(std::string(migrations[static_cast<std::size_t>(version)]));
    database.Execute("PRAGMA user_version=" + std::to_string(version + 1));
    transaction.Commit();
  }
}

}  // namespace necknode::storage
