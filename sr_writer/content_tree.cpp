#include "sr_writer/content_tree.h"

#include <array>

#include "core/error.h"
#include "sr_writer/dicom_bytes.h"

namespace necknode::sr_writer {
namespace {

OFString ToOfString(std::string_view text) { return {text.data(), text.size()}; }

DSRCodedEntryValue Entry(const Code& code) {
  return {ToOfString(code.value), ToOfString(code.scheme), ToOfString(code.meaning)};
}

}  // namespace

ContentTree::ContentTree(ReportClass report_class)
    : tree_(report_class == ReportClass::kComprehensive3D ? DSRTypes::DT_Comprehensive3DSR
                                                          : DSRTypes::DT_ComprehensiveSR) {}

void ContentTree::WriteTo(DcmItem& dataset) {
  Check(tree_.write(dataset), "write the content tree");
}

void ContentTree::Open(Relation relation, DSRTypes::E_ValueType type) {
  const auto mode = started_ ? DSRTypes::AM_belowCurrent : DSRTypes::AM_afterCurrent;
  if (tree_.addContentItem(relation, type, mode) == 0)
    throw Error(ErrorCode::kInternal,
                std::string("content item of type ") + DSRTypes::valueTypeToDefinedTerm(type) +
                    " is not allowed as " + DSRTypes::relationshipTypeToDefinedTerm(relation) +
                    " at " +
                    tree_.getCurrentContentItem().getConceptName().getCodeMeaning().c_str());
  started_ = true;
}

void ContentTree::Close() { tree_.goUp(); }

void ContentTree::SetName(const Code& name) {
  Check(tree_.getCurrentContentItem().setConceptName(Entry(name)), name.meaning);
}

void ContentTree::SetTemplate(std::string_view template_id) {
  if (!template_id.empty())
    Check(tree_.getCurrentContentItem().setTemplateIdentification(ToOfString(template_id), "DCMR"),
          "set a template");
}

void ContentTree::OpenCode(Relation relation, const Code& name, const Code& value) {
  Open(relation, DSRTypes::VT_Code);
  SetName(name);
  // Codes of the source stand in its character set, which DCMTK's own check does not know.
  Check(tree_.getCurrentContentItem().setCodeValue(Entry(value), OFFalse), name.meaning);
}

void ContentTree::Text(Relation relation, const Code& name, std::string_view value) {
  Open(relation, DSRTypes::VT_Text);
  SetName(name);
  Check(tree_.getCurrentContentItem().setStringValue(ToOfString(value)), name.meaning);
  Close();
}

void ContentTree::UidReference(Relation relation, const Code& name, const Uid& uid) {
  Open(relation, DSRTypes::VT_UIDRef);
  SetName(name);
  Check(tree_.getCurrentContentItem().setStringValue(ToOfString(uid.value())), name.meaning);
  Close();
}

bool ContentTree::OpenNumber(
    Relation relation, const Code& name, double value, int decimals, const Code& unit) {
  const std::string text = DecimalString(value, decimals);
  if (text.empty())
    return false;
  Open(relation, DSRTypes::VT_Num);
  SetName(name);
  Check(tree_.getCurrentContentItem().setNumericValue(
            DSRNumericMeasurementValue(ToOfString(text), Entry(unit))),
        name.meaning);
  return true;
}

void ContentTree::BoxOutline(Relation relation,
                             const Code& name,
                             const Box& box,
                             const EvidenceImage& image) {
  Open(relation, DSRTypes::VT_SCoord);
  SetName(name);
  DSRSpatialCoordinatesValue outline(DSRTypes::GT_Polyline);
  const std::array<std::array<double, 2>, 5> corners{
      {{box.x0, box.y0}, {box.x1, box.y0}, {box.x1, box.y1}, {box.x0, box.y1}, {box.x0, box.y0}}};
  for (const auto& [x, y] : corners)
    outline.getGraphicDataList().addItem(static_cast<Float32>(x), static_cast<Float32>(y));
  Check(tree_.getCurrentContentItem().setSpatialCoordinates(outline), name.meaning);
  Image(DSRTypes::RT_selectedFrom, &codes::kOriginalSource, image);
  Close();
}

void ContentTree::Image(Relation relation, const Code* name, const EvidenceImage& image) {
  Open(relation, DSRTypes::VT_Image);
  if (name != nullptr)
    SetName(*name);
  DSRImageReferenceValue reference(
      ToOfString(image.sop_class_uid.value()), ToOfString(image.sop_instance_uid.value()), OFFalse);
  if (image.frame > 0)
    reference.getFrameList().addItem(image.frame);
  Check(tree_.getCurrentContentItem().setImageReference(reference, OFFalse), "image reference");
  Close();
}

}  // namespace necknode::sr_writer
