#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/uid.h"
#include "sr_writer/dicom_bytes.h"

namespace necknode::sr_writer {

/// What our objects take from a source instance: the patient and study modules, the request, and
/// the character set in which that text is. Not thread safe.
class SourceInstance {
 public:
  /// Takes over the text verbatim where its Specific Character Set is declared and all of it can be
  /// decoded; else brings it to ISO_IR 192, read as `assumed_charset` (DocumentContext says what
  /// that may be). Throws Error(kParse) where the bytes are no DICOM file, Error(kInvalidArgument)
  /// without Study or Series Instance UID.
  SourceInstance(std::span<const std::byte> part10, const std::string& assumed_charset);

  /// Patient and study modules with Specific Character Set, accession number and Timezone Offset
  /// From UTC; type 2 attributes that the source lacks are there and empty.
  void PutPatientAndStudy(DcmItem& item);
  /// Request Attributes Sequence (0040,0275) of an image's series, where the source has one.
  void PutRequestAttributes(DcmItem& item);
  /// Referenced Request Sequence (0040,A370) of an SR, made from Request Attributes; nothing where
  /// there is none.
  void PutReferencedRequest(DcmItem& item);
  /// (0028,2110), 2112 and 2114 where the source went through a lossy compression.
  void PutLossyCompression(DcmItem& item);

  [[nodiscard]] const Uid& study_instance_uid() const { return study_instance_uid_; }
  [[nodiscard]] const Uid& series_instance_uid() const { return series_instance_uid_; }
  [[nodiscard]] const std::string& specific_character_set() const { return charset_; }
  /// Series Number as text, empty where absent.
  [[nodiscard]] std::string SeriesNumber();
  [[nodiscard]] bool HasContrastAgent();
  [[nodiscard]] bool IsLossy();
  /// Value, scheme and meaning of the first Procedure Code, in our character set, where it is a
  /// whole code.
  struct ProcedureCode {
    std::string value, scheme, meaning;
  };
  [[nodiscard]] std::optional<ProcedureCode> Procedure();
  /// Offset of the source's local times, where it says so in (0008,0201).
  [[nodiscard]] std::optional<std::chrono::minutes> UtcOffset();

 private:
  void SettleCharacterSet(const std::string& declared, const std::string& assumed);

  std::unique_ptr<DcmFileFormat> file_;  ///< as received
  DcmDataset text_;                      ///< the attributes taken over, in charset_
  std::string charset_;
  Uid study_instance_uid_, series_instance_uid_;
};

}  // namespace necknode::sr_writer
