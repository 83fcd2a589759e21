#include "sr_writer/measurement_group.h"

#include "sr_writer/common_modules.h"
#include "sr_writer/report_text.h"

namespace necknode::sr_writer {
namespace {

void AddIdentity(ContentTree& tree, const LymphNode& node) {
  tree.Text(DSRTypes::RT_hasObsContext, codes::kTrackingIdentifier, node.Identifier());
  tree.UidReference(DSRTypes::RT_hasObsContext, codes::kTrackingUid, node.tracking_uid);
  tree.CodeItem(ContentTree::kContains, codes::kFindingCategory, codes::kAnatomicalStructure);
  tree.CodeItem(ContentTree::kContains, codes::kFinding, codes::kLymphNode);
  tree.CodeItem(ContentTree::kModifier, codes::kFindingSite, codes::SiteOf(node.level), [&] {
    if (node.side == Side::kLeft || node.side == Side::kRight)
      tree.CodeItem(ContentTree::kModifier,
                    codes::kLaterality,
                    node.side == Side::kLeft ? codes::kLeft : codes::kRight);
  });
}

// Area comes first and carries the coordinates: that is what OHIF hydrates.
void AddBoxMeasurements(ContentTree& tree,
                        const Assessment& assessment,
                        const Box& box,
                        const EvidenceImage& image) {
  const double width_mm = box.Width() * assessment.grid.column_spacing_mm;
  const double height_mm = box.Height() * assessment.grid.row_spacing_mm;
  tree.BoxOutline(ContentTree::kContains, codes::kImageRegion, box, image);
  tree.CodeItem(ContentTree::kContains, codes::kGeometricPurpose, codes::kBoundedBy);
  tree.Number(
      ContentTree::kContains, codes::kArea, width_mm * height_mm, 1, codes::kSquareMillimetre, [&] {
        tree.CodeItem(ContentTree::kModifier, codes::kMeasurementMethod, codes::kBoundingBox);
        tree.BoxOutline(DSRTypes::RT_inferredFrom, codes::kPath, box, image);
      });
  tree.Number(ContentTree::kContains, codes::kWidth, width_mm, 1, codes::kMillimetre);
  tree.Number(ContentTree::kContains, codes::kHeight, height_mm, 1, codes::kMillimetre);
}

void AddNodeMeasurements(ContentTree& tree, const LymphNode& node) {
  if (node.short_axis)
    tree.Number(ContentTree::kContains,
                codes::kShortAxis,
                node.short_axis->length_mm,
                1,
                codes::kMillimetre);
  if (node.long_axis)
    tree.Number(
        ContentTree::kContains, codes::kLongAxis, node.long_axis->length_mm, 1, codes::kMillimetre);
  if (node.volume_mm3)
    tree.Number(
        ContentTree::kContains, codes::kVolume, *node.volume_mm3, 0, codes::kCubicMillimetre);
  tree.Number(ContentTree::kContains,
              codes::kCertaintyOfFinding,
              node.detection_score * 100,
              0,
              codes::kPercent);
  tree.Number(ContentTree::kContains,
              codes::kProbabilityOfCancer,
              node.probability * 100,
              0,
              codes::kPercent);
  if (node.mean_hu)
    tree.Number(
        ContentTree::kContains, codes::kAttenuation, *node.mean_hu, 0, codes::kHounsfieldUnit, [&] {
          tree.CodeItem(ContentTree::kModifier, codes::kDerivation, codes::kMean);
        });
}

Code EvaluationOf(Malignancy malignancy) {
  switch (malignancy) {
    case Malignancy::kMalignant:
      return codes::kMalignant;
    case Malignancy::kBenign:
      return codes::kBenign;
    case Malignancy::kIndeterminate:
      break;
  }
  return codes::kIndeterminate;
}

}  // namespace

void AddAlgorithm(ContentTree& tree, ContentTree::Relation relation, const Assessment& assessment) {
  const ModelIdentity& model = assessment.model;
  if (!model.package.empty())
    tree.Text(relation, codes::kAlgorithmName, model.package);
  if (!model.version.empty())
    tree.Text(relation, codes::kAlgorithmVersion, model.version);
  if (!model.manufacturer.empty())
    tree.Text(relation, codes::kAlgorithmManufacturer, model.manufacturer);
  tree.Text(relation, codes::kAlgorithmParameters, AlgorithmParameters(assessment));
  tree.CodeItem(relation, codes::kAlgorithmFamily, codes::kArtificialIntelligence);
}

void AddMeasurementGroup(ContentTree& tree,
                         const Assessment& assessment,
                         const LymphNode& node,
                         const EvidenceImage& key_image,
                         bool experimental_levels) {
  tree.Container(ContentTree::kContains, codes::kMeasurementGroup, "1410", [&] {
    AddIdentity(tree, node);
    AddAlgorithm(tree, ContentTree::kModifier, assessment);
    AddBoxMeasurements(tree, assessment, InsideImage(node.KeyBox().box, key_image), key_image);
    AddNodeMeasurements(tree, node);
    tree.CodeItem(ContentTree::kContains, codes::kMalignancy, EvaluationOf(node.malignancy));
    tree.Text(ContentTree::kContains,
              codes::kComment,
              WithWarning(assessment.model, NodeComment(assessment, node, experimental_levels)));
  });
}

}  // namespace necknode::sr_writer
