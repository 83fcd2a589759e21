#include <algorithm>
#include <set>

#include "core/error.h"
#include "sr_writer/common_modules.h"
#include "sr_writer/content_tree.h"
#include "sr_writer/document_uids.h"
#include "sr_writer/measurement_group.h"
#include "sr_writer/report_text.h"

namespace necknode::sr_writer {
namespace {

constexpr auto kObservation = DSRTypes::RT_hasObsContext;

void AddObserver(ContentTree& tree, const Assessment& assessment, const DocumentContext& context) {
  const std::string serial_number = SerialNumber(assessment, context);
  tree.CodeItem(kObservation, codes::kObserverType, codes::kDevice);
  tree.UidReference(kObservation, codes::kDeviceObserverUid, DeviceUid(serial_number));
  tree.Text(kObservation, codes::kDeviceObserverName, "necknode");
  tree.Text(kObservation, codes::kDeviceObserverManufacturer, "necknode");
  tree.Text(kObservation, codes::kDeviceObserverModel, "necknode");
  tree.Text(kObservation, codes::kDeviceObserverSerial, serial_number);
}

void AddProcedure(ContentTree& tree, SourceInstance& source) {
  if (const auto procedure = source.Procedure()) {
    tree.CodeItem(ContentTree::kModifier,
                  codes::kProcedureReported,
                  {procedure->value, procedure->scheme, procedure->meaning, ""});
    return;
  }
  tree.CodeItem(ContentTree::kModifier,
                codes::kProcedureReported,
                source.HasContrastAgent() ? codes::kCtNeckWithContrast : codes::kCtUnspecified);
}

void AddImageLibrary(ContentTree& tree, const std::vector<const EvidenceImage*>& images) {
  if (images.empty())
    return;
  const EvidenceImage& first = *images.front();
  const bool one_size = std::all_of(images.begin(), images.end(), [&](const EvidenceImage* image) {
    return image->rows == first.rows && image->columns == first.columns;
  });
  tree.Container(ContentTree::kContains, codes::kImageLibrary, "1600", [&] {
    tree.Container(ContentTree::kContains, codes::kImageLibraryGroup, "", [&] {
      constexpr auto kAcquisition = DSRTypes::RT_hasAcqContext;
      tree.CodeItem(kAcquisition, codes::kModality, codes::kComputedTomography);
      if (one_size) {
        tree.Number(kAcquisition, codes::kPixelDataRows, first.rows, 0, codes::kPixels);
        tree.Number(kAcquisition, codes::kPixelDataColumns, first.columns, 0, codes::kPixels);
      }
      for (const EvidenceImage* image : images)
        tree.Image(ContentTree::kContains, nullptr, *image);
    });
  });
}

Code FindingsSummary(const Assessment& assessment) {
  const bool findings = !assessment.nodes.empty();
  switch (assessment.status) {
    case AssessmentStatus::kComplete:
      return findings ? codes::kSucceededWithFindings : codes::kSucceededWithoutFindings;
    case AssessmentStatus::kPartial:
      return findings ? codes::kPartlyWithFindings : codes::kPartlyWithoutFindings;
    case AssessmentStatus::kFailed:
      break;
  }
  return codes::kFailedWithoutFindings;
}

void PutContent(DcmItem& item,
                const Assessment& assessment,
                const Evidence& evidence,
                const DocumentContext& context,
                SourceInstance& source,
                ReportClass report_class) {
  ContentTree tree(report_class);
  tree.Container(DSRTypes::RT_isRoot, codes::kImagingMeasurementReport, "1500", [&] {
    tree.CodeItem(ContentTree::kModifier, codes::kLanguage, codes::kEnglish);
    AddObserver(tree, assessment, context);
    AddProcedure(tree, source);
    AddImageLibrary(tree, AnalysedImages(assessment, evidence));
    if (!assessment.nodes.empty()) {
      tree.Container(ContentTree::kContains, codes::kImagingMeasurements, "", [&] {
        for (const LymphNode& node : assessment.nodes)
          AddMeasurementGroup(tree,
                              assessment,
                              node,
                              evidence.images[static_cast<std::size_t>(node.key_slice)],
                              context.experimental_levels);
      });
    }
    tree.Container(ContentTree::kContains, codes::kQualitativeEvaluations, "", [&] {
      tree.CodeItem(ContentTree::kContains, codes::kFindingsSummary, FindingsSummary(assessment));
      AddAlgorithm(tree, ContentTree::kContains, assessment);
      tree.Text(ContentTree::kContains,
                codes::kComment,
                CaseSummary(assessment, source.SeriesNumber(), source.IsLossy()));
    });
  });
  tree.WriteTo(item);
}

void PutReferences(DcmItem& item,
                   const DcmTagKey& sequence,
                   const Uid& study,
                   const Uid& series,
                   std::span<const EvidenceImage* const> instances) {
  DcmItem& of_study = AddItem(item, sequence);
  Put(of_study, DCM_StudyInstanceUID, study);
  DcmItem& of_series = AddItem(of_study, DCM_ReferencedSeriesSequence);
  Put(of_series, DCM_SeriesInstanceUID, series);
  AddImageReferences(of_series, DCM_ReferencedSOPSequence, instances);
}

// Each instance once, without frames (Hierarchical SOP Instance Reference Macro, PS3.3 C.17.2.1).
void PutEvidence(DcmItem& item,
                 const Assessment& assessment,
                 const Evidence& evidence,
                 SourceInstance& source) {
  std::vector<EvidenceImage> instances;
  std::set<Uid> seen;
  for (const EvidenceImage* image : AnalysedImages(assessment, evidence)) {
    if (seen.insert(image->sop_instance_uid).second) {
      instances.push_back(*image);
      instances.back().frame = 0;
    }
  }
  std::vector<const EvidenceImage*> references;
  for (const EvidenceImage& image : instances)
    references.push_back(&image);
  if (!references.empty())
    PutReferences(item,
                  DCM_CurrentRequestedProcedureEvidenceSequence,
                  source.study_instance_uid(),
                  source.series_instance_uid(),
                  references);
}

void PutPredecessors(DcmItem& item,
                     const DocumentContext& context,
                     SourceInstance& source,
                     const Uid& sop_class_uid) {
  for (const Predecessor& predecessor : context.predecessors) {
    if (predecessor.sop_class_uid != sop_class_uid)
      continue;
    EvidenceImage reference;
    reference.sop_class_uid = predecessor.sop_class_uid;
    reference.sop_instance_uid = predecessor.sop_instance_uid;
    const EvidenceImage* references[] = {&reference};
    PutReferences(item,
                  DCM_PredecessorDocumentsSequence,
                  source.study_instance_uid(),
                  predecessor.series_instance_uid,
                  references);
  }
}

// SR Document General, PS3.3 C.17.2.
void PutDocumentGeneral(DcmItem& item,
                        const Assessment& assessment,
                        const DocumentContext& context,
                        SourceInstance& source) {
  const DicomMoment moment = ContentMoment(source, context);
  Put(item, DCM_ContentDate, moment.date);
  Put(item, DCM_ContentTime, moment.time);
  const bool complete = assessment.status == AssessmentStatus::kComplete;
  Put(item, DCM_CompletionFlag, complete ? "COMPLETE" : "PARTIAL");
  if (!complete) {
    const std::string reason =
        assessment.reason.empty() ? "the analysis is not complete" : assessment.reason;
    Put(item, DCM_CompletionFlagDescription, ShortText(reason));
  }
  Put(item, DCM_VerificationFlag, "UNVERIFIED");
  Put(item, DCM_PreliminaryFlag, context.preliminary ? "PRELIMINARY" : "FINAL");
  PutEmptySequence(item, DCM_PerformedProcedureCodeSequence);
  source.PutReferencedRequest(item);
}

// PS3.3 C.12.1.1.9: says what our private scheme is.
void PutCodingScheme(DcmItem& item) {
  DcmItem& scheme = AddItem(item, DCM_CodingSchemeIdentificationSequence);
  Put(scheme, DCM_CodingSchemeDesignator, codes::kBoundingBox.scheme);
  Put(scheme, DCM_CodingSchemeName, "necknode private codes");
  Put(scheme, DCM_CodingSchemeResponsibleOrganization, "necknode");
}

}  // namespace

Document WriteMeasurementReport(const Assessment& assessment,
                                const Evidence& evidence,
                                const DocumentContext& context,
                                ReportClass report_class) {
  RequireUsable(assessment, evidence);
  const Assessment said = Printable(assessment);
  SourceInstance source(evidence.reference_dataset, context.assumed_charset);
  DcmDataset dataset;
  DocumentIdentity identity;
  identity.kind = "SR";
  identity.sop_class_uid = report_class == ReportClass::kComprehensive3D
                               ? UID_Comprehensive3DSRStorage
                               : UID_ComprehensiveSRStorage;
  identity.modality = "SR";
  identity.series_number = context.sr_series_number;
  identity.instance_number = context.run;
  identity.series_description = "Neck lymph node report";
  identity.series_code = codes::kImagingMeasurementReport;
  Document document = PutCommonModules(dataset, said, source, context, identity);
  PutDocumentGeneral(dataset, said, context, source);
  PutEvidence(dataset, said, evidence, source);
  PutPredecessors(dataset, context, source, document.sop_class_uid);
  if (!said.nodes.empty())
    PutCodingScheme(dataset);
  PutContent(dataset, said, evidence, context, source, report_class);
  document.part10 = EncodePart10(dataset);
  return document;
}

}  // namespace necknode::sr_writer
