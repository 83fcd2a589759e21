#pragma once

#include "sr_writer/content_tree.h"

namespace necknode::sr_writer {

/// Adds one lymph node as a Measurement Group (TID 1410) on its key slice.
void AddMeasurementGroup(ContentTree& tree,
                         const Assessment& assessment,
                         const LymphNode& node,
                         const EvidenceImage& key_image,
                         bool experimental_levels);

/// TID 4019, with the package's thresholds and its standing as parameters.
void AddAlgorithm(ContentTree& tree, ContentTree::Relation relation, const Assessment& assessment);

}  // namespace necknode::sr_writer
