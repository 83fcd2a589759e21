#include "tests/sr_writer/report_case.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "tests/support/shared_data.h"

namespace necknode::sr_writer::tests {
namespace {

constexpr double kPixelMm = 0.5, kSliceMm = 2;
constexpr std::string_view kStudy = "1.2.826.0.1.3680043.10.1.1";
constexpr std::string_view kSeries = "1.2.826.0.1.3680043.10.1.2";

VolumeGrid MakeGrid(int columns, int rows, int slices) {
  VolumeGrid grid;
  grid.columns = columns;
  grid.rows = rows;
  grid.slices = slices;
  grid.column_spacing_mm = grid.row_spacing_mm = kPixelMm;
  grid.slice_spacing_mm = kSliceMm;
  grid.first.row_direction = {1, 0, 0};
  grid.first.column_direction = {0, 1, 0};
  return grid;
}

// A disc of soft tissue in air, different on each slice.
void Fill(Volume& volume) {
  const VolumeGrid& grid = volume.grid();
  for (int z = 0; z < grid.slices; ++z) {
    for (int y = 0; y < grid.rows; ++y) {
      for (int x = 0; x < grid.columns; ++x) {
        const double dx = (x - grid.columns / 2.0) / (grid.columns * 0.45);
        const double dy = (y - grid.rows / 2.0) / (grid.rows * 0.45);
        volume.At(x, y, z) =
            dx * dx + dy * dy < 1 ? static_cast<std::int16_t>(40 + z) : Volume::kAirHu;
      }
    }
  }
}

void FillReference(DcmItem& item) {
  Put(item, DCM_SOPClassUID, UID_CTImageStorage);
  Put(item, DCM_SOPInstanceUID, "1.2.826.0.1.3680043.10.1.3.1");
  Put(item, DCM_StudyInstanceUID, kStudy);
  Put(item, DCM_SeriesInstanceUID, kSeries);
  Put(item, DCM_SpecificCharacterSet, "ISO_IR 100");
  Put(item, DCM_PatientName, "M\xFCller^J\xF6rg");
  Put(item, DCM_PatientID, "P-4711");
  Put(item, DCM_IssuerOfPatientID, "HOSPITAL");
  Put(item, DCM_PatientBirthDate, "19560203");
  Put(item, DCM_PatientSex, "M");
  Put(item, DCM_PatientAge, "070Y");
  Put(item, DCM_StudyDate, "20261123");
  Put(item, DCM_StudyTime, "140509");
  Put(item, DCM_StudyID, "77");
  Put(item, DCM_StudyDescription, "CT Hals mit KM");
  Put(item, DCM_AccessionNumber, "A-1");
  Put(item,
      DCM_ReferringPhysicianName,
      "Praxis^S\xFC"
      "d");
  Put(item, DCM_TimezoneOffsetFromUTC, "+0130");
  Put(item, DCM_Modality, "CT");
  Put(item, DCM_SeriesNumber, "3");
  Put(item, DCM_ContrastBolusAgent, "Iopromid");
  DcmItem& request = AddItem(item, DCM_RequestAttributesSequence);
  Put(request, DCM_RequestedProcedureID, "RP-9");
  Put(request, DCM_ScheduledProcedureStepID, "SPS-9");
  Put(request, DCM_RequestedProcedureDescription, "CT Hals");
}

}  // namespace

LymphNode MakeNode(int number, int columns, int rows, int slices) {
  LymphNode node;
  node.number = number;
  node.tracking_uid = Uid::FromName("tracking " + std::to_string(number));
  node.key_slice = 2 + number * 3 % (slices - 4);
  const double x = 4 + 0.25 * (number % 2) + number * 11 % (columns - 24);
  const double y = 14 + number * 7 % (rows - 30);
  for (int slice = node.key_slice - 1; slice <= node.key_slice + 1; ++slice) {
    NodeBox box;
    box.slice = slice;
    box.box = {x, y, x + (slice == node.key_slice ? 12 : 10), y + 10};
    box.score = 0.9;
    box.interpolated = slice == node.key_slice - 1;
    node.boxes.push_back(box);
  }
  node.detection_score = 0.93;
  const std::array kMalignancies = {
      Malignancy::kMalignant, Malignancy::kIndeterminate, Malignancy::kBenign};
  const std::array kProbabilities = {0.91, 0.5, 0.08};
  const std::array kSides = {Side::kRight, Side::kLeft, Side::kMidline, Side::kNotDetermined};
  const std::array<const char*, 4> kLevels = {"III", "II/III", "VI", ""};
  const auto n = static_cast<std::size_t>(number - 1);
  node.malignancy = kMalignancies[n % 3];
  node.probability = kProbabilities[n % 3];
  node.side = kSides[n % 4];
  node.level = kLevels[n % 4];
  if (number % 2 == 1) {
    node.short_axis = Diameter{4.5, {x + 6, y + 0.5, x + 6, y + 9.5}};
    node.long_axis = Diameter{5.5, {x + 0.5, y + 5, x + 11.5, y + 5}};
    node.mean_hu = 74;
    node.volume_mm3 = 320;
  } else {
    node.not_measured_reason = "no edge";
  }
  return node;
}

ReportCase::ReportCase(int nodes, int columns, int rows, int slices)
    : volume(MakeGrid(columns, rows, slices)) {
  Fill(volume);
  FillReference(reference);
  for (int z = 0; z < slices; ++z) {
    EvidenceImage image;
    image.sop_class_uid = Uid(UID_CTImageStorage);
    image.sop_instance_uid = Uid("1.2.826.0.1.3680043.10.1.3." + std::to_string(z + 1));
    image.rows = rows;
    image.columns = columns;
    image.window_center = 60;
    image.window_width = 360;
    image.rescale_intercept = -1024;
    images.push_back(image);
  }
  assessment.grid = volume.grid();
  assessment.last_slice = slices - 1;
  assessment.model = {"phantom",
                      "1.0.0",
                      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                      "necknode",
                      "faster-rcnn",
                      "a-resnet",
                      false,
                      "PHANTOM MODEL, NOT FOR CLINICAL USE"};
  assessment.thresholds = {0.6, 0.5, 0.4, 0.6};
  for (int number = 1; number <= nodes; ++number)
    assessment.nodes.push_back(MakeNode(number, columns, rows, slices));
  context.job_key = "job";
  context.route = "neck";
  context.software_version = "0.1.0";
  context.content_time = WallTime(std::chrono::milliseconds(1'795'442'709'123));  // 2026-11-23
}

Evidence ReportCase::MakeEvidence() {
  reference_bytes_ = EncodePart10(reference);
  Round(assessment);
  return {reference_bytes_, images, volume};
}

Document ReportCase::Report(ReportClass report_class) {
  return WriteMeasurementReport(assessment, MakeEvidence(), context, report_class);
}

Document ReportCase::State() { return WritePresentationState(assessment, MakeEvidence(), context); }

std::vector<Document> ReportCase::Captures() {
  return WriteSecondaryCaptures(assessment, MakeEvidence(), context);
}

std::vector<std::filesystem::path> CharsetSources() {
  std::vector<std::filesystem::path> sources;
  const std::filesystem::path folder = necknode::tests::SharedData("charsets");
  if (folder.empty())
    return sources;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".dcm")
      sources.push_back(entry.path());
  }
  std::sort(sources.begin(), sources.end());
  return sources;
}

ReportCase CharsetCase(const std::filesystem::path& source) {
  DcmFileFormat file;
  if (file.loadFile(source.c_str()).bad())
    throw std::runtime_error("cannot read " + source.string());
  ReportCase report_case(1);
  DcmDataset& reference = report_case.reference;
  reference = *file.getDataset();
  delete reference.remove(DCM_PixelData);
  for (const auto& [tag, value] : {std::pair{DCM_StudyInstanceUID, "1.2.3"},
                                   std::pair{DCM_SeriesInstanceUID, "1.2.3.4"},
                                   std::pair{DCM_SOPInstanceUID, "1.2.3.5"},
                                   std::pair{DCM_SOPClassUID, UID_CTImageStorage}}) {
    if (!reference.tagExists(tag))
      Put(reference, tag, value);
  }
  // Two of the files have the name in a nested item only, one of them in its own character set.
  DcmItem* nested = nullptr;
  if (reference.findAndGetSequenceItem(DCM_RequestedProcedureCodeSequence, nested, 0).good()) {
    Put(reference, DCM_PatientName, Get(*nested, DCM_PatientName));
    if (nested->tagExists(DCM_SpecificCharacterSet))
      Put(reference, DCM_SpecificCharacterSet, Get(*nested, DCM_SpecificCharacterSet));
  }
  return report_case;
}

std::vector<NamedCase> RunCases() {
  const auto with = [](int nodes, const std::function<void(ReportCase&)>& change) {
    return [nodes, change] {
      ReportCase report_case(nodes);
      change(report_case);
      return report_case;
    };
  };
  const auto unchanged = [](ReportCase&) {};
  const auto partial = [](ReportCase& report_case) {
    report_case.assessment.status = AssessmentStatus::kPartial;
    report_case.assessment.reason = "slices 20 to 24 cannot be decoded";
    report_case.assessment.last_slice = 19;
    report_case.assessment.broken_limits = {"slice thickness 5 mm over 3 mm"};
  };
  const auto failed = [](ReportCase& report_case) {
    report_case.assessment.status = AssessmentStatus::kFailed;
    report_case.assessment.reason = "out of memory";
    report_case.assessment.last_slice = -1;
  };
  const auto repeated = [](ReportCase& report_case) {
    report_case.context.run = 2;
    report_case.context.predecessors = {
        {Uid(UID_Comprehensive3DSRStorage), Uid("1.2.3.1"), Uid("1.2.3")},
        {Uid(UID_ComprehensiveSRStorage), Uid("1.2.3.2"), Uid("1.2.3")}};
  };
  return {{"negative", with(0, unchanged)},
          {"one node", with(1, unchanged)},
          {"four nodes", with(4, unchanged)},
          {"fifty nodes", with(50, unchanged)},
          {"partial", with(2, partial)},
          {"partial without findings", with(0, partial)},
          {"failed", with(0, failed)},
          {"second run", with(2, repeated)}};
}

std::vector<NamedCase> CharsetCases() {
  std::vector<NamedCase> cases;
  for (const std::filesystem::path& source : CharsetSources())
    cases.push_back({source.filename().string(), [source] { return CharsetCase(source); }});
  return cases;
}

std::unique_ptr<DcmFileFormat> Parse(const Document& document) {
  return ParsePart10(document.part10);
}

std::filesystem::path Save(const Document& document, const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "document.dcm";
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(document.part10.data()),
             static_cast<std::streamsize>(document.part10.size()));
  if (!file.flush())
    throw std::runtime_error("cannot write " + path.string());
  return path;
}

std::string ReadText(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string RunProgram(const std::string& command) {
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr)
    throw std::runtime_error("popen failed");
  std::string output;
  std::array<char, 4096> buffer{};
  std::size_t count = 0;
  while ((count = fread(buffer.data(), 1, buffer.size(), pipe)) > 0)
    output.append(buffer.data(), count);
  pclose(pipe);
  return output;
}

}  // namespace necknode::sr_writer::tests
