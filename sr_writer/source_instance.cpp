#include "sr_writer/source_instance.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <dcmtk/dcmdata/dcspchrs.h>

#include "core/error.h"
#include "sr_writer/character_set.h"

namespace necknode::sr_writer {
namespace {

// PS3.3 C.7.1.1 Patient, with issuer; type 2 attributes first.
const std::array kPatientType2 = {
    DCM_PatientName, DCM_PatientID, DCM_PatientBirthDate, DCM_PatientSex};
const std::array kPatient = {DCM_IssuerOfPatientID,
                             DCM_TypeOfPatientID,
                             DCM_IssuerOfPatientIDQualifiersSequence,
                             DCM_PatientBirthTime,
                             DCM_PatientBirthDateInAlternativeCalendar,
                             DCM_PatientAlternativeCalendar,
                             DCM_OtherPatientIDsSequence,
                             DCM_RETIRED_OtherPatientIDs,
                             DCM_OtherPatientNames,
                             DCM_EthnicGroup,
                             DCM_PatientComments,
                             DCM_QualityControlSubject,
                             DCM_ResponsiblePerson,
                             DCM_ResponsiblePersonRole,
                             DCM_PatientIdentityRemoved,
                             DCM_DeidentificationMethod,
                             DCM_DeidentificationMethodCodeSequence};
// PS3.3 C.7.2.1 General Study and C.7.2.2 Patient Study.
const std::array kStudyType2 = {
    DCM_StudyDate, DCM_StudyTime, DCM_ReferringPhysicianName, DCM_StudyID, DCM_AccessionNumber};
const std::array kStudy = {DCM_StudyInstanceUID,
                           DCM_StudyDescription,
                           DCM_IssuerOfAccessionNumberSequence,
                           DCM_ReferringPhysicianIdentificationSequence,
                           DCM_ConsultingPhysicianName,
                           DCM_PhysiciansOfRecord,
                           DCM_PhysiciansOfRecordIdentificationSequence,
                           DCM_NameOfPhysiciansReadingStudy,
                           DCM_RequestingService,
                           DCM_ReferencedStudySequence,
                           DCM_ProcedureCodeSequence,
                           DCM_AdmittingDiagnosesDescription,
                           DCM_PatientAge,
                           DCM_PatientSize,
                           DCM_PatientWeight,
                           DCM_TimezoneOffsetFromUTC};

template <typename Tags>
void CopyAll(DcmItem& from, DcmItem& to, const Tags& tags) {
  for (const DcmTagKey& tag : tags) {
    if (from.tagExists(tag))
      Check(from.findAndInsertCopyOfElement(tag, &to), "copy an attribute of the source");
  }
}

template <typename Tags>
void AddMissing(DcmItem& item, const Tags& tags) {
  for (const DcmTagKey& tag : tags) {
    if (!item.tagExists(tag))
      Put(item, tag, "");
  }
}

bool IsAscii(std::string_view text) {
  for (const char c : text) {
    // An escape sets another repertoire in (ISO 2022): such text is not ASCII though its bytes are.
    if (static_cast<unsigned char>(c) >= 0x80 || c == '\x1b')
      return false;
  }
  return true;
}

// Defined terms of Specific Character Set, PS3.3 C.12.1.1.2; an empty first value is ISO_IR 6.
bool IsDefinedTerm(std::string_view term) {
  constexpr std::array<std::string_view, 34> kTerms = {"",
                                                       "ISO_IR 6",
                                                       "ISO_IR 100",
                                                       "ISO_IR 101",
                                                       "ISO_IR 109",
                                                       "ISO_IR 110",
                                                       "ISO_IR 144",
                                                       "ISO_IR 127",
                                                       "ISO_IR 126",
                                                       "ISO_IR 138",
                                                       "ISO_IR 148",
                                                       "ISO_IR 203",
                                                       "ISO_IR 13",
                                                       "ISO_IR 166",
                                                       "ISO_IR 192",
                                                       "GB18030",
                                                       "GBK",
                                                       "ISO 2022 IR 6",
                                                       "ISO 2022 IR 100",
                                                       "ISO 2022 IR 101",
                                                       "ISO 2022 IR 109",
                                                       "ISO 2022 IR 110",
                                                       "ISO 2022 IR 144",
                                                       "ISO 2022 IR 127",
                                                       "ISO 2022 IR 126",
                                                       "ISO 2022 IR 138",
                                                       "ISO 2022 IR 148",
                                                       "ISO 2022 IR 203",
                                                       "ISO 2022 IR 13",
                                                       "ISO 2022 IR 166",
                                                       "ISO 2022 IR 87",
                                                       "ISO 2022 IR 159",
                                                       "ISO 2022 IR 149",
                                                       "ISO 2022 IR 58"};
  while (!term.empty() && term.back() == ' ')
    term.remove_suffix(1);
  while (!term.empty() && term.front() == ' ')
    term.remove_prefix(1);
  return std::find(kTerms.begin(), kTerms.end(), term) != kTerms.end();
}

bool AreDefinedTerms(std::string_view charset) {
  while (true) {
    const std::size_t end = charset.find('\\');
    if (!IsDefinedTerm(charset.substr(0, end)))
      return false;
    if (end == std::string_view::npos)
      return true;
    charset.remove_prefix(end + 1);
  }
}

// Whether the text can be read in its declared character sets, nested ones included. A library
// without the tables of a defined term (glibc's iconv has none for ISO 2022 IR 87) says nothing
// about the text: then the declaration counts.
bool IsDecodable(const DcmDataset& text, const std::string& declared) {
  DcmDataset trial(text);
  Put(trial, DCM_SpecificCharacterSet, declared);
  bool convertible = true;
  bool defined = true;
  DcmStack stack;
  while (trial.nextObject(stack, OFTrue).good()) {
    auto* element = dynamic_cast<DcmElement*>(stack.top());
    if (element == nullptr || element->getTag() != DCM_SpecificCharacterSet)
      continue;
    const std::string charset = TextOf(*element);
    DcmSpecificCharacterSet converter;
    defined = defined && AreDefinedTerms(charset);
    convertible =
        convertible && converter.selectCharacterSet(OFString(charset.c_str()), "ISO_IR 192").good();
  }
  return defined && (!convertible || trial.convertToUTF8().good());
}

// What cannot be decoded at all is shown as such.
void ReplaceUndecodable(DcmItem& item) {
  ForEachText(item, [](DcmElement& element) {
    std::string text = TextOf(element);
    for (char& c : text) {
      if (static_cast<unsigned char>(c) >= 0x80 || c == '\x1b')
        c = '?';
    }
    Check(element.putOFStringArray(OFString(text.data(), text.size())), "replace a text");
  });
}

void RemoveCharacterSets(DcmItem& item) {
  if (item.tagExists(DCM_SpecificCharacterSet, OFTrue))
    Check(item.findAndDeleteElement(DCM_SpecificCharacterSet, OFTrue, OFTrue),
          "remove a character set");
}

}  // namespace

SourceInstance::SourceInstance(std::span<const std::byte> part10,
                               const std::string& assumed_charset)
    : file_(ParsePart10(part10)) {
  DcmDataset& source = *file_->getDataset();
  study_instance_uid_ = Uid(Get(source, DCM_StudyInstanceUID));
  series_instance_uid_ = Uid(Get(source, DCM_SeriesInstanceUID));
  if (study_instance_uid_.empty() || series_instance_uid_.empty())
    throw Error(ErrorCode::kInvalidArgument,
                "the reference dataset has no Study or Series Instance UID");
  CopyAll(source, text_, kPatientType2);
  CopyAll(source, text_, kPatient);
  CopyAll(source, text_, kStudyType2);
  CopyAll(source, text_, kStudy);
  CopyAll(source, text_, std::array{DCM_RequestAttributesSequence});
  SettleCharacterSet(Get(source, DCM_SpecificCharacterSet), assumed_charset);
  AddMissing(text_, kPatientType2);
  AddMissing(text_, kStudyType2);
}

void SourceInstance::SettleCharacterSet(const std::string& declared, const std::string& assumed) {
  bool ascii = true;
  ForEachText(text_, [&](DcmElement& element) { ascii = ascii && IsAscii(TextOf(element)); });
  if (!declared.empty() && IsDecodable(text_, declared)) {
    charset_ = declared;
    Put(text_, DCM_SpecificCharacterSet, charset_);
    return;
  }
  charset_ = "ISO_IR 192";
  if (!ascii) {
    std::vector<std::string> candidates = {assumed};
    if (assumed.empty())
      candidates = {"UTF-8", "CP1252"};
    bool decoded = false;
    for (const std::string& candidate : candidates) {
      DcmDataset trial(text_);
      RemoveCharacterSets(trial);
      if (ConvertToUtf8(trial, candidate)) {
        text_ = trial;
        decoded = true;
        break;
      }
    }
    if (!decoded)
      ReplaceUndecodable(text_);
  }
  RemoveCharacterSets(text_);
  Put(text_, DCM_SpecificCharacterSet, charset_);
}

void SourceInstance::PutPatientAndStudy(DcmItem& item) {
  Put(item, DCM_SpecificCharacterSet, charset_);
  CopyAll(text_, item, kPatientType2);
  CopyAll(text_, item, kPatient);
  CopyAll(text_, item, kStudyType2);
  CopyAll(text_, item, kStudy);
}

void SourceInstance::PutRequestAttributes(DcmItem& item) {
  CopyAll(text_, item, std::array{DCM_RequestAttributesSequence});
}

void SourceInstance::PutReferencedRequest(DcmItem& item) {
  DcmSequenceOfItems* requests = nullptr;
  if (text_.findAndGetSequence(DCM_RequestAttributesSequence, requests).bad())
    return;
  for (unsigned long i = 0; i < requests->card(); ++i) {
    DcmItem& request = *requests->getItem(i);
    DcmItem& reference = AddItem(item, DCM_ReferencedRequestSequence);
    CopyAll(request,
            reference,
            std::array{DCM_SpecificCharacterSet,
                       DCM_StudyInstanceUID,
                       DCM_ReferencedStudySequence,
                       DCM_AccessionNumber,
                       DCM_IssuerOfAccessionNumberSequence,
                       DCM_RequestedProcedureID,
                       DCM_RequestedProcedureDescription,
                       DCM_RequestedProcedureCodeSequence,
                       DCM_ReasonForTheRequestedProcedure,
                       DCM_ReasonForRequestedProcedureCodeSequence,
                       DCM_PlacerOrderNumberImagingServiceRequest,
                       DCM_FillerOrderNumberImagingServiceRequest});
    if (Get(reference, DCM_StudyInstanceUID).empty())
      Put(reference, DCM_StudyInstanceUID, study_instance_uid_);
    if (Get(reference, DCM_AccessionNumber).empty())
      CopyAll(text_, reference, std::array{DCM_AccessionNumber});
    AddMissing(reference,
               std::array{DCM_ReferencedStudySequence,
                          DCM_RequestedProcedureID,
                          DCM_RequestedProcedureDescription,
                          DCM_RequestedProcedureCodeSequence,
                          DCM_PlacerOrderNumberImagingServiceRequest,
                          DCM_FillerOrderNumberImagingServiceRequest});
  }
}

void SourceInstance::PutLossyCompression(DcmItem& item) {
  if (!IsLossy())
    return;
  CopyAll(*file_->getDataset(),
          item,
          std::array{DCM_LossyImageCompression,
                     DCM_LossyImageCompressionRatio,
                     DCM_LossyImageCompressionMethod});
}

std::string SourceInstance::SeriesNumber() { return Get(*file_->getDataset(), DCM_SeriesNumber); }

bool SourceInstance::HasContrastAgent() {
  return !Get(*file_->getDataset(), DCM_ContrastBolusAgent).empty();
}

bool SourceInstance::IsLossy() {
  return Get(*file_->getDataset(), DCM_LossyImageCompression) == "01";
}

std::optional<SourceInstance::ProcedureCode> SourceInstance::Procedure() {
  DcmItem* code = nullptr;
  if (text_.findAndGetSequenceItem(DCM_ProcedureCodeSequence, code, 0).bad())
    return std::nullopt;
  ProcedureCode procedure{Get(*code, DCM_CodeValue),
                          Get(*code, DCM_CodingSchemeDesignator),
                          Get(*code, DCM_CodeMeaning)};
  // An item in another character set than the document's cannot be quoted in its tree.
  if (procedure.value.empty() || procedure.scheme.empty() || procedure.meaning.empty() ||
      code->tagExists(DCM_SpecificCharacterSet))
    return std::nullopt;
  return procedure;
}

std::optional<std::chrono::minutes> SourceInstance::UtcOffset() {
  const std::string text = Get(text_, DCM_TimezoneOffsetFromUTC);
  int hours_and_minutes = 0;
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-'))
    return std::nullopt;
  const auto [end, error] =
      std::from_chars(text.data() + 1, text.data() + text.size(), hours_and_minutes);
  if (error != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  const std::chrono::minutes offset(hours_and_minutes / 100 * 60 + hours_and_minutes % 100);
  return text[0] == '-' ? -offset : offset;
}

}  // namespace necknode::sr_writer
