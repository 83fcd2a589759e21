#include "storage/instance_rows.h"

#include <array>
#include <string_view>

#include "storage/prior_rows.h"
#include "storage/records.h"
#include "storage/sqlite_study_holds.h"
#include "storage/study_rows.h"

namespace necknode::storage {
namespace {

// In the order of BindHeader and ReadHeader. The UIDs of study, series and instance stand apart:
// they are keys.
constexpr std::string_view kHeaderColumns =
    "i.patient_id, i.issuer_of_patient_id, i.patient_name, i.patient_birth_date, "
    "i.accession_number,"
    "i.transfer_syntax_uid, i.sop_class_uid, i.frame_of_reference_uid, i.patient_age,"
    "i.specific_character_set, i.study_date, i.study_time, i.study_description,"
    "i.series_description, i.modality, i.image_type, i.manufacturer, i.manufacturer_model_name,"
    "i.body_part_examined, i.convolution_kernel, i.contrast_bolus_agent, i.acquisition_date_time,"
    "i.lossy, i.series_number, i.instance_number, i.acquisition_number, i.image_rows,"
    "i.image_columns, i.number_of_frames, i.position_x, i.position_y, i.position_z,"
    "i.row_x, i.row_y, i.row_z, i.column_x, i.column_y, i.column_z, i.row_spacing_mm,"
    "i.column_spacing_mm, i.slice_thickness_mm, i.slice_spacing_mm, i.gantry_tilt_degrees";
constexpr int kHeaderColumnCount = 43;
constexpr std::array<std::string_view, 13> kOwnColumns = {"study_id",
                                                          "series_instance_uid",
                                                          "sop_instance_uid",
                                                          "revision",
                                                          "is_current",
                                                          "state",
                                                          "role",
                                                          "withdrawn",
                                                          "object_key",
                                                          "file_digest",
                                                          "bytes",
                                                          "calling_ae",
                                                          "received_ms"};

// Values of Image Type, joined as DICOM does.
std::string Join(const std::vector<std::string>& values) {
  std::string joined;
  for (const auto& value : values) {
    if (&value != &values.front())
      joined += '\\';
    joined += value;
  }
  return joined;
}

std::vector<std::string> Split(const std::string& joined) {
  std::vector<std::string> values;
  if (joined.empty())
    return values;
  std::size_t begin = 0;
  for (std::size_t end = 0; end != std::string::npos; begin = end + 1) {
    end = joined.find('\\', begin);
    values.push_back(joined.substr(begin, end == std::string::npos ? end : end - begin));
  }
  return values;
}

std::string InsertSql() {
  std::string columns, places;
  for (const auto column : kOwnColumns) {
    columns.append(column).append(",");
    places += "?,";
  }
  std::string header(kHeaderColumns);
  for (std::size_t at = 0; (at = header.find("i.", at)) != std::string::npos;)
    header.erase(at, 2);
  for (int i = 0; i < kHeaderColumnCount; ++i)
    places += i == 0 ? "?" : ",?";
  return "INSERT INTO instances (" + columns + header + ") VALUES (" + places + ")";
}

void BindHeader(Statement& to, const InstanceHeader& h) {
  to.Bind(Raw{h.patient_id.Reveal()}).Bind(Raw{h.issuer_of_patient_id.Reveal()});
  to.Bind(Raw{h.patient_name.Reveal()}).Bind(Raw{h.patient_birth_date.Reveal()});
  to.Bind(Raw{h.accession_number.Reveal()}).Bind(h.transfer_syntax_uid.value());
  to.Bind(h.sop_class_uid.value()).Bind(h.frame_of_reference_uid.value()).Bind(h.patient_age);
  to.Bind(h.specific_character_set).Bind(h.study_date).Bind(h.study_time);
  to.Bind(Raw{h.study_description}).Bind(Raw{h.series_description}).Bind(h.modality);
  to.Bind(Join(h.image_type)).Bind(Raw{h.manufacturer}).Bind(Raw{h.manufacturer_model_name});
  to.Bind(h.body_part_examined).Bind(Raw{h.convolution_kernel}).Bind(Raw{h.contrast_bolus_agent});
  to.Bind(h.acquisition_date_time).Bind(h.lossy).Bind(h.series_number).Bind(h.instance_number);
  to.Bind(h.acquisition_number).Bind(h.rows).Bind(h.columns).Bind(h.number_of_frames);
  const auto& p = h.image_position;
  for (const auto coordinate : {&Vec3::x, &Vec3::y, &Vec3::z}) {
    to.Bind(p ? std::optional((*p).*coordinate) : std::nullopt);
  }
  for (std::size_t i = 0; i < 6; ++i) {
    to.Bind(h.image_orientation ? std::optional((*h.image_orientation)[i]) : std::nullopt);
  }
  for (std::size_t i = 0; i < 2; ++i) {
    to.Bind(h.pixel_spacing ? std::optional((*h.pixel_spacing)[i]) : std::nullopt);
  }
  to.Bind(h.slice_thickness).Bind(h.spacing_between_slices).Bind(h.gantry_tilt);
}

// All of `count` doubles, or none where the first is NULL.
template <std::size_t count>
std::optional<std::array<double, count>> ReadReals(Statement& from) {
  const bool present = !from.IsNull();
  std::array<double, count> values{};
  for (auto& value : values)
    value = from.Real();
  return present ? std::optional(values) : std::nullopt;
}

void ReadHeader(Statement& from, InstanceHeader& h) {
  h.patient_id = PatientText(from.Text());
  h.issuer_of_patient_id = PatientText(from.Text());
  h.patient_name = PatientText(from.Text());
  h.patient_birth_date = PatientText(from.Text());
  h.accession_number = PatientText(from.Text());
  h.transfer_syntax_uid = Uid(from.Text());
  h.sop_class_uid = Uid(from.Text());
  h.frame_of_reference_uid = Uid(from.Text());
  h.patient_age = from.Text();
  h.specific_character_set = from.Text();
  h.study_date = from.Text();
  h.study_time = from.Text();
  h.study_description = from.Text();
  h.series_description = from.Text();
  h.modality = from.Text();
  h.image_type = Split(from.Text());
  h.manufacturer = from.Text();
  h.manufacturer_model_name = from.Text();
  h.body_part_examined = from.Text();
  h.convolution_kernel = from.Text();
  h.contrast_bolus_agent = from.Text();
  h.acquisition_date_time = from.Text();
  h.lossy = from.Bool();
  h.series_number = from.OptionalInt();
  h.instance_number = from.OptionalInt();
  h.acquisition_number = from.OptionalInt();
  h.rows = from.OptionalInt();
  h.columns = from.OptionalInt();
  h.number_of_frames = from.OptionalInt();
  if (const auto p = ReadReals<3>(from))
    h.image_position = Vec3{(*p)[0], (*p)[1], (*p)[2]};
  h.image_orientation = ReadReals<6>(from);
  h.pixel_spacing = ReadReals<2>(from);
  h.slice_thickness = from.OptionalReal();
  h.spacing_between_slices = from.OptionalReal();
  h.gantry_tilt = from.OptionalReal();
}

struct Known {
  std::int64_t id = 0;
  StudyId study = 0;
  Uid study_uid, series_uid;
  std::string digest, calling_ae;
  std::uint64_t bytes = 0;
  PatientText patient_id, issuer;
  bool deleted = false;  // by retention: a tombstone
  bool prior = false;
};

std::optional<Known> FindKnown(Database& database, const Uid& sop_instance_uid) {
  Statement found(database,
                  "SELECT i.id, i.study_id, s.study_instance_uid, i.series_instance_uid,"
                  " i.file_digest, i.calling_ae, i.bytes, i.patient_id,"
                  " i.issuer_of_patient_id, i.state = 'deleted', i.role = 'prior'"
                  " FROM instances i JOIN studies s ON s.id = i.study_id"
                  " WHERE i.sop_instance_uid = ? AND i.is_current = 1");
  if (!found.Bind(sop_instance_uid.value()).Step())
    return std::nullopt;
  Known known;
  known.id = found.Integer();
  known.study = found.Integer();
  known.study_uid = Uid(found.Text());
  known.series_uid = Uid(found.Text());
  known.digest = found.Text();
  known.calling_ae = found.Text();
  known.bytes = static_cast<std::uint64_t>(found.Integer());
  known.patient_id = PatientText(found.Text());
  known.issuer = PatientText(found.Text());
  known.deleted = found.Bool();
  known.prior = found.Bool();
  return known;
}

// What forbids a new revision, or empty.
std::string ConflictWith(const Known& known, const InstanceRow& row) {
  if (known.study_uid != row.header.study_instance_uid)
    return "under another study";
  if (known.series_uid != row.header.series_instance_uid)
    return "under another series";
  if (!SamePatient(
          known.patient_id, known.issuer, row.header.patient_id, row.header.issuer_of_patient_id)) {
    return "under another patient";
  }
  // What an archive made of it is no witness against its source.
  if (known.calling_ae != row.calling_ae && !known.prior)
    return "with other bytes from another AE title";
  return {};
}

void AddArrival(Database& database,
                std::int64_t instance,
                StudyId study,
                const InstanceRow& row,
                const Stamp& stamp) {
  database.Run(
      "INSERT INTO arrivals (instance_id, study_id, calling_ae, called_ae, times, last_ms)"
      " VALUES (?, ?, ?, ?, 1, ?) ON CONFLICT (instance_id, calling_ae, called_ae)"
      " DO UPDATE SET times = arrivals.times + 1, last_ms = excluded.last_ms",
      instance,
      study,
      row.calling_ae,
      row.called_ae,
      stamp.wall_ms);
}

// A prior may have a higher one than the revision that counts.
int NextRevision(Database& database, const InstanceRow& row) {
  return static_cast<int>(
             database
                 .Integer("SELECT MAX(revision) FROM instances WHERE sop_instance_uid = ?",
                          row.header.sop_instance_uid.value())
                 .value_or(0)) +
         1;
}

// A job that was made without this slice must not report.
void SupersedeJobsOf(Database& database, StudyId study, const Uid& series, const Stamp& stamp) {
  database.Run(
      "UPDATE jobs SET state = 'superseded', reason = 'another slice of the series arrived',"
      " updated_ms = ? WHERE study_id = ? AND series_instance_uid = ?"
      " AND state IN ('queued', 'running')",
      stamp.wall_ms,
      study,
      series.value());
}

}  // namespace

std::int64_t InsertInstance(Database& database,
                            const InstanceRow& row,
                            StudyId study,
                            const Revision& revision,
                            const Stamp& stamp) {
  static const std::string sql = InsertSql();
  Statement insert(database, sql);
  insert.Bind(study).Bind(row.header.series_instance_uid.value());
  insert.Bind(row.header.sop_instance_uid.value()).Bind(revision.number).Bind(revision.counts);
  insert.Bind("stored").Bind(revision.role).Bind(0).Bind(row.object_key).Bind(row.file_digest);
  insert.Bind(row.bytes).Bind(row.calling_ae).Bind(stamp.wall_ms);
  BindHeader(insert, row.header);
  insert.Step();
  return database.LastInsertId();
}

AddResult AddInstance(Database& database, const InstanceRow& row, const Stamp& stamp) {
  if (const auto requested_for = RequestedFor(database, row)) {
    return AddPrior(database, row, *requested_for, stamp);
  }
  const bool image = IsImage(row.header);
  const auto known = FindKnown(database, row.header.sop_instance_uid);
  const bool same_bytes = known && known->digest == row.file_digest;
  if (same_bytes && !known->deleted) {
    if (known->prior) {
      database.Run("UPDATE instances SET role = 'current' WHERE id = ?", known->id);
      SupersedeJobsOf(database, known->study, row.header.series_instance_uid, stamp);
    }
    AddArrival(database, known->id, known->study, row, stamp);
    RaiseChange(database, known->study, image, 0, 0, stamp);
    if (image && row.association != 0)
      HoldStudy(database, row.association, known->study, stamp);
    return {AddOutcome::kSameBytes, {}};
  }
  if (known) {
    if (auto conflict = ConflictWith(*known, row); !same_bytes && !conflict.empty()) {
      return {AddOutcome::kConflict, "known SOP Instance UID " + conflict};
    }
    database.Run("UPDATE instances SET is_current = 0 WHERE id = ?", known->id);
  }
  const StudyId study = FindOrAddStudy(database, row.header, stamp);
  const auto id = InsertInstance(database, row, study, {NextRevision(database, row)}, stamp);
  AddArrival(database, id, study, row, stamp);
  const auto bytes = static_cast<std::int64_t>(row.bytes);
  const auto replaced = known ? static_cast<std::int64_t>(known->bytes) : 0;
  RaiseChange(database, study, image, known ? 0 : 1, bytes - replaced, stamp);
  if (image && row.association != 0)
    HoldStudy(database, row.association, study, stamp);
  SupersedeJobsOf(database, study, row.header.series_instance_uid, stamp);
  if (!known || same_bytes)
    return {AddOutcome::kStored, {}};
  RefreshStudyTexts(database, study, row.header);
  AddAudit(database,
           {"store",
            row.calling_ae,
            "new revision",
            "instance " + std::to_string(id) + " replaces instance " + std::to_string(known->id)},
           stamp);
  return {AddOutcome::kNewRevision, {}};
}

bool HasSameBytes(Database& database, const Uid& sop_instance_uid, const std::string& file_digest) {
  return database
      .Integer(
          "SELECT 1 FROM instances WHERE sop_instance_uid = ? AND is_current = 1"
          " AND state <> 'deleted' AND file_digest = ?",
          sop_instance_uid.value(),
          file_digest)
      .has_value();
}

namespace {

std::string SelectInstances(std::string_view conditions) {
  return "SELECT i.id, s.study_instance_uid, i.series_instance_uid, i.sop_instance_uid,"
         " i.object_key, i.file_digest, i.bytes, " +
         std::string(kHeaderColumns) +
         " FROM instances i JOIN studies s ON s.id = i.study_id WHERE i.study_id = ?"
         " AND i.is_current = 1 AND i.state = 'stored' AND i.withdrawn = 0" +
         std::string(conditions) + " ORDER BY i.id";
}

std::vector<IndexedInstance> ReadInstances(Statement& rows) {
  std::vector<IndexedInstance> instances;
  while (rows.Step()) {
    auto& instance = instances.emplace_back();
    instance.id = rows.Integer();
    instance.header.study_instance_uid = Uid(rows.Text());
    instance.header.series_instance_uid = Uid(rows.Text());
    instance.header.sop_instance_uid = Uid(rows.Text());
    instance.object_key = rows.Text();
    instance.file_digest = rows.Text();
    instance.bytes = static_cast<std::uint64_t>(rows.Integer());
    ReadHeader(rows, instance.header);
  }
  return instances;
}

}  // namespace

std::vector<IndexedInstance> CurrentInstances(Database& database,
                                              StudyId study,
                                              const Uid& series) {
  static const std::string of_study = SelectInstances(" AND i.role = 'current'");
  static const std::string of_series =
      SelectInstances(" AND i.role = 'current' AND i.series_instance_uid = ?");
  Statement rows(database, series.empty() ? of_study : of_series);
  rows.Bind(study);
  if (!series.empty())
    rows.Bind(series.value());
  return ReadInstances(rows);
}

std::vector<IndexedInstance> InstancesInAnyRole(Database& database, StudyId study) {
  static const std::string of_study = SelectInstances("");
  Statement rows(database, of_study);
  rows.Bind(study);
  return ReadInstances(rows);
}

}  // namespace necknode::storage
