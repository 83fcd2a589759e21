#pragma once

#include <array>
#include <string_view>

namespace necknode::sr_writer {

/// A coded concept (PS3.3 section 8.8) as it stands in our objects. `context_group` names where
/// PS3.16 lists it, or the template that uses it; empty for a concept of our own.
struct Code {
  std::string_view value;
  std::string_view scheme;
  std::string_view meaning;  ///< viewers compare some of these as strings: never translate
  std::string_view context_group;
  [[nodiscard]] bool SameConcept(const Code& other) const {
    return value == other.value && scheme == other.scheme;
  }
};

namespace codes {

// Document and its context.
inline constexpr Code kImagingMeasurementReport{
    "126000", "DCM", "Imaging Measurement Report", "CID 7021"};
inline constexpr Code kLanguage{
    "121049", "DCM", "Language of Content Item and Descendants", "TID 1204"};
inline constexpr Code kEnglish{"en-US", "RFC5646", "English (United States)", "CID 5000"};
inline constexpr Code kObserverType{"121005", "DCM", "Observer Type", "TID 1002"};
inline constexpr Code kDevice{"121007", "DCM", "Device", "CID 270"};
inline constexpr Code kDeviceObserverUid{"121012", "DCM", "Device Observer UID", "TID 1004"};
inline constexpr Code kDeviceObserverName{"121013", "DCM", "Device Observer Name", "TID 1004"};
inline constexpr Code kDeviceObserverManufacturer{
    "121014", "DCM", "Device Observer Manufacturer", "TID 1004"};
inline constexpr Code kDeviceObserverModel{
    "121015", "DCM", "Device Observer Model Name", "TID 1004"};
inline constexpr Code kDeviceObserverSerial{
    "121016", "DCM", "Device Observer Serial Number", "TID 1004"};
inline constexpr Code kProcedureReported{"121058", "DCM", "Procedure reported", "TID 1500"};
inline constexpr Code kCtNeckWithContrast{
    "36235-0", "LN", "CT Neck W contrast IV", "LOINC/RSNA Playbook"};
inline constexpr Code kCtUnspecified{
    "25045-6", "LN", "CT unspecified body region", "LOINC/RSNA Playbook"};

// Image library.
inline constexpr Code kImageLibrary{"111028", "DCM", "Image Library", "TID 1600"};
inline constexpr Code kImageLibraryGroup{"126200", "DCM", "Image Library Group", "TID 1600"};
inline constexpr Code kModality{"121139", "DCM", "Modality", "TID 1602"};
inline constexpr Code kComputedTomography{"CT", "DCM", "Computed Tomography", "CID 29"};
inline constexpr Code kPixelDataRows{"110910", "DCM", "Pixel Data Rows", "TID 1602"};
inline constexpr Code kPixelDataColumns{"110911", "DCM", "Pixel Data Columns", "TID 1602"};

// Measurement group.
inline constexpr Code kImagingMeasurements{"126010", "DCM", "Imaging Measurements", "TID 1500"};
inline constexpr Code kMeasurementGroup{"125007", "DCM", "Measurement Group", "TID 1410"};
inline constexpr Code kTrackingIdentifier{"112039", "DCM", "Tracking Identifier", "TID 1410"};
inline constexpr Code kTrackingUid{"112040", "DCM", "Tracking Unique Identifier", "TID 1410"};
inline constexpr Code kFindingCategory{"276214006", "SCT", "Finding category", "TID 1410"};
inline constexpr Code kAnatomicalStructure{"91723000", "SCT", "Anatomical Structure", "CID 7150"};
inline constexpr Code kFinding{"121071", "DCM", "Finding", "TID 1410"};
inline constexpr Code kLymphNode{"59441001", "SCT", "Lymph node", "CID 4031"};
inline constexpr Code kSecondaryNeoplasm{"14799000", "SCT", "Neoplasm, Secondary", "CID 7159"};
inline constexpr Code kFindingSite{"363698007", "SCT", "Finding Site", "TID 1410"};
inline constexpr Code kLaterality{"272741003", "SCT", "Laterality", "TID 1410"};
inline constexpr Code kRight{"24028007", "SCT", "Right", "CID 244"};
inline constexpr Code kLeft{"7771000", "SCT", "Left", "CID 244"};
inline constexpr Code kAlgorithmName{"111001", "DCM", "Algorithm Name", "TID 4019"};
inline constexpr Code kAlgorithmVersion{"111003", "DCM", "Algorithm Version", "TID 4019"};
inline constexpr Code kAlgorithmManufacturer{"122405", "DCM", "Algorithm Manufacturer", "TID 4019"};
inline constexpr Code kAlgorithmParameters{"111002", "DCM", "Algorithm Parameters", "TID 4019"};
inline constexpr Code kAlgorithmFamily{"111000", "DCM", "Algorithm Family", "TID 4019"};
inline constexpr Code kArtificialIntelligence{
    "123110", "DCM", "Artificial Intelligence", "CID 7162"};
inline constexpr Code kImageRegion{"111030", "DCM", "Image Region", "TID 1410"};
inline constexpr Code kOriginalSource{"111040", "DCM", "Original Source", "TID 1410"};
inline constexpr Code kGeometricPurpose{"130400", "DCM", "Geometric purpose of region", "TID 1410"};
inline constexpr Code kBoundedBy{"75958009", "SCT", "Bounded by", "CID 219"};
inline constexpr Code kPath{"121055", "DCM", "Path", "TID 1400"};

// Measurements.
inline constexpr Code kArea{"42798000", "SCT", "Area", "CID 7471"};
inline constexpr Code kMeasurementMethod{"370129005", "SCT", "Measurement Method", "TID 1419"};
/// No standard code says that an area is the box's and not the finding's.
inline constexpr Code kBoundingBox{"BOX", "99NECKNODE", "Axis-aligned bounding box", ""};
inline constexpr Code kWidth{"103355008", "SCT", "Width", "CID 7470"};
inline constexpr Code kHeight{"121207", "DCM", "Height", "CID 7470"};
inline constexpr Code kShortAxis{"103340004", "SCT", "Short Axis", "CID 7470"};
inline constexpr Code kLongAxis{"103339001", "SCT", "Long Axis", "CID 7470"};
inline constexpr Code kVolume{"118565006", "SCT", "Volume", "CID 7472"};
inline constexpr Code kCertaintyOfFinding{"111012", "DCM", "Certainty of Finding", "CID 6048"};
inline constexpr Code kProbabilityOfCancer{"111047", "DCM", "Probability of cancer", "CID 6048"};
inline constexpr Code kAttenuation{"112031", "DCM", "Attenuation Coefficient", "CID 218"};
inline constexpr Code kDerivation{"121401", "DCM", "Derivation", "TID 1419"};
inline constexpr Code kMean{"373098007", "SCT", "Mean", "CID 7464"};
inline constexpr Code kSquareMillimetre{"mm2", "UCUM", "square millimeter", "CID 7181"};
inline constexpr Code kCubicMillimetre{"mm3", "UCUM", "cubic millimeter", "CID 7181"};
inline constexpr Code kMillimetre{"mm", "UCUM", "millimeter", "CID 7181"};
inline constexpr Code kPercent{"%", "UCUM", "percent", "CID 7181"};
inline constexpr Code kHounsfieldUnit{"[hnsf'U]", "UCUM", "Hounsfield unit", "CID 7181"};
inline constexpr Code kPixels{"{pixels}", "UCUM", "pixels", "CID 7181"};

// Conclusions.
inline constexpr Code kMalignancy{"RID36042", "RADLEX", "Malignancy", "RadLex"};
inline constexpr Code kMalignant{"21594007", "SCT", "Malignant", "CID 6063"};
inline constexpr Code kBenign{"30807003", "SCT", "Benign", "CID 6063"};
inline constexpr Code kIndeterminate{"82334004", "SCT", "Indeterminate", "CID 4220"};
inline constexpr Code kComment{"121106", "DCM", "Comment", "TID 1419"};
inline constexpr Code kQualitativeEvaluations{
    "C0034375", "UMLS", "Qualitative Evaluations", "TID 1500"};
inline constexpr Code kFindingsSummary{
    "111017", "DCM", "CAD Processing and Findings Summary", "TID 4001"};
inline constexpr Code kSucceededWithoutFindings{
    "111241", "DCM", "All algorithms succeeded; without findings", "CID 6047"};
inline constexpr Code kSucceededWithFindings{
    "111242", "DCM", "All algorithms succeeded; with findings", "CID 6047"};
inline constexpr Code kPartlyWithoutFindings{
    "111243", "DCM", "Not all algorithms succeeded; without findings", "CID 6047"};
inline constexpr Code kPartlyWithFindings{
    "111244", "DCM", "Not all algorithms succeeded; with findings", "CID 6047"};
inline constexpr Code kFailedWithoutFindings{
    "111245", "DCM", "No algorithms succeeded; without findings", "CID 6047"};

// Headers.
inline constexpr Code kProcessingEquipment{"109102", "DCM", "Processing Equipment", "CID 7005"};
inline constexpr Code kSourceImage{
    "121322", "DCM", "Source image for image processing operation", "CID 7202"};
inline constexpr Code kIllustrationOfRoi{"121200", "DCM", "Illustration of ROI", "CID 7003"};

// Sites (CID 7600). The terms say no "level": which is which is docs/outputs.md's table.
inline constexpr Code kCervicalLymphNode{"81105003", "SCT", "Cervical lymph node", "CID 7600"};
struct LevelCode {
  std::string_view level;
  Code code;
};
inline constexpr std::array<LevelCode, 10> kLevels{{
    {"IA", {"46055009", "SCT", "Submental lymph node", "CID 7600"}},
    {"IB", {"59503006", "SCT", "Submandibular lymph node", "CID 7600"}},
    {"II", {"245321008", "SCT", "Upper jugular lymph node", "CID 7600"}},
    {"III", {"245322001", "SCT", "Middle jugular lymph node", "CID 7600"}},
    {"IV", {"245323006", "SCT", "Lower jugular lymph node", "CID 7600"}},
    {"V", {"245324000", "SCT", "Posterior triangle cervical lymph node", "CID 7600"}},
    {"VI", {"168360002", "SCT", "Deep anterior cervical lymph node", "CID 7600"}},
    {"VII", {"127925003", "SCT", "Superior mediastinal lymph node", "CID 7600"}},
    {"retropharyngeal", {"25683005", "SCT", "Retropharyngeal lymph node", "CID 7600"}},
    {"supraclavicular", {"76838003", "SCT", "Supraclavicular lymph node", "CID 7600"}},
}};

/// The site that a level codes for; a level not determined, merged ("II/III") or unknown is the
/// neck's lymph nodes.
[[nodiscard]] constexpr Code SiteOf(std::string_view level) {
  for (const LevelCode& entry : kLevels) {
    if (entry.level == level)
      return entry.code;
  }
  return kCervicalLymphNode;
}

}  // namespace codes
}  // namespace necknode::sr_writer
