#include "dicom_io/header_builder.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "core/error.h"
#include "dicom_io/value_text.h"

namespace necknode::dicom_io {

namespace {

using Setter = void (*)(InstanceHeader& header, std::string_view value);

struct Field {
  std::uint32_t tag;
  Setter set;
};

// The acquisition's date and time (0008,0022), (0008,0032) and the binary rows and columns are set
// apart from these.
constexpr std::uint32_t kAcquisitionDate = 0x00080022, kAcquisitionTime = 0x00080032;
constexpr std::uint32_t kRows = 0x00280010, kColumns = 0x00280011;

constexpr Field kFields[] = {
    {0x00080005,
     [](auto& h, auto v) {
       for (const auto& value : SplitValues(v)) {
         h.specific_character_set += value + '\\';
       }
       if (!h.specific_character_set.empty()) {
         h.specific_character_set.pop_back();
       }
     }},
    {0x00080008, [](auto& h, auto v) { h.image_type = SplitValues(v); }},
    {0x00080016, [](auto& h, auto v) { h.sop_class_uid = Uid(Trim(v)); }},
    {0x00080018, [](auto& h, auto v) { h.sop_instance_uid = Uid(Trim(v)); }},
    {0x00080020, [](auto& h, auto v) { h.study_date = Trim(v); }},
    {0x0008002A, [](auto& h, auto v) { h.acquisition_date_time = Trim(v); }},
    {0x00080030, [](auto& h, auto v) { h.study_time = Trim(v); }},
    {0x00080050, [](auto& h, auto v) { h.accession_number = PatientText(std::string(Trim(v))); }},
    {0x00080060, [](auto& h, auto v) { h.modality = Trim(v); }},
    {0x00080070, [](auto& h, auto v) { h.manufacturer = Trim(v); }},
    {0x00081030, [](auto& h, auto v) { h.study_description = Trim(v); }},
    {0x0008103E, [](auto& h, auto v) { h.series_description = Trim(v); }},
    {0x00081090, [](auto& h, auto v) { h.manufacturer_model_name = Trim(v); }},
    {0x00100010, [](auto& h, auto v) { h.patient_name = PatientText(std::string(TrimEnd(v))); }},
    {0x00100020, [](auto& h, auto v) { h.patient_id = PatientText(std::string(Trim(v))); }},
    {0x00100021,
     [](auto& h, auto v) { h.issuer_of_patient_id = PatientText(std::string(Trim(v))); }},
    {0x00100030, [](auto& h, auto v) { h.patient_birth_date = PatientText(std::string(Trim(v))); }},
    {0x00101010, [](auto& h, auto v) { h.patient_age = Trim(v); }},
    {0x00180010, [](auto& h, auto v) { h.contrast_bolus_agent = Trim(v); }},
    {0x00180015, [](auto& h, auto v) { h.body_part_examined = Trim(v); }},
    {0x00180050, [](auto& h, auto v) { h.slice_thickness = ParseDecimal(v); }},
    {0x00180088, [](auto& h, auto v) { h.spacing_between_slices = ParseDecimal(v); }},
    {0x00181120, [](auto& h, auto v) { h.gantry_tilt = ParseDecimal(v); }},
    {0x00181210, [](auto& h, auto v) { h.convolution_kernel = Trim(v); }},
    {0x0020000D, [](auto& h, auto v) { h.study_instance_uid = Uid(Trim(v)); }},
    {0x0020000E, [](auto& h, auto v) { h.series_instance_uid = Uid(Trim(v)); }},
    {0x00200011, [](auto& h, auto v) { h.series_number = ParseInteger(v); }},
    {0x00200012, [](auto& h, auto v) { h.acquisition_number = ParseInteger(v); }},
    {0x00200013, [](auto& h, auto v) { h.instance_number = ParseInteger(v); }},
    {0x00200032,
     [](auto& h, auto v) {
       if (const auto n = ParseDecimals(v, 3)) {
         h.image_position = Vec3{(*n)[0], (*n)[1], (*n)[2]};
       }
     }},
    {0x00200037,
     [](auto& h, auto v) {
       if (const auto n = ParseDecimals(v, 6)) {
         std::copy(n->begin(), n->end(), h.image_orientation.emplace().begin());
       }
     }},
    {0x00200052, [](auto& h, auto v) { h.frame_of_reference_uid = Uid(Trim(v)); }},
    {0x00280008, [](auto& h, auto v) { h.number_of_frames = ParseInteger(v); }},
    {0x00280030,
     [](auto& h, auto v) {
       if (const auto n = ParseDecimals(v, 2)) {
         h.pixel_spacing = {(*n)[0], (*n)[1]};
       }
     }},
    {0x00282110, [](auto& h, auto v) { h.lossy = Trim(v) == "01"; }},
};

const Field* FindField(std::uint32_t tag) {
  const auto* found = std::lower_bound(
      std::begin(kFields), std::end(kFields), tag, [](const Field& f, std::uint32_t t) {
        return f.tag < t;
      });
  return found != std::end(kFields) && found->tag == tag ? found : nullptr;
}

std::optional<int> UnsignedShort(std::string_view value, bool big_endian) {
  if (value.size() != 2) {
    return std::nullopt;
  }
  const int first = static_cast<unsigned char>(value[0]),
            second = static_cast<unsigned char>(value[1]);
  return big_endian ? first << 8 | second : second << 8 | first;
}

void DemandUid(const Uid& uid, const char* what) {
  if (uid.empty()) {
    throw Error(ErrorCode::kParse, std::string("the dataset has no ") + what);
  }
  if (!uid.IsValid()) {
    throw Error(ErrorCode::kParse, std::string("the dataset's ") + what + " is not a UID");
  }
}

}  // namespace

bool HeaderBuilder::Wants(std::uint32_t tag) {
  return tag == kRows || tag == kColumns || tag == kAcquisitionDate || tag == kAcquisitionTime ||
         FindField(tag) != nullptr;
}

void HeaderBuilder::Take(std::uint32_t tag, std::string_view value, bool big_endian) {
  if (std::find(taken_.begin(), taken_.end(), tag) != taken_.end()) {
    throw Error(ErrorCode::kParse, "element " + TagText(tag) + " comes twice in the dataset");
  }
  taken_.push_back(tag);
  switch (tag) {
    case kRows:
      header_.rows = UnsignedShort(value, big_endian);
      return;
    case kColumns:
      header_.columns = UnsignedShort(value, big_endian);
      return;
    case kAcquisitionDate:
      acquisition_date_ = Trim(value);
      return;
    case kAcquisitionTime:
      acquisition_time_ = Trim(value);
      return;
    default:
      break;
  }
  if (const Field* field = FindField(tag)) {
    field->set(header_, value);
  }
}

InstanceHeader HeaderBuilder::Finish() {
  DemandUid(header_.study_instance_uid, "Study Instance UID (0020,000d)");
  DemandUid(header_.series_instance_uid, "Series Instance UID (0020,000e)");
  DemandUid(header_.sop_instance_uid, "SOP Instance UID (0008,0018)");
  if (header_.acquisition_date_time.empty() && !acquisition_date_.empty()) {
    header_.acquisition_date_time = acquisition_date_ + acquisition_time_;
  }
  return std::move(header_);
}

}  // namespace necknode::dicom_io
