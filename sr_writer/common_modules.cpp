#include "sr_writer/common_modules.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "sr_writer/document_uids.h"
#include "sr_writer/report_text.h"

namespace necknode::sr_writer {
namespace {

constexpr std::string_view kProgram = "necknode";

[[noreturn]] void Refuse(const std::string& message) {
  throw Error(ErrorCode::kInvalidArgument, message);
}

void RequireUsableNode(const LymphNode& node, const Evidence& evidence) {
  const std::string name = node.Identifier();
  if (!node.tracking_uid.IsValid())
    Refuse(name + " has no valid tracking UID");
  bool has_key_box = false;
  for (const NodeBox& box : node.boxes) {
    if (box.slice < 0 || static_cast<std::size_t>(box.slice) >= evidence.images.size())
      Refuse(name + " has a box on slice " + std::to_string(box.slice) + " of " +
             std::to_string(evidence.images.size()));
    const EvidenceImage& image = evidence.images[static_cast<std::size_t>(box.slice)];
    const Box& b = box.box;
    if (!std::isfinite(b.x0 + b.y0 + b.x1 + b.y1) || InsideImage(b, image).Area() <= 0)
      Refuse(name + " has an empty box or one outside the image on slice " +
             std::to_string(box.slice));
    has_key_box = has_key_box || box.slice == node.key_slice;
  }
  if (!has_key_box)
    Refuse(name + " has no box on its key slice " + std::to_string(node.key_slice));
}

void PutSeries(DcmItem& item,
               const Assessment& assessment,
               SourceInstance& source,
               const DocumentIdentity& identity) {
  Put(item, DCM_Modality, identity.modality);
  Put(item, DCM_SeriesNumber, std::to_string(identity.series_number));
  Put(item, DCM_SeriesDescription, ShortWithWarning(assessment.model, identity.series_description));
  AddCode(item, DCM_SeriesDescriptionCodeSequence, identity.series_code);
  if (identity.kind == "SR") {
    PutEmptySequence(item, DCM_ReferencedPerformedProcedureStepSequence);
    return;
  }
  Put(item, DCM_BodyPartExamined, "NECK");
  source.PutRequestAttributes(item);
}

void AddModel(DcmItem& item, const ModelIdentity& model, const std::string& architecture) {
  DcmItem& equipment = AddItem(item, DCM_ContributingEquipmentSequence);
  AddCode(equipment, DCM_PurposeOfReferenceCodeSequence, codes::kProcessingEquipment);
  const std::string separator = architecture.empty() ? "" : " ";
  Put(equipment, DCM_Manufacturer, model.manufacturer.substr(0, kLongString));
  Put(equipment,
      DCM_ManufacturerModelName,
      (model.package + separator + architecture).substr(0, kLongString));
  Put(equipment, DCM_SoftwareVersions, model.version.substr(0, kLongString));
  Put(equipment, DCM_DeviceUID, ModelUid(model, architecture));
}

void PutEquipment(DcmItem& item, const Assessment& assessment, const DocumentContext& context) {
  Put(item, DCM_Manufacturer, kProgram);
  Put(item, DCM_ManufacturerModelName, kProgram);
  Put(item, DCM_DeviceSerialNumber, SerialNumber(assessment, context));
  Put(item, DCM_SoftwareVersions, SoftwareVersion(context));
  const ModelIdentity& model = assessment.model;
  if (model.package.empty())
    return;
  AddModel(item, model, model.detector);
  if (!model.classifier.empty())
    AddModel(item, model, model.classifier);
}

}  // namespace

void RequireUsable(const Assessment& assessment, const Evidence& evidence) {
  if (assessment.status == AssessmentStatus::kFailed && !assessment.nodes.empty())
    Refuse("a failed run has " + std::to_string(assessment.nodes.size()) + " nodes");
  for (const LymphNode& node : assessment.nodes)
    RequireUsableNode(node, evidence);
}

DicomMoment ContentMoment(SourceInstance& source, const DocumentContext& context) {
  const std::chrono::minutes offset = context.content_time_is_local
                                          ? std::chrono::minutes(0)
                                          : source.UtcOffset().value_or(context.utc_offset);
  const WallTime local = context.content_time + offset;
  return {DicomDate(local), DicomTime(local)};
}

Document PutCommonModules(DcmItem& item,
                          const Assessment& assessment,
                          SourceInstance& source,
                          const DocumentContext& context,
                          const DocumentIdentity& identity) {
  Document document;
  document.kind = identity.kind;
  document.sop_class_uid = Uid(identity.sop_class_uid);
  document.sop_instance_uid =
      DocumentUid(assessment, context, identity.kind, document.sop_class_uid, identity.ordinal);
  document.series_instance_uid =
      SeriesUid(source.study_instance_uid(), assessment, context, identity.kind);

  source.PutPatientAndStudy(item);
  PutSeries(item, assessment, source, identity);
  Put(item, DCM_SeriesInstanceUID, document.series_instance_uid);
  PutEquipment(item, assessment, context);
  Put(item, DCM_SOPClassUID, document.sop_class_uid);
  Put(item, DCM_SOPInstanceUID, document.sop_instance_uid);
  const DicomMoment moment = ContentMoment(source, context);
  Put(item, DCM_InstanceCreationDate, moment.date);
  Put(item, DCM_InstanceCreationTime, moment.time);
  Put(item, DCM_InstanceNumber, std::to_string(identity.instance_number));
  return document;
}

void AddImageReferences(DcmItem& item,
                        const DcmTagKey& sequence,
                        std::span<const EvidenceImage* const> images) {
  DcmItem* reference = nullptr;
  const EvidenceImage* last = nullptr;
  for (const EvidenceImage* image : images) {
    if (last == nullptr || last->sop_instance_uid != image->sop_instance_uid) {
      reference = &AddItem(item, sequence);
      Put(*reference, DCM_ReferencedSOPClassUID, image->sop_class_uid);
      Put(*reference, DCM_ReferencedSOPInstanceUID, image->sop_instance_uid);
    }
    if (image->frame > 0) {
      const std::string frames = Get(*reference, DCM_ReferencedFrameNumber);
      Put(*reference,
          DCM_ReferencedFrameNumber,
          (frames.empty() ? "" : frames + "\\") + std::to_string(image->frame));
    }
    last = image;
  }
}

std::vector<const EvidenceImage*> AnalysedImages(const Assessment& assessment,
                                                 const Evidence& evidence) {
  const int count = static_cast<int>(evidence.images.size());
  int first = std::max(0, assessment.first_slice);
  int last = std::min(count - 1, assessment.last_slice);
  if (first > last) {
    first = 0;
    last = count - 1;
  }
  std::vector<const EvidenceImage*> images;
  for (int slice = first; slice <= last; ++slice)
    images.push_back(&evidence.images[static_cast<std::size_t>(slice)]);
  return images;
}

Box InsideImage(const Box& box, const EvidenceImage& image) {
  return {std::max(box.x0, 0.0),
          std::max(box.y0, 0.0),
          std::min(box.x1, static_cast<double>(image.columns)),
          std::min(box.y1, static_cast<double>(image.rows))};
}

}  // namespace necknode::sr_writer
