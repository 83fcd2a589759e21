#pragma once

#include <span>
#include <string>

#include "sr_writer/dicom_bytes.h"
#include "sr_writer/documents.h"
#include "sr_writer/source_instance.h"

namespace necknode::sr_writer {

/// Characters that a value of VR LO may have.
inline constexpr std::size_t kLongString = 64;

/// What tells one of our documents from another.
struct DocumentIdentity {
  std::string kind;  ///< "SR", "PR", "SC": also names the series
  std::string sop_class_uid;
  std::string modality;
  int ordinal = 0;  ///< within job and kind
  int series_number = 0;
  int instance_number = 0;
  std::string series_description;  ///< without the warning
  Code series_code;
};

/// Throws Error(kInvalidArgument) where the input cannot become a document: a node without a box on
/// its key slice, a box outside the evidence, no tracking UID, nodes of a failed run.
void RequireUsable(const Assessment& assessment, const Evidence& evidence);

/// Patient, study, series, equipment (with Contributing Equipment) and SOP common modules, Content
/// Date and Time. Returns the document with its identity and no bytes.
Document PutCommonModules(DcmItem& item,
                          const Assessment& assessment,
                          SourceInstance& source,
                          const DocumentContext& context,
                          const DocumentIdentity& identity);

/// Date and time of the content as DICOM writes them (DA, TM).
struct DicomMoment {
  std::string date, time;
};
[[nodiscard]] DicomMoment ContentMoment(SourceInstance& source, const DocumentContext& context);

/// Appends references to `images` (Image SOP Instance Reference Macro, PS3.3 table 10-3): one item
/// an instance, its frames in Referenced Frame Number.
void AddImageReferences(DcmItem& item,
                        const DcmTagKey& sequence,
                        std::span<const EvidenceImage* const> images);

/// The images that this run analysed; all of the evidence where a failed run came to none.
[[nodiscard]] std::vector<const EvidenceImage*> AnalysedImages(const Assessment& assessment,
                                                               const Evidence& evidence);

/// The box's part inside the image.
[[nodiscard]] Box InsideImage(const Box& box, const EvidenceImage& image);

}  // namespace necknode::sr_writer
