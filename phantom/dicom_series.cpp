#include "phantom/dicom_series.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <system_error>

#include <dcmtk/dcmdata/dctk.h>

#include "core/error.h"
#include "core/uid.h"
#include "phantom/random.h"

namespace necknode::phantom {
namespace {

constexpr const char* kImplementationVersion = "NECKNODE_PHANTOM";
constexpr double kRescaleIntercept = -1024;

/// What is the same in all slices of the series.
struct Study {
  std::string patient_name, patient_id, sex, age, birth_date;
  std::string date, time, study_id, accession;
  Uid study, series, frame;
  bool feet_first_numbering = false;
  std::string kvp, tube_current, kernel;
};

std::string Number(double value, int decimals) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(
      text.data(), text.data() + text.size(), value, std::chars_format::fixed, decimals);
  return {text.data(), end.ptr};
}

std::string Padded(int value, std::size_t width) {
  const std::string text = std::to_string(value);
  return std::string(width - std::min(width, text.size()), '0') + text;
}

void DemandText(const char* what, const std::string& value) {
  constexpr std::size_t kMaxCharacters = 64;  // of LO, and of each component group of PN
  const bool forbidden = std::any_of(value.begin(), value.end(), [](char c) {
    return c == '\\' || (static_cast<unsigned char>(c) < 0x20) || c == 0x7F;
  });
  const auto characters = std::count_if(value.begin(), value.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;  // UTF-8: not a further byte
  });
  if (forbidden || static_cast<std::size_t>(characters) > kMaxCharacters) {
    throw Error(ErrorCode::kInvalidArgument,
                std::string(what) +
                    " cannot be written as DICOM: at most 64 characters, no backslash, no control "
                    "character");
  }
}

Study StudyOf(const Phantom& phantom, const SeriesIdentity& identity) {
  DemandText("patient name", identity.patient_name);
  DemandText("patient id", identity.patient_id);
  Random random(phantom.options.seed, 21);
  Study study;
  const std::string seed = std::to_string(phantom.options.seed);
  study.patient_name = identity.patient_name;
  study.patient_id =
      identity.patient_id.empty() ? PatientIdOf(phantom.options.seed) : identity.patient_id;
  study.sex = random.Chance(0.5) ? "F" : "M";
  const int age = random.Int(24, 82), year = random.Int(2019, 2025), month = random.Int(1, 12),
            day = random.Int(1, 28);
  study.age = Padded(age, 3) + "Y";
  study.birth_date = Padded(year - age - 1, 4) + "1231";
  study.date = Padded(year, 4) + Padded(month, 2) + Padded(day, 2);
  study.time =
      Padded(random.Int(7, 18), 2) + Padded(random.Int(0, 59), 2) + Padded(random.Int(0, 59), 2);
  study.study_id = Padded(random.Int(1, 99999), 5);
  study.accession = "PH" + Padded(random.Int(0, 9999999), 7);
  study.feet_first_numbering = random.Chance(0.5);
  constexpr std::array<const char*, 3> kVoltages = {"100", "120", "120"};
  study.kvp = kVoltages[static_cast<std::size_t>(random.Int(0, 2))];
  study.tube_current = std::to_string(random.Int(120, 380));
  constexpr std::array<const char*, 3> kKernels = {"B30f", "Br40", "STANDARD"};
  study.kernel = kKernels[static_cast<std::size_t>(random.Int(0, 2))];
  const auto& options = phantom.options;
  const std::string name = "necknode phantom/" + seed + "/" + std::to_string(options.slices) + "/" +
                           Number(options.slice_spacing_mm, 4) + "/" +
                           Number(options.pixel_spacing_mm, 4) + "/" +
                           std::to_string(options.size) + "/" + std::to_string(options.nodes) +
                           "/" + study.patient_id + "/" + identity.study_key;
  study.study = Uid::FromName(name + "/study");
  study.series = Uid::FromName(name + "/series");
  study.frame = Uid::FromName(name + "/frame");
  return study;
}

void Put(DcmItem& item, const DcmTagKey& tag, const std::string& value) {
  const OFCondition status = item.putAndInsertString(tag, value.c_str());
  if (status.bad()) {
    throw Error(ErrorCode::kInternal, std::string("phantom: attribute not set: ") + status.text());
  }
}

void PutUnsigned(DcmItem& item, const DcmTagKey& tag, Uint16 value) {
  const OFCondition status = item.putAndInsertUint16(tag, value);
  if (status.bad()) {
    throw Error(ErrorCode::kInternal, std::string("phantom: attribute not set: ") + status.text());
  }
}

void PutPatientAndStudy(DcmItem& item, const Study& study) {
  Put(item, DCM_SpecificCharacterSet, "ISO_IR 192");
  Put(item, DCM_PatientName, study.patient_name);
  Put(item, DCM_PatientID, study.patient_id);
  Put(item, DCM_PatientBirthDate, study.birth_date);
  Put(item, DCM_PatientSex, study.sex);
  Put(item, DCM_PatientAge, study.age);
  Put(item, DCM_PatientComments, "Synthetic phantom, not a patient");
  Put(item, DCM_StudyInstanceUID, study.study.value());
  Put(item, DCM_StudyDate, study.date);
  Put(item, DCM_StudyTime, study.time);
  Put(item, DCM_StudyID, study.study_id);
  Put(item, DCM_AccessionNumber, study.accession);
  Put(item, DCM_ReferringPhysicianName, "");
  Put(item, DCM_StudyDescription, "CT NECK WITH CONTRAST (PHANTOM)");
}

void PutSeries(DcmItem& item, const Study& study, const VolumeGrid& grid) {
  Put(item, DCM_Modality, "CT");
  Put(item, DCM_SeriesInstanceUID, study.series.value());
  Put(item, DCM_SeriesNumber, "2");
  Put(item, DCM_SeriesDate, study.date);
  Put(item, DCM_SeriesTime, study.time);
  Put(item,
      DCM_SeriesDescription,
      "NECK AXIAL " + Number(grid.slice_spacing_mm, 1) + " ART (PHANTOM)");
  Put(item, DCM_ProtocolName, "Neck with contrast");
  Put(item, DCM_BodyPartExamined, "NECK");
  Put(item, DCM_PatientPosition, "HFS");
  Put(item, DCM_FrameOfReferenceUID, study.frame.value());
  Put(item, DCM_PositionReferenceIndicator, "");
  Put(item, DCM_Manufacturer, "necknode phantom");
  Put(item, DCM_ManufacturerModelName, "neck atlas phantom");
  Put(item, DCM_DeviceSerialNumber, "0");
  Put(item, DCM_SoftwareVersions, kGeneratorVersion);
  Put(item, DCM_InstitutionName, "PHANTOM");
  Put(item, DCM_ContrastBolusAgent, "Iodinated contrast, synthetic");
  Put(item, DCM_ContrastBolusRoute, "INTRAVENOUS");
  Put(item, DCM_ContrastBolusVolume, "90");
  Put(item, DCM_KVP, study.kvp);
  Put(item, DCM_XRayTubeCurrent, study.tube_current);
  Put(item, DCM_ExposureTime, "500");
  Put(item, DCM_ScanOptions, "HELICAL MODE");
  Put(item, DCM_ConvolutionKernel, study.kernel);
  Put(item, DCM_SliceThickness, Number(grid.slice_spacing_mm, 4));
  Put(item, DCM_SpacingBetweenSlices, Number(grid.slice_spacing_mm, 4));
  Put(item, DCM_GantryDetectorTilt, "0");
}

void PutImage(DcmItem& item,
              const Study& study,
              const VolumeGrid& grid,
              int slice,
              int instance,
              const Uid& uid) {
  Put(item, DCM_SOPClassUID, UID_CTImageStorage);
  Put(item, DCM_SOPInstanceUID, uid.value());
  Put(item, DCM_ImageType, "ORIGINAL\\PRIMARY\\AXIAL");
  Put(item, DCM_InstanceNumber, std::to_string(instance));
  Put(item, DCM_AcquisitionNumber, "1");
  for (const auto& tag : {DCM_AcquisitionDate, DCM_ContentDate}) {
    Put(item, tag, study.date);
  }
  for (const auto& tag : {DCM_AcquisitionTime, DCM_ContentTime}) {
    Put(item, tag, study.time);
  }
  const Vec3 position = grid.ToPatient(0, 0, slice);
  Put(item,
      DCM_ImagePositionPatient,
      Number(position.x, 4) + "\\" + Number(position.y, 4) + "\\" + Number(position.z, 4));
  Put(item, DCM_ImageOrientationPatient, "1\\0\\0\\0\\1\\0");
  Put(item, DCM_SliceLocation, Number(position.z, 4));
  Put(item,
      DCM_PixelSpacing,
      Number(grid.row_spacing_mm, 5) + "\\" + Number(grid.column_spacing_mm, 5));
  PutUnsigned(item, DCM_Rows, static_cast<Uint16>(grid.rows));
  PutUnsigned(item, DCM_Columns, static_cast<Uint16>(grid.columns));
  PutUnsigned(item, DCM_SamplesPerPixel, 1);
  Put(item, DCM_PhotometricInterpretation, "MONOCHROME2");
  PutUnsigned(item, DCM_BitsAllocated, 16);
  PutUnsigned(item, DCM_BitsStored, 12);
  PutUnsigned(item, DCM_HighBit, 11);
  PutUnsigned(item, DCM_PixelRepresentation, 0);
  Put(item, DCM_RescaleIntercept, Number(kRescaleIntercept, 0));
  Put(item, DCM_RescaleSlope, "1");
  Put(item, DCM_RescaleType, "HU");
  Put(item, DCM_WindowCenter, "50");
  Put(item, DCM_WindowWidth, "350");
}

void PutPixels(DcmItem& item, std::span<const std::int16_t> hu) {
  std::vector<Uint16> stored(hu.size());
  for (std::size_t i = 0; i < hu.size(); ++i) {
    stored[i] = static_cast<Uint16>(hu[i] - static_cast<int>(kRescaleIntercept));
  }
  const OFCondition status =
      item.putAndInsertUint16Array(DCM_PixelData, stored.data(), stored.size());
  if (status.bad()) {
    throw Error(ErrorCode::kInternal, std::string("phantom: pixels not set: ") + status.text());
  }
}

[[noreturn]] void RefuseWrite(const std::filesystem::path& file,
                              int number,
                              const std::string& why) {
  throw Error(
      number == ENOSPC || number == EDQUOT ? ErrorCode::kNoSpace : ErrorCode::kStorageFailed,
      "cannot write " + file.string() + ": " + why);
}

void SaveFile(DcmFileFormat& format, const std::filesystem::path& file) {
  format.getMetaInfo()->putAndInsertString(DCM_ImplementationVersionName, kImplementationVersion);
  errno = 0;
  const OFCondition status = format.saveFile(file.c_str(),
                                             EXS_LittleEndianExplicit,
                                             EET_ExplicitLength,
                                             EGL_recalcGL,
                                             EPD_noChange,
                                             0,
                                             0,
                                             EWM_fileformat);
  if (status.bad()) {
    RefuseWrite(file, errno, status.text());
  }
}

void SaveText(const std::string& text, const std::filesystem::path& file) {
  errno = 0;
  std::ofstream out(file, std::ios::binary);
  out << text << '\n';
  out.close();
  if (!out) {
    RefuseWrite(file, errno, std::generic_category().message(errno));
  }
}

}  // namespace

std::vector<std::filesystem::path> WriteDicomSeries(const Phantom& phantom,
                                                    const SeriesIdentity& identity,
                                                    const std::filesystem::path& folder) {
  const Study study = StudyOf(phantom, identity);
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem) {
    throw Error(
        problem == std::errc::no_space_on_device ? ErrorCode::kNoSpace : ErrorCode::kStorageFailed,
        "cannot make folder " + folder.string() + ": " + problem.message());
  }
  const auto& grid = phantom.volume.grid();
  const auto count = static_cast<std::size_t>(grid.slices);
  std::vector<std::string> names(count), uids(count);
  std::vector<std::filesystem::path> files;
  for (int instance = 1; instance <= grid.slices; ++instance) {
    const int slice = study.feet_first_numbering ? instance - 1 : grid.slices - instance;
    const auto index = static_cast<std::size_t>(slice);
    const Uid uid = Uid::FromName(study.series.value() + "/" + std::to_string(slice));
    DcmFileFormat format;
    DcmDataset& dataset = *format.getDataset();
    PutPatientAndStudy(dataset, study);
    PutSeries(dataset, study, grid);
    PutImage(dataset, study, grid, slice, instance, uid);
    PutPixels(dataset, phantom.volume.Slice(slice));
    names[index] = "IM" + Padded(instance, 4) + ".dcm";
    uids[index] = uid.value();
    files.push_back(folder / names[index]);
    SaveFile(format, files.back());
  }
  SaveText(TruthAsCoco(phantom, names, uids), folder / "truth.json");
  return files;
}

}  // namespace necknode::phantom
