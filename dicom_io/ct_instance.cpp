#include "dicom_io/ct_instance.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcostrmb.h>
#include <dcmtk/dcmdata/dctk.h>

#include "core/error.h"
#include "dicom_io/frame_attributes.h"
#include "dicom_io/part10.h"
#include "dicom_io/pixel_decoder.h"
#include "dicom_io/scanner.h"
#include "dicom_io/value_text.h"

namespace necknode::dicom_io {

namespace {

constexpr std::string_view kCtImage = "1.2.840.10008.5.1.4.1.1.2";
constexpr std::string_view kEnhancedCt = "1.2.840.10008.5.1.4.1.1.2.1";
constexpr std::string_view kLegacyConvertedEnhancedCt = "1.2.840.10008.5.1.4.1.1.2.2";

void DemandCt(const Uid& sop_class) {
  constexpr std::array kClasses = {kCtImage, kEnhancedCt, kLegacyConvertedEnhancedCt};
  if (std::find(kClasses.begin(), kClasses.end(), sop_class.value()) == kClasses.end()) {
    throw Error(ErrorCode::kUnsupported, "not a CT image: SOP Class is " + sop_class.value());
  }
}

std::unique_ptr<DcmDataset> Parse(std::span<const std::byte> dataset, E_TransferSyntax syntax) {
  DcmInputBufferStream stream;
  // DCMTK's interface predates const; it only reads.
  stream.setBuffer(const_cast<std::byte*>(dataset.data()),
                   static_cast<offile_off_t>(dataset.size()));
  stream.setEos();
  auto parsed = std::make_unique<DcmDataset>();
  parsed->transferInit();
  const OFCondition result = parsed->read(stream, syntax, EGL_noChange);
  parsed->transferEnd();
  if (result.bad() && result != EC_EndOfStream) {
    throw Error(ErrorCode::kParse, std::string("the dataset cannot be parsed: ") + result.text());
  }
  return parsed;
}

// Pixel Padding Value and, where there is one, Pixel Padding Range Limit; their VR says nothing
// reliable of their sign.
std::optional<int> PaddingValue(DcmDataset& dataset, const DcmTagKey& tag, bool is_signed) {
  Uint16 bits = 0;
  Sint16 with_sign = 0;
  if (dataset.findAndGetUint16(tag, bits).bad()) {
    if (dataset.findAndGetSint16(tag, with_sign).bad()) {
      return std::nullopt;
    }
    bits = static_cast<Uint16>(with_sign);
  }
  return is_signed ? static_cast<Sint16>(bits) : bits;
}

ValueMapping CommonMapping(DcmDataset& dataset, const PixelFormat& format) {
  ValueMapping mapping;
  mapping.bits_stored = format.bits_stored;
  mapping.high_bit = format.high_bit;
  mapping.is_signed = format.is_signed;
  if (const auto value = PaddingValue(dataset, DCM_PixelPaddingValue, format.is_signed)) {
    const int limit =
        PaddingValue(dataset, DCM_PixelPaddingRangeLimit, format.is_signed).value_or(*value);
    mapping.padding_first = std::min(*value, limit);
    mapping.padding_last = std::max(*value, limit);
  }
  return mapping;
}

// Fills slope and intercept; returns whether Rescale Type leaves the unit open.
bool ReadRescale(const FrameAttributes& attributes, int frame, ValueMapping& mapping) {
  const DcmTagKey group = DCM_PixelValueTransformationSequence;
  const auto slope = attributes.Number(frame, group, DCM_RescaleSlope);
  const auto intercept = attributes.Number(frame, group, DCM_RescaleIntercept);
  if (!slope || !intercept) {
    throw Error(ErrorCode::kUnsupported,
                "Rescale Slope or Intercept is missing: Hounsfield units are not known");
  }
  if (*slope == 0) {
    throw Error(ErrorCode::kUnsupported, "Rescale Slope is 0");
  }
  mapping.slope = *slope;
  mapping.intercept = *intercept;
  const std::string type = attributes.Text(frame, group, DCM_RescaleType).value_or("HU");
  if (type != "HU" && type != "US") {
    throw Error(ErrorCode::kUnsupported, "Rescale Type is " + type + ", not HU");
  }
  return type == "US";
}

template <typename T>
T DemandGeometry(const std::optional<T>& value, const char* name) {
  if (!value) {
    throw Error(ErrorCode::kGeometry, std::string(name) + " is missing or not readable");
  }
  return *value;
}

SlicePlacement ReadPlacement(const FrameAttributes& attributes,
                             int frame,
                             const InstanceHeader& header) {
  const auto position = DemandGeometry(
      attributes.Numbers(frame, DCM_PlanePositionSequence, DCM_ImagePositionPatient, 3),
      "Image Position (Patient)");
  const auto direction = DemandGeometry(
      attributes.Numbers(frame, DCM_PlaneOrientationSequence, DCM_ImageOrientationPatient, 6),
      "Image Orientation (Patient)");
  const auto spacing = DemandGeometry(
      attributes.Numbers(frame, DCM_PixelMeasuresSequence, DCM_PixelSpacing, 2), "Pixel Spacing");
  SlicePlacement placement;
  placement.plane = {.position = {position[0], position[1], position[2]},
                     .row_direction = {direction[0], direction[1], direction[2]},
                     .column_direction = {direction[3], direction[4], direction[5]}};
  placement.row_spacing_mm = spacing[0];
  placement.column_spacing_mm = spacing[1];
  placement.slice_thickness_mm =
      attributes.Number(frame, DCM_PixelMeasuresSequence, DCM_SliceThickness);
  placement.frame_of_reference_uid = header.frame_of_reference_uid;
  placement.acquired =
      attributes.Text(frame, DCM_FrameContentSequence, DCM_FrameAcquisitionDateTime)
          .value_or(header.acquisition_date_time);
  placement.acquisition_number = header.acquisition_number.value_or(0);
  placement.instance_number = header.instance_number.value_or(0);
  return placement;
}

SliceEvidence ReadEvidence(const FrameAttributes& attributes,
                           int frame,
                           const InstanceHeader& header,
                           const SlicePlacement& placement) {
  SliceEvidence evidence;
  evidence.header = header;
  const auto& [position, row, column] = placement.plane;
  evidence.header.image_position = position;
  evidence.header.image_orientation = {row.x, row.y, row.z, column.x, column.y, column.z};
  evidence.header.pixel_spacing = {placement.row_spacing_mm, placement.column_spacing_mm};
  evidence.header.slice_thickness = placement.slice_thickness_mm;
  evidence.frame = IsMultiFrameClass(header.sop_class_uid) ? frame + 1 : 0;
  const auto centre = attributes.Number(frame, DCM_FrameVOILUTSequence, DCM_WindowCenter);
  const auto width = attributes.Number(frame, DCM_FrameVOILUTSequence, DCM_WindowWidth);
  if (centre && width && *width > 0) {
    evidence.window_center = *centre;
    evidence.window_width = *width;
  }
  return evidence;
}

}  // namespace

bool IsMultiFrameClass(const Uid& sop_class) {
  return sop_class.value() == kEnhancedCt || sop_class.value() == kLegacyConvertedEnhancedCt;
}

CtInstanceReader::CtInstanceReader() = default;
CtInstanceReader::~CtInstanceReader() = default;

std::vector<CtFrame> CtInstanceReader::Read(const std::string& name,
                                            std::span<const std::byte> file) {
  // The scanner goes first: it refuses what DCMTK would not survive.
  const InstanceHeader header = ScanBytes(file);
  DemandCt(header.sop_class_uid);
  const Part10 parts = SplitPart10(file);
  dataset_ =
      Parse(file.subspan(parts.dataset_offset), DcmtkTransferSyntax(parts.transfer_syntax_uid));
  const PixelFormat format = ReadPixelFormat(*dataset_);
  if (format.frames > 1 && header.sop_class_uid.value() == kCtImage) {
    throw Error(
        ErrorCode::kUnsupported,
        "a CT Image with " + std::to_string(format.frames) + " frames has one position for all");
  }
  const FrameAttributes attributes(*dataset_, format.frames);
  PixelDecoder decoder(*dataset_, parts.transfer_syntax_uid, format);
  ValueMapping mapping = CommonMapping(*dataset_, format);
  std::vector<CtFrame> frames;
  for (int i = 0; i < format.frames; ++i) {
    CtFrame frame;
    frame.placement = ReadPlacement(attributes, i, header);
    frame.placement.name = format.frames > 1 ? name + " frame " + std::to_string(i + 1) : name;
    frame.placement.rows = format.rows;
    frame.placement.columns = format.columns;
    frame.evidence = ReadEvidence(attributes, i, header, frame.placement);
    unspecified_rescale_ += ReadRescale(attributes, i, mapping) ? 1 : 0;
    frame.evidence.rescale_slope = mapping.slope;
    frame.evidence.rescale_intercept = mapping.intercept;
    frame.evidence.monochrome1 = format.monochrome1;
    monochrome1_ += format.monochrome1 ? 1 : 0;
    if (!table_ || table_->mapping() != mapping) {
      table_.emplace(mapping);
    }
    frame.hu.resize(format.PixelsPerFrame());
    table_->Convert(decoder.NextFrame(), frame.hu);
    frames.push_back(std::move(frame));
  }
  return frames;
}

InstanceHeader CtInstanceReader::ReadHeader(std::span<const std::byte> file) {
  InstanceHeader header = ScanBytes(file);
  DemandCt(header.sop_class_uid);
  const Part10 parts = SplitPart10(file);
  dataset_ =
      Parse(file.subspan(parts.dataset_offset), DcmtkTransferSyntax(parts.transfer_syntax_uid));
  return header;
}

std::vector<std::byte> CtInstanceReader::TakeReference() {
  DcmFileFormat file(dataset_.release(), OFFalse);
  DcmDataset& dataset = *file.getDataset();
  dataset.findAndDeleteElement(DCM_PixelData);
  dataset.findAndDeleteElement(DCM_PerFrameFunctionalGroupsSequence);
  for (unsigned long i = dataset.card(); i-- > 0;) {
    DcmElement* element = dataset.getElement(i);
    if (element->getLength(EXS_LittleEndianExplicit, EET_ExplicitLength) >
        kMaxReferenceElementBytes) {
      delete dataset.remove(i);
    }
  }
  file.validateMetaInfo(EXS_LittleEndianExplicit);
  const Uint32 size = file.calcElementLength(EXS_LittleEndianExplicit, EET_ExplicitLength);
  std::vector<std::byte> bytes(size);
  DcmOutputBufferStream stream(bytes.data(), static_cast<offile_off_t>(bytes.size()));
  file.transferInit();
  const OFCondition result =
      file.write(stream, EXS_LittleEndianExplicit, EET_ExplicitLength, nullptr);
  file.transferEnd();
  if (result.bad()) {
    throw Error(ErrorCode::kInternal,
                std::string("the reference dataset cannot be written: ") + result.text());
  }
  void* start = nullptr;
  offile_off_t written = 0;
  stream.flushBuffer(start, written);
  bytes.resize(static_cast<std::size_t>(written));
  return bytes;
}

std::vector<std::string> CtInstanceReader::Notes() const {
  std::vector<std::string> notes;
  if (monochrome1_ > 0) {
    notes.push_back(std::to_string(monochrome1_) +
                    " slices are MONOCHROME1: shown inverted, Hounsfield units as stored");
  }
  if (unspecified_rescale_ > 0) {
    notes.push_back(std::to_string(unspecified_rescale_) +
                    " slices have Rescale Type US (unspecified): taken as HU");
  }
  return notes;
}

}  // namespace necknode::dicom_io
