#pragma once

#include "sr_writer/documents.h"

namespace necknode::sr_writer {

/// SOP Instance UID of a result: over job key, kind, SOP class, ordinal within job and kind, the
/// digest of the rounded Assessment, and whatever else of the context stands in the bytes, so that
/// one UID never has two contents.
[[nodiscard]] Uid DocumentUid(const Assessment& assessment,
                              const DocumentContext& context,
                              std::string_view kind,
                              const Uid& sop_class_uid,
                              int ordinal);

/// Series Instance UID: over study, kind, route and clinical; where not clinical also over the
/// warning, which stands in the Series Description. Never over a version: a new run's documents
/// join the series.
[[nodiscard]] Uid SeriesUid(const Uid& study_instance_uid,
                            const Assessment& assessment,
                            const DocumentContext& context,
                            std::string_view kind);

/// Device UID of one model: new for every version and every change of its weights.
[[nodiscard]] Uid ModelUid(const ModelIdentity& model, std::string_view part);

/// UID of the observing device: this program with this serial number.
[[nodiscard]] Uid DeviceUid(std::string_view serial_number);

}  // namespace necknode::sr_writer
