#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>
#include <tuple>

#include "core/error.h"
#include "sr_writer/common_modules.h"
#include "sr_writer/graphic_annotation.h"
#include "sr_writer/report_text.h"
#include "sr_writer/soft_tissue_window.h"

namespace necknode::sr_writer {
namespace {

using Images = std::vector<const EvidenceImage*>;

/// A presentation state has one grayscale pipeline before the window: images of another one cannot
/// share it.
using Pipeline = std::tuple<double, double, bool>;
Pipeline PipelineOf(const EvidenceImage& image) {
  return {image.rescale_slope, image.rescale_intercept, image.monochrome1};
}

/// Slices with boxes, of which `left_out` have another pipeline than most.
struct AnnotatedSlices {
  std::vector<int> slices;
  int left_out = 0;
};

AnnotatedSlices SlicesToAnnotate(const Assessment& assessment,
                                 const std::vector<EvidenceImage>& images) {
  std::set<int> with_boxes;
  for (const LymphNode& node : assessment.nodes) {
    for (const NodeBox& box : node.boxes)
      with_boxes.insert(box.slice);
  }
  std::map<Pipeline, int> counts;
  for (const int slice : with_boxes)
    ++counts[PipelineOf(images[static_cast<std::size_t>(slice)])];
  const auto most =
      std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) {
        return a.second < b.second;
      });
  AnnotatedSlices annotated;
  for (const int slice : with_boxes) {
    if (PipelineOf(images[static_cast<std::size_t>(slice)]) == most->first)
      annotated.slices.push_back(slice);
    else
      ++annotated.left_out;
  }
  return annotated;
}

std::string LeftOut(const AnnotatedSlices& annotated) {
  if (annotated.left_out == 0)
    return {};
  return "Without the boxes of " + std::to_string(annotated.left_out) +
         (annotated.left_out == 1 ? " slice" : " slices") + " with another rescale: see the SR";
}

template <typename Key>
std::map<Key, Images> GroupBy(const Images& images, Key (*key)(const EvidenceImage&)) {
  std::map<Key, Images> groups;
  for (const EvidenceImage* image : images)
    groups[key(*image)].push_back(image);
  return groups;
}

using Size = std::pair<int, int>;
using Window = std::pair<double, double>;

Size SizeOf(const EvidenceImage& image) { return {image.columns, image.rows}; }

Window WindowOf(const EvidenceImage& image) {
  if (image.window_width < 1)
    return {kSoftTissueCenterHu, kSoftTissueWidthHu};
  return {image.window_center, image.window_width};
}

void PutCorner(DcmItem& item, const DcmTagKey& tag, int column, int row) {
  auto element = std::make_unique<DcmSignedLong>(tag);
  const std::array<Sint32, 2> corner{column, row};
  Check(element->putSint32Array(corner.data(), corner.size()), "set a corner");
  Check(item.insert(element.get()), "insert a corner");
  static_cast<void>(element.release());  // the item owns it now
}

// PS3.3 C.10.4. Without Referenced Image Sequence an item holds for all images of the presentation
// state.
void PutDisplayedArea(DcmItem& item, const Images& images, const VolumeGrid& grid) {
  const auto groups = GroupBy(images, SizeOf);
  for (const auto& [size, members] : groups) {
    DcmItem& area = AddItem(item, DCM_DisplayedAreaSelectionSequence);
    if (groups.size() > 1)
      AddImageReferences(area, DCM_ReferencedImageSequence, members);
    PutCorner(area, DCM_DisplayedAreaTopLeftHandCorner, 1, 1);
    PutCorner(area, DCM_DisplayedAreaBottomRightHandCorner, size.first, size.second);
    Put(area, DCM_PresentationSizeMode, "SCALE TO FIT");
    if (grid.row_spacing_mm > 0 && grid.column_spacing_mm > 0)
      Put(area,
          DCM_PresentationPixelSpacing,
          DecimalString(grid.row_spacing_mm, 9) + "\\" + DecimalString(grid.column_spacing_mm, 9));
    else
      Put(area, DCM_PresentationPixelAspectRatio, "1\\1");
  }
}

void PutWindows(DcmItem& item, const Images& images) {
  const auto groups = GroupBy(images, WindowOf);
  for (const auto& [window, members] : groups) {
    DcmItem& voi = AddItem(item, DCM_SoftcopyVOILUTSequence);
    if (groups.size() > 1)
      AddImageReferences(voi, DCM_ReferencedImageSequence, members);
    Put(voi, DCM_WindowCenter, DecimalString(window.first, 6));
    Put(voi, DCM_WindowWidth, DecimalString(window.second, 6));
  }
}

void AddLayer(DcmItem& item,
              GraphicLayer layer,
              int order,
              const std::string& description,
              const std::vector<Uint16>& cielab) {
  DcmItem& added = AddItem(item, DCM_GraphicLayerSequence);
  Put(added, DCM_GraphicLayer, NameOf(layer));
  Put(added, DCM_GraphicLayerOrder, std::to_string(order));
  Put(added, DCM_GraphicLayerDescription, description);
  Check(added.putAndInsertUint16Array(
            DCM_GraphicLayerRecommendedDisplayCIELabValue, cielab.data(), cielab.size()),
        "insert a colour");
}

// The layer of the higher order is drawn last, on top.
void PutLayers(DcmItem& item) {
  AddLayer(item,
           GraphicLayer::kBenign,
           1,
           "AI, not verified: not suspicious for metastasis",
           {51096, 17274, 45176});
  AddLayer(item,
           GraphicLayer::kMalignant,
           2,
           "AI, not verified: suspicious for metastasis",
           {38181, 51269, 44895});
}

std::string ContentDescription(const Assessment& assessment, const DocumentContext& context) {
  std::string text = context.run > 1 ? "run " + std::to_string(context.run) + ", " : "";
  return ShortWithWarning(assessment.model, text + "AI, not verified");
}

std::string Notice(const Assessment& assessment, const AnnotatedSlices& annotated) {
  std::string notice;
  for (const std::string& line :
       {WarningOf(assessment.model), BrokenLimits(assessment), LeftOut(annotated)}) {
    if (!line.empty())
      notice += (notice.empty() ? "" : "\n") + line;
  }
  return notice;
}

void PutPipeline(DcmItem& item, const EvidenceImage& image) {
  Put(item, DCM_RescaleIntercept, DecimalString(image.rescale_intercept, 9));
  Put(item, DCM_RescaleSlope, DecimalString(image.rescale_slope, 9));
  Put(item, DCM_RescaleType, "HU");
  Put(item, DCM_PresentationLUTShape, image.monochrome1 ? "INVERSE" : "IDENTITY");
}

}  // namespace

Document WritePresentationState(const Assessment& assessment,
                                const Evidence& evidence,
                                const DocumentContext& context) {
  RequireUsable(assessment, evidence);
  if (assessment.nodes.empty())
    throw Error(ErrorCode::kInvalidArgument, "a presentation state needs at least one lymph node");
  const Assessment said = Printable(assessment);
  SourceInstance source(evidence.reference_dataset, context.assumed_charset);
  const AnnotatedSlices annotated = SlicesToAnnotate(said, evidence.images);
  Images images;
  for (const int slice : annotated.slices)
    images.push_back(&evidence.images[static_cast<std::size_t>(slice)]);

  DcmDataset dataset;
  DocumentIdentity identity;
  identity.kind = "PR";
  identity.sop_class_uid = UID_GrayscaleSoftcopyPresentationStateStorage;
  identity.modality = "PR";
  identity.series_number = context.pr_series_number;
  identity.instance_number = context.run;
  identity.series_description = "Neck lymph node boxes";
  identity.series_code = codes::kIllustrationOfRoi;
  Document document = PutCommonModules(dataset, said, source, context, identity);

  const DicomMoment moment = ContentMoment(source, context);
  Put(dataset, DCM_PresentationCreationDate, moment.date);
  Put(dataset, DCM_PresentationCreationTime, moment.time);
  Put(dataset, DCM_ContentLabel, "NECK NODES");
  Put(dataset, DCM_ContentDescription, ContentDescription(said, context));
  Put(dataset, DCM_ContentCreatorName, "necknode^AI");
  DcmItem& series = AddItem(dataset, DCM_ReferencedSeriesSequence);
  Put(series, DCM_SeriesInstanceUID, source.series_instance_uid());
  AddImageReferences(series, DCM_ReferencedImageSequence, images);
  PutDisplayedArea(dataset, images, said.grid);
  PutPipeline(dataset, *images.front());
  PutWindows(dataset, images);
  PutLayers(dataset);
  const std::string notice = Notice(said, annotated);
  for (std::size_t i = 0; i < images.size(); ++i)
    AddGraphicAnnotations(dataset, said, annotated.slices[i], *images[i], notice);
  document.part10 = EncodePart10(dataset);
  return document;
}

}  // namespace necknode::sr_writer
