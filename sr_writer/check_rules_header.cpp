#include <algorithm>
#include <array>
#include <set>

#include "sr_writer/check_rules.h"
#include "sr_writer/common_modules.h"

namespace necknode::sr_writer {
namespace {

void SopClass(const ReadReport& report, const Objection& object) {
  const std::string sop_class = Get(report.dataset(), DCM_SOPClassUID);
  if (sop_class != UID_Comprehensive3DSRStorage && sop_class != UID_ComprehensiveSRStorage)
    object("the SOP class is " + sop_class);
}

void Uids(const ReadReport& report, const Objection& object) {
  for (const auto& [tag, name] : {std::pair{DCM_SOPInstanceUID, "SOP Instance UID"},
                                  std::pair{DCM_StudyInstanceUID, "Study Instance UID"},
                                  std::pair{DCM_SeriesInstanceUID, "Series Instance UID"}}) {
    if (!Uid(Get(report.dataset(), tag)).IsValid())
      object(std::string("no valid ") + name);
  }
}

// Counts without naming: full UIDs are printed nowhere.
void EvidenceComplete(const ReadReport& report, const Objection& object) {
  std::set<std::string> listed;
  for (const ReadReference& reference : report.evidence)
    listed.insert(reference.sop_instance_uid);
  std::set<std::string> missing;
  report.root.ForEach([&](const ReportItem& item) {
    for (const ReadReference& reference : item.references) {
      if (!listed.contains(reference.sop_instance_uid))
        missing.insert(reference.sop_instance_uid);
    }
  });
  if (!missing.empty())
    object(std::to_string(missing.size()) +
           " referenced instances are not in the evidence, first " +
           Uid(*missing.begin()).ShortName());
}

void EvidenceUnique(const ReadReport& report, const Objection& object) {
  std::set<std::string> listed;
  for (const ReadReference& reference : report.evidence) {
    if (!listed.insert(reference.sop_instance_uid).second) {
      object("instance " + Uid(reference.sop_instance_uid).ShortName() + " is listed twice");
      return;
    }
  }
}

const ReportItem* Summary(const ReadReport& report) {
  const ReportItem* summary = nullptr;
  report.root.ForEach([&](const ReportItem& item) {
    if (summary == nullptr && item.name.Is(codes::kFindingsSummary))
      summary = &item;
  });
  return summary;
}

void NotSilent(const ReadReport& report, const Objection& object) {
  if (report.groups.empty() && Summary(report) == nullptr)
    object("there is no finding and no (111017,DCM,\"CAD Processing and Findings Summary\")");
}

void SummaryMatches(const ReadReport& report, const Objection& object) {
  const ReportItem* summary = Summary(report);
  if (summary == nullptr)
    return;
  const bool says_findings = summary->code.Is(codes::kSucceededWithFindings) ||
                             summary->code.Is(codes::kPartlyWithFindings);
  const bool says_none = summary->code.Is(codes::kSucceededWithoutFindings) ||
                         summary->code.Is(codes::kPartlyWithoutFindings) ||
                         summary->code.Is(codes::kFailedWithoutFindings);
  if ((says_findings && report.groups.empty()) || (says_none && !report.groups.empty()))
    object("the summary says \"" + summary->code.meaning + "\" beside " +
           std::to_string(report.groups.size()) + " findings");
}

void NotVerifiedByDevice(const ReadReport& report, const Objection& object) {
  const ReportItem* observer = report.root.Child(codes::kObserverType);
  if (Get(report.dataset(), DCM_VerificationFlag) == "VERIFIED" && observer != nullptr &&
      observer->code.Is(codes::kDevice))
    object("the observer is a device and the report is verified");
}

void PartialSaysWhy(const ReadReport& report, const Objection& object) {
  if (Get(report.dataset(), DCM_CompletionFlag) == "PARTIAL" &&
      Get(report.dataset(), DCM_CompletionFlagDescription).empty())
    object("the report is partial without a Completion Flag Description");
}

void CharacterSet(const ReadReport& report, const Objection& object) {
  if (!Get(report.dataset(), DCM_SpecificCharacterSet).empty())
    return;
  for (const DcmTagKey& tag :
       {DCM_PatientName, DCM_PatientID, DCM_StudyDescription, DCM_ReferringPhysicianName}) {
    const std::string text = Get(report.dataset(), tag);
    if (std::any_of(text.begin(), text.end(), [](char c) {
          return static_cast<unsigned char>(c) >= 0x80;
        })) {
      object("text beyond ASCII without Specific Character Set");
      return;
    }
  }
}

// The warning that the report itself names, else the words that every warning of ours holds.
std::string RequiredWarning(const std::string& parameters) {
  constexpr std::string_view kKey = "warning=";
  const std::size_t start = parameters.find(kKey);
  if (start == std::string::npos)
    return "NOT FOR CLINICAL USE";
  const std::size_t end = parameters.find("; ", start);
  const std::size_t from = start + kKey.size();
  return parameters.substr(from, end == std::string::npos ? end : end - from);
}

bool IsNotClinical(const ReadReport& report) {
  return report.parameters.find("clinical=false") != std::string::npos;
}

void CommentsWarn(const ReadReport& report, const Objection& object) {
  if (!IsNotClinical(report))
    return;
  const std::string warning = RequiredWarning(report.parameters);
  report.root.ForEach([&](const ReportItem& item) {
    if (item.name.Is(codes::kComment) && !item.text.starts_with(warning))
      object("a Comment does not begin with \"" + warning + "\"");
  });
}

void SeriesDescriptionWarns(const ReadReport& report, const Objection& object) {
  if (!IsNotClinical(report))
    return;
  const std::string warning = RequiredWarning(report.parameters).substr(0, kLongString);
  if (!Get(report.dataset(), DCM_SeriesDescription).starts_with(warning))
    object("the Series Description does not begin with \"" + warning + "\"");
}

void SummaryWarns(const ReadReport& report, const Objection& object) {
  if (!IsNotClinical(report))
    return;
  bool found = false;
  report.root.ForEach([&](const ReportItem& item) {
    if (item.name.Is(codes::kQualitativeEvaluations) && item.Child(codes::kComment) != nullptr)
      found = true;
  });
  if (!found)
    object("no case summary that could warn");
}

constexpr std::array kHeaderRules = {
    Rule{"readable-sop-class",
         false,
         "Orthanc Stone reads Comprehensive SR only, IHE AI Results asks for Comprehensive 3D SR",
         SopClass},
    Rule{"valid-uids", true, "PS3.5 section 9.1", Uids},
    Rule{"evidence-complete",
         true,
         "every referenced instance stands in the evidence, PS3.3 section C.17.2",
         EvidenceComplete},
    Rule{"evidence-unique", true, "an instance stands once in the evidence", EvidenceUnique},
    Rule{"not-silent", true, "silence would be read as normal", NotSilent},
    Rule{"summary-matches-findings", true, "PS3.16 CID 6047", SummaryMatches},
    Rule{"never-verified-by-device", true, "only a person verifies", NotVerifiedByDevice},
    Rule{"partial-says-why", false, "the reader must know what is missing", PartialSaysWhy},
    Rule{"character-set-declared", true, "names would be shown wrongly", CharacterSet},
    Rule{"comment-warns",
         true,
         "clinical=false: the reader must see it beside every finding",
         CommentsWarn},
    Rule{"series-description-warns",
         true,
         "clinical=false: the reader must see it in every list",
         SeriesDescriptionWarns},
    Rule{"summary-warns",
         true,
         "clinical=false: a report without findings must say it too",
         SummaryWarns},
};

}  // namespace

std::span<const Rule> HeaderRules() { return kHeaderRules; }

}  // namespace necknode::sr_writer
