#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "core/detection.h"
#include "core/volume.h"

namespace necknode::training {

/// One true box on one slice.
struct LabelledBox {
  int slice = 0;           ///< index in the volume
  Box box;                 ///< pixel edges of the volume's slice, inside it, area above 0
  int node = 0;            ///< of which lymph node, from 0 within the study; a node has one class
  bool malignant = false;  ///< metastatic
};

/// A volume with everything that is known of its lymph nodes, free of the format that it came from.
struct LabelledStudy {
  std::string patient;  ///< for splits, never for output: the seed of a phantom, else a patient id
  std::string name;     ///< for messages, free of patient data: "phantom 12", a folder of a series
  std::shared_ptr<const Volume> volume;
  /// Slices whose truth is complete, ascending: what is not in `boxes` there is no lymph node.
  /// Nothing is known of the others, which serve as neighbours only.
  std::vector<int> slices;
  std::vector<LabelledBox> boxes;  ///< ascending by slice, each on one of `slices`
  /// Boxes of slice `z`, in the order of `boxes`.
  [[nodiscard]] std::vector<LabelledBox> BoxesOf(int z) const {
    std::vector<LabelledBox> found;
    for (const LabelledBox& box : boxes) {
      if (box.slice == z) {
        found.push_back(box);
      }
    }
    return found;
  }
};

/// A set of labelled studies: phantoms of a range of seeds, or a folder of DICOM with annotations.
/// The order is fixed. Several studies may be of one patient.
class LabelledStudies {
 public:
  virtual ~LabelledStudies() = default;
  [[nodiscard]] virtual std::size_t Count() const = 0;
  /// Makes or reads study `index` < Count(), or takes it from those last used. Thread safe; the
  /// same study on every call. Throws Error where it can no longer be read.
  [[nodiscard]] virtual std::shared_ptr<const LabelledStudy> Get(std::size_t index) = 0;
  /// Patient of study `index`, without reading the study.
  [[nodiscard]] virtual std::string PatientOf(std::size_t index) const = 0;
  /// How many labelled slices study `index` has, without reading it.
  [[nodiscard]] virtual std::size_t SlicesOf(std::size_t index) const = 0;
  /// What the set is, for figures and records: "phantom:seeds 1-30", or the digest of annotations
  /// and the part of the split. Never patient data.
  [[nodiscard]] virtual std::string Description() const = 0;
};

}  // namespace necknode::training
