#include "sr_writer/report_view.h"

#include "sr_writer/character_set.h"
#include "sr_writer/view_nodes.h"
#include "sr_writer/view_words.h"

namespace necknode::sr_writer {
namespace {

constexpr std::size_t kMaxNodes = 300, kMaxParagraphs = 40, kMaxSeries = 40;

std::string Joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string joined;
  for (const std::string& part : parts) {
    if (!part.empty())
      joined += (joined.empty() ? "" : std::string(separator)) + part;
  }
  return joined;
}

std::string FirstText(const ReadReport& report, const Code& name) {
  std::string text;
  report.root.ForEach([&](const ReportItem& item) {
    if (text.empty() && item.name.Is(name))
      text = item.value_type == "CODE" ? item.code.meaning : item.text;
  });
  return text;
}

std::string WarningIn(const std::string& parameters) {
  if (parameters.find("clinical=false") == std::string::npos)
    return {};
  const std::vector<std::string> named = ParametersNamed(parameters, "warning");
  return named.empty() ? "NOT FOR CLINICAL USE" : named.front();
}

std::string VerificationOf(const ReadReport& report) {
  const bool verified = Get(report.dataset(), DCM_VerificationFlag) == "VERIFIED";
  const bool by_ai = IsOurReport(report) || FirstText(report, codes::kAlgorithmFamily) ==
                                                std::string(codes::kArtificialIntelligence.meaning);
  if (!verified)
    return by_ai ? "AI result, not verified" : "Not verified";
  DcmItem* observer = nullptr;
  std::string name;
  if (report.dataset().findAndGetSequenceItem(DCM_VerifyingObserverSequence, observer, 0).good())
    name = ShownName(Get(*observer, DCM_VerifyingObserverName));
  return "Verified" + (name.empty() ? "" : " by " + name);
}

std::string TitleOf(const ReadReport& report) {
  if (IsOurReport(report))
    return "Neck lymph node report";
  const std::string title = Shown(report.root.name.meaning);
  return title.empty() ? "Structured Report" : title;
}

void ViewOutcome(const ReadReport& report, ReportView& view) {
  ReadCode summary;
  report.root.ForEach([&](const ReportItem& item) {
    if (item.name.Is(codes::kFindingsSummary))
      summary = item.code;
  });
  using Outcome = ReportView::Outcome;
  if (summary.Is(codes::kFailedWithoutFindings)) {
    view.outcome = Outcome::kFailed;
    view.outcome_text = "The analysis failed: there is no result";
    view.no_nodes = "No result: the analysis failed. The images were not assessed.";
    return;
  }
  if (Get(report.dataset(), DCM_CompletionFlag) == "PARTIAL" ||
      summary.Is(codes::kPartlyWithFindings) || summary.Is(codes::kPartlyWithoutFindings)) {
    view.outcome = Outcome::kPartial;
    view.outcome_text =
        IsOurReport(report) ? "Partial: not everything was analysed" : "The report is partial";
    view.no_nodes = IsOurReport(report) ? "Nothing above the thresholds in what was analysed. This "
                                          "does not exclude disease."
                                        : "The report has no Measurement Group.";
    return;
  }
  if (!report.groups.empty())
    return;
  view.outcome = Outcome::kNoFindings;
  view.no_nodes = IsOurReport(report)
                      ? "No lymph node candidate above the thresholds. This does not exclude "
                        "disease."
                      : "The report has no Measurement Group.";
}

void ViewPatientAndStudy(const ReadReport& report, ReportView& view) {
  DcmItem& dataset = report.dataset();
  const std::string issuer = Shown(Get(dataset, DCM_IssuerOfPatientID));
  const std::string name = ShownName(Get(dataset, DCM_PatientName));
  const std::string id = Shown(Get(dataset, DCM_PatientID));
  AddFact(view.patient, "Name", name.empty() ? "not given" : name);
  AddFact(view.patient,
          "ID",
          id.empty() ? "not given" : id + (issuer.empty() ? "" : " (" + issuer + ")"));
  AddFact(view.patient, "Born", ShownDate(Get(dataset, DCM_PatientBirthDate)));
  AddFact(view.patient, "Sex", Shown(Get(dataset, DCM_PatientSex)));
  AddFact(view.patient, "Age", ShownAge(Get(dataset, DCM_PatientAge)));

  view.study_instance_uid = Shown(Get(dataset, DCM_StudyInstanceUID));
  AddFact(view.study,
          "Study",
          Joined({ShownMoment(Get(dataset, DCM_StudyDate), Get(dataset, DCM_StudyTime)),
                  Shown(Get(dataset, DCM_StudyDescription))},
                 ", "));
  AddFact(view.study, "Accession number", Shown(Get(dataset, DCM_AccessionNumber)));
  AddFact(view.study, "Procedure", Shown(FirstText(report, codes::kProcedureReported)));
  AddFact(view.study, "Referred by", ShownName(Get(dataset, DCM_ReferringPhysicianName)));
  AddFact(view.study, "Study Instance UID", view.study_instance_uid);
  AddFact(view.study,
          "Report",
          Joined({ShownMoment(Get(dataset, DCM_ContentDate), Get(dataset, DCM_ContentTime)),
                  "instance " + Shown(Get(dataset, DCM_InstanceNumber))},
                 ", "));
  AddFact(view.study, "Report's SOP Instance UID", Shown(Get(dataset, DCM_SOPInstanceUID)));
}

// The evaluations of the whole case. What the page shows elsewhere is left out.
void ViewConclusion(const ReadReport& report, ReportView& view) {
  const ReportItem* evaluations = report.root.Child(codes::kQualitativeEvaluations);
  if (evaluations == nullptr)
    return;
  const bool ours = IsOurReport(report);
  for (const ReportItem& item : evaluations->children) {
    const bool is_comment = item.name.Is(codes::kComment);
    const bool of_algorithm =
        item.name.Is(codes::kAlgorithmName) || item.name.Is(codes::kAlgorithmVersion) ||
        item.name.Is(codes::kAlgorithmManufacturer) || item.name.Is(codes::kAlgorithmParameters) ||
        item.name.Is(codes::kAlgorithmFamily);
    if (of_algorithm || view.conclusion.size() == kMaxParagraphs ||
        (ours && item.name.Is(codes::kFindingsSummary)))
      continue;
    const std::string value = item.value_type == "CODE"  ? Shown(item.code.meaning)
                              : item.value_type == "NUM" ? ShownNumber(item)
                                                         : item.text;
    const std::string text = ShownText(WithoutWarning(value, view.warning));
    if (!text.empty())
      view.conclusion.push_back(is_comment ? text : Shown(item.name.meaning) + ": " + text);
  }
}

void ViewCompleteness(const ReadReport& report, ReportView& view) {
  DcmItem& dataset = report.dataset();
  const std::string why = Shown(Get(dataset, DCM_CompletionFlagDescription));
  AddFact(view.completeness,
          "Completion",
          Shown(Get(dataset, DCM_CompletionFlag)) + (why.empty() ? "" : ": " + why));
  AddFact(view.completeness, "Status", Shown(Get(dataset, DCM_PreliminaryFlag)));
  AddFact(view.completeness, "Verification", view.verification);
  for (const std::string& limit : ParametersNamed(report.parameters, "broken_limit"))
    AddFact(view.completeness, "Outside the intended use", limit);
}

void ViewModel(const ReadReport& report, ReportView& view) {
  DcmItem& dataset = report.dataset();
  const auto parameter = [&](std::string_view key) {
    return Joined(ParametersNamed(report.parameters, key), ", ");
  };
  AddFact(view.model,
          "Model",
          Joined({Shown(FirstText(report, codes::kAlgorithmName)),
                  Shown(FirstText(report, codes::kAlgorithmVersion))},
                 " "));
  AddFact(view.model, "Made by", Shown(FirstText(report, codes::kAlgorithmManufacturer)));
  const std::string clinical = parameter("clinical");
  AddFact(view.model,
          "Clinical use",
          clinical == "true" ? "released for it"
          : clinical.empty() ? ""
                             : "not released for it");
  AddFact(view.model, "Detector", parameter("detector"));
  AddFact(view.model, "Classifier", parameter("classifier"));
  AddFact(view.model, "Least detection score", parameter("detection_score"));
  AddFact(view.model, "Suspicious from P", parameter("malignant_probability"));
  AddFact(view.model, "Indeterminate P", parameter("indeterminate"));
  AddFact(view.model, "Package digest", parameter("package_digest"));
  if (parameter("detection_score").empty())
    AddFact(view.model, "Parameters", Shown(FirstText(report, codes::kAlgorithmParameters)));
  AddFact(view.model,
          "Written by",
          Joined({Shown(Get(dataset, DCM_Manufacturer)),
                  Shown(Get(dataset, DCM_ManufacturerModelName)),
                  Shown(Get(dataset, DCM_SoftwareVersions))},
                 " "));
}

std::string InstancesOf(DcmItem& series) {
  unsigned long count = 0;
  std::string last;
  ForEachItem(series, DCM_ReferencedSOPSequence, [&](DcmItem& reference) {
    ++count;
    last = Get(reference, DCM_ReferencedSOPInstanceUID);
  });
  return count == 1 ? "instance " + last : std::to_string(count) + " instances";
}

void ViewReferences(DcmItem& dataset, const DcmTagKey& tag, std::vector<Fact>& facts) {
  ForEachItem(dataset, tag, [&](DcmItem& study) {
    ForEachItem(study, DCM_ReferencedSeriesSequence, [&](DcmItem& series) {
      if (facts.size() < kMaxSeries)
        AddFact(facts,
                "Series " + Shown(Get(series, DCM_SeriesInstanceUID)),
                Shown(InstancesOf(series)));
    });
  });
}

}  // namespace

ReportView ViewReport(std::span<const std::byte> part10) {
  std::unique_ptr<DcmFileFormat> file = ParsePart10(part10);
  DecodeText(*file->getDataset());
  const ReadReport report = ReadReportFrom(std::move(file));
  ReportView view;
  view.warning = WarningIn(report.parameters);
  view.title = TitleOf(report);
  view.verification = VerificationOf(report);
  ViewOutcome(report, view);
  ViewPatientAndStudy(report, view);
  ViewConclusion(report, view);
  view.nodes = ViewNodes(report, view.warning, kMaxNodes);
  view.nodes_left_out = report.groups.size() - view.nodes.size();
  ViewCompleteness(report, view);
  ViewModel(report, view);
  DcmItem& dataset = report.dataset();
  ViewReferences(dataset, DCM_CurrentRequestedProcedureEvidenceSequence, view.evidence);
  ViewReferences(dataset, DCM_PertinentOtherEvidenceSequence, view.evidence);
  ViewReferences(dataset, DCM_PredecessorDocumentsSequence, view.predecessors);
  return view;
}

}  // namespace necknode::sr_writer
