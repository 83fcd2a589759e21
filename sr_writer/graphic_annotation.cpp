#include "sr_writer/graphic_annotation.h"

#include <algorithm>
#include <vector>

#include "sr_writer/report_text.h"

namespace necknode::sr_writer {
namespace {

// A viewer chooses its own font; these leave room for a usual one at full size on a 512 image.
constexpr double kCharacterWidth = 8;
constexpr double kLineHeight = 14;
constexpr double kUsualColumns = 512;

double Scale(const EvidenceImage& image) { return image.columns / kUsualColumns; }

std::size_t LineCount(const std::string& text) {
  return text.empty() ? 0
                      : 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

void PutFloats(DcmItem& item, const DcmTagKey& tag, const std::vector<double>& values) {
  std::vector<Float32> floats;
  for (const double value : values)
    floats.push_back(static_cast<Float32>(value));
  Check(item.putAndInsertFloat32Array(tag, floats.data(), floats.size()), "insert coordinates");
}

void AddPolyline(DcmItem& annotation, const LymphNode& node, const std::vector<double>& points) {
  DcmItem& object = AddItem(annotation, DCM_GraphicObjectSequence);
  Put(object, DCM_GraphicAnnotationUnits, "PIXEL");
  PutUint16(object, DCM_GraphicDimensions, 2);
  PutUint16(object, DCM_NumberOfGraphicPoints, points.size() / 2);
  PutFloats(object, DCM_GraphicData, points);
  Put(object, DCM_GraphicType, "POLYLINE");
  Put(object, DCM_GraphicFilled, "N");
  Put(object, DCM_TrackingID, node.Identifier());
  Put(object, DCM_TrackingUID, node.tracking_uid);
}

void AddText(DcmItem& annotation, const std::string& text, const Box& place) {
  DcmItem& object = AddItem(annotation, DCM_TextObjectSequence);
  Put(object, DCM_BoundingBoxAnnotationUnits, "PIXEL");
  Put(object, DCM_UnformattedTextValue, text);
  PutFloats(object, DCM_BoundingBoxTopLeftHandCorner, {place.x0, place.y0});
  PutFloats(object, DCM_BoundingBoxBottomRightHandCorner, {place.x1, place.y1});
  Put(object, DCM_BoundingBoxTextHorizontalJustification, "LEFT");
}

void AddNotice(DcmItem& annotation, const std::string& notice, const EvidenceImage& image) {
  std::string text;
  for (const char c : notice)
    text += c == '\n' ? "\r\n" : std::string(1, c);
  const double height = static_cast<double>(LineCount(notice)) * kLineHeight * Scale(image);
  AddText(annotation,
          text,
          {0, 0, static_cast<double>(image.columns), std::min<double>(height, image.rows)});
}

void AddNode(DcmItem& annotation,
             const LymphNode& node,
             const NodeBox& node_box,
             const EvidenceImage& image,
             double notice_height) {
  const Box box = InsideImage(node_box.box, image);
  AddPolyline(annotation,
              node,
              {box.x0, box.y0, box.x1, box.y0, box.x1, box.y1, box.x0, box.y1, box.x0, box.y0});
  // A dashed line is not to be had in every viewer: the words say that this box is no detection.
  const std::string label = Label(node) + (node_box.interpolated ? " interpolated" : "");
  AddText(annotation, label, PlaceText(box, label.size(), image, notice_height));
  if (node_box.slice == node.key_slice && node.short_axis) {
    const auto& line = node.short_axis->endpoints;
    AddPolyline(annotation, node, {line.begin(), line.end()});
  }
}

}  // namespace

GraphicLayer LayerOf(const LymphNode& node, const Thresholds& thresholds) {
  if (node.malignancy == Malignancy::kIndeterminate)
    return node.probability >= thresholds.malignant_probability ? GraphicLayer::kMalignant
                                                                : GraphicLayer::kBenign;
  return node.malignancy == Malignancy::kMalignant ? GraphicLayer::kMalignant
                                                   : GraphicLayer::kBenign;
}

std::string NameOf(GraphicLayer layer) {
  return layer == GraphicLayer::kMalignant ? "MALIGNANT" : "BENIGN";
}

Box PlaceText(const Box& box,
              std::size_t characters,
              const EvidenceImage& image,
              double notice_height) {
  const double width = std::min<double>(
      image.columns, static_cast<double>(characters) * kCharacterWidth * Scale(image));
  const double height = std::min<double>(image.rows, kLineHeight * Scale(image));
  const double gap = 2 * Scale(image);
  const double x = std::clamp(box.x0, 0.0, image.columns - width);
  double y = box.y0 - gap - height;
  if (y < notice_height)
    y = box.y1 + gap;
  y = std::clamp(y, 0.0, image.rows - height);
  return {x, y, x + width, y + height};
}

void AddGraphicAnnotations(DcmItem& item,
                           const Assessment& assessment,
                           int slice,
                           const EvidenceImage& image,
                           const std::string& notice) {
  const EvidenceImage* images[] = {&image};
  const double notice_height = static_cast<double>(LineCount(notice)) * kLineHeight * Scale(image);
  bool has_notice = notice.empty();
  for (const GraphicLayer layer : {GraphicLayer::kMalignant, GraphicLayer::kBenign}) {
    DcmItem* annotation = nullptr;
    for (const LymphNode& node : assessment.nodes) {
      if (LayerOf(node, assessment.thresholds) != layer)
        continue;
      const auto box = std::find_if(
          node.boxes.begin(), node.boxes.end(), [&](const NodeBox& b) { return b.slice == slice; });
      if (box == node.boxes.end())
        continue;
      if (annotation == nullptr) {
        annotation = &AddItem(item, DCM_GraphicAnnotationSequence);
        AddImageReferences(*annotation, DCM_ReferencedImageSequence, images);
        Put(*annotation, DCM_GraphicLayer, NameOf(layer));
        if (!has_notice)
          AddNotice(*annotation, notice, image);
        has_notice = true;
      }
      AddNode(*annotation, node, *box, image, notice_height);
    }
  }
}

}  // namespace necknode::sr_writer
