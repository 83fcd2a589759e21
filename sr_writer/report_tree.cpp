#include "sr_writer/report_tree.h"

#include <charconv>
#include <utility>

#include "core/error.h"

namespace necknode::sr_writer {
namespace {

constexpr int kMaxDepth = 64;  // a hostile file must not exhaust the stack

ReadCode ReadCodeFrom(DcmItem& item, const DcmTagKey& sequence) {
  ReadCode code;
  DcmItem* entry = nullptr;
  if (item.findAndGetSequenceItem(sequence, entry, 0).bad() || entry == nullptr)
    return code;
  code.value = Get(*entry, DCM_CodeValue);
  for (const DcmTagKey& tag : {DCM_LongCodeValue, DCM_URNCodeValue}) {
    if (code.value.empty())
      code.value = Get(*entry, tag);
  }
  code.scheme = Get(*entry, DCM_CodingSchemeDesignator);
  code.meaning = Get(*entry, DCM_CodeMeaning);
  return code;
}

std::vector<ReadReference> ReadReferences(DcmItem& item) {
  std::vector<ReadReference> references;
  ForEachItem(item, DCM_ReferencedSOPSequence, [&](DcmItem& entry) {
    references.push_back({Get(entry, DCM_ReferencedSOPClassUID),
                          Get(entry, DCM_ReferencedSOPInstanceUID),
                          Get(entry, DCM_ReferencedFrameNumber)});
  });
  return references;
}

std::string ReadValue(DcmItem& item, const std::string& value_type) {
  if (value_type == "TEXT")
    return Get(item, DCM_TextValue);
  if (value_type == "UIDREF")
    return Get(item, DCM_UID);
  if (value_type == "PNAME")
    return Get(item, DCM_PersonName);
  if (value_type != "NUM")
    return {};
  DcmItem* measured = nullptr;
  if (item.findAndGetSequenceItem(DCM_MeasuredValueSequence, measured, 0).bad())
    return {};
  return Get(*measured, DCM_NumericValue);
}

ReportItem ReadItem(DcmItem& item, int depth) {
  if (depth > kMaxDepth)
    throw Error(ErrorCode::kParse,
                "the content tree is deeper than " + std::to_string(kMaxDepth) + " levels");
  ReportItem read;
  read.relationship = Get(item, DCM_RelationshipType);
  read.value_type = Get(item, DCM_ValueType);
  read.name = ReadCodeFrom(item, DCM_ConceptNameCodeSequence);
  read.code = ReadCodeFrom(item, DCM_ConceptCodeSequence);
  read.text = ReadValue(item, read.value_type);
  DcmItem* measured = nullptr;
  if (item.findAndGetSequenceItem(DCM_MeasuredValueSequence, measured, 0).good())
    read.unit = ReadCodeFrom(*measured, DCM_MeasurementUnitsCodeSequence);
  read.graphic_type = Get(item, DCM_GraphicType);
  const Float32* data = nullptr;
  unsigned long count = 0;
  if (read.value_type == "SCOORD" &&
      item.findAndGetFloat32Array(DCM_GraphicData, data, &count).good() && data != nullptr)
    read.graphic_data.assign(data, data + count);
  read.references = ReadReferences(item);
  DcmItem* content_template = nullptr;
  if (item.findAndGetSequenceItem(DCM_ContentTemplateSequence, content_template, 0).good())
    read.template_id = Get(*content_template, DCM_TemplateIdentifier);
  ForEachItem(item, DCM_ContentSequence, [&](DcmItem& child) {
    read.children.push_back(ReadItem(child, depth + 1));
  });
  return read;
}

void ReadEvidence(DcmItem& dataset, const DcmTagKey& tag, std::vector<ReadReference>& evidence) {
  ForEachItem(dataset, tag, [&](DcmItem& study) {
    ForEachItem(study, DCM_ReferencedSeriesSequence, [&](DcmItem& series) {
      for (ReadReference& reference : ReadReferences(series))
        evidence.push_back(std::move(reference));
    });
  });
}

double NumberOf(const std::string& text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

const ReportItem* ReportItem::Child(const Code& concept_name) const {
  for (const ReportItem& child : children) {
    if (child.name.Is(concept_name))
      return &child;
  }
  return nullptr;
}

ReadReport ReadReportFrom(std::span<const std::byte> part10) {
  return ReadReportFrom(ParsePart10(part10));
}

ReadReport ReadReportFrom(std::unique_ptr<DcmFileFormat> file) {
  ReadReport report;
  report.file = std::move(file);
  const std::string sop_class = Get(report.dataset(), DCM_SOPClassUID);
  constexpr std::string_view kReportClasses = "1.2.840.10008.5.1.4.1.1.88.";
  if (sop_class.substr(0, kReportClasses.size()) != kReportClasses &&
      !report.dataset().tagExists(DCM_ContentSequence))
    throw Error(
        ErrorCode::kParse,
        "not a Structured Report: its SOP class is " + (sop_class.empty() ? "missing" : sop_class));
  report.root = ReadItem(report.dataset(), 0);
  ReadEvidence(report.dataset(), DCM_CurrentRequestedProcedureEvidenceSequence, report.evidence);
  ReadEvidence(report.dataset(), DCM_PertinentOtherEvidenceSequence, report.evidence);
  report.root.ForEach([&](const ReportItem& item) {
    if (item.name.Is(codes::kMeasurementGroup) && item.value_type == "CONTAINER")
      report.groups.push_back(&item);
    if (item.name.Is(codes::kPixelDataRows))
      report.rows = NumberOf(item.text);
    if (item.name.Is(codes::kPixelDataColumns))
      report.columns = NumberOf(item.text);
    if (item.name.Is(codes::kAlgorithmParameters) && report.parameters.empty() &&
        item.text.find("clinical=") != std::string::npos)
      report.parameters = item.text;
  });
  return report;
}

}  // namespace necknode::sr_writer
