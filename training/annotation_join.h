#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/uid.h"
#include "training/coco_annotations.h"
#include "training/labelled_study.h"
#include "training/series_index.h"

namespace necknode::training {

/// A series with its annotated images; which slice each is turns out when the volume is read.
struct AnnotatedSeries {
  struct Image {
    Uid sop_instance_uid;
    std::string file, entry;         ///< where it is annotated, for messages
    std::vector<LabelledBox> boxes;  ///< their `slice` is not yet set
  };
  std::string patient, name;
  std::vector<std::filesystem::path> files;
  std::vector<Image> images;
};

/// One annotation file by its name.
struct NamedAnnotations {
  std::string name;
  CocoAnnotations annotations;
};

/// Joins images to files by SOP Instance UID and boxes to images. To `problems` goes what does not
/// fit: an unknown SOP Instance UID, another size than the file's, no patient id at all or another
/// one than the file's, an image annotated twice, a box beyond the image, a node of two classes.
/// An image of which an annotation cannot be used is left out: it would pass for one without that
/// lymph node.
/// Series without an annotated image are left out.
[[nodiscard]] std::vector<AnnotatedSeries> JoinAnnotations(
    const std::vector<IndexedSeries>& series,
    const std::vector<NamedAnnotations>& files,
    DataProblems& problems);

}  // namespace necknode::training
