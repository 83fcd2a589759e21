#include "sr_writer/document_uids.h"

#include "core/digest.h"
#include "sr_writer/report_text.h"

namespace necknode::sr_writer {
namespace {

// Joined by a character that no part holds, so that no two lists of parts have one name.
std::string Name(std::initializer_list<std::string_view> parts) {
  std::string name = "necknode";
  for (const std::string_view part : parts)
    (name += '\n') += part;
  return name;
}

std::string ContextDigest(const Assessment& assessment, const DocumentContext& context) {
  std::string text = Name({Iso8601(context.content_time),
                           std::to_string(context.run),
                           std::to_string(context.sr_series_number),
                           std::to_string(context.pr_series_number),
                           std::to_string(context.sc_series_number),
                           std::to_string(context.utc_offset.count()),
                           context.content_time_is_local ? "local" : "",
                           context.preliminary ? "preliminary" : "final",
                           context.experimental_levels ? "experimental" : "",
                           context.assumed_charset,
                           SoftwareVersion(context),
                           SerialNumber(assessment, context),
                           assessment.model.manufacturer,
                           assessment.model.detector,
                           assessment.model.classifier});
  for (const Predecessor& predecessor : context.predecessors)
    (text += '\n') += predecessor.sop_instance_uid.value();
  return Sha256Of(text);
}

}  // namespace

Uid DocumentUid(const Assessment& assessment,
                const DocumentContext& context,
                std::string_view kind,
                const Uid& sop_class_uid,
                int ordinal) {
  return Uid::FromName(Name({"document",
                             context.job_key,
                             kind,
                             sop_class_uid.value(),
                             std::to_string(ordinal),
                             DigestOf(assessment),
                             ContextDigest(assessment, context)}));
}

Uid SeriesUid(const Uid& study_instance_uid,
              const Assessment& assessment,
              const DocumentContext& context,
              std::string_view kind) {
  return Uid::FromName(Name({"series",
                             study_instance_uid.value(),
                             kind,
                             context.route,
                             assessment.model.clinical ? "clinical" : "not clinical",
                             WarningOf(assessment.model)}));
}

Uid ModelUid(const ModelIdentity& model, std::string_view part) {
  return Uid::FromName(Name({"model", model.package, model.version, model.digest, part}));
}

Uid DeviceUid(std::string_view serial_number) {
  return Uid::FromName(Name({"device", serial_number}));
}

}  // namespace necknode::sr_writer
