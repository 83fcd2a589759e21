#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

namespace necknode::dicom_io {

/// Attributes of single frames, wherever they stand: in a per-frame functional group, else in the
/// shared one (PS3.3 C.7.6.16), else, as in classic objects, at the top of the dataset.
class FrameAttributes {
 public:
  /// `dataset` must outlive this. Throws Error(kParse) where it has functional groups, but not one
  /// for each frame.
  FrameAttributes(DcmDataset& dataset, int frames);

  /// All values of `tag` as text, which in a multi-frame object stands in the functional group
  /// `group`; `frame` counts from 0. nullopt where it is absent or empty.
  [[nodiscard]] std::optional<std::string> Text(int frame,
                                                const DcmTagKey& group,
                                                const DcmTagKey& tag) const;
  /// The first of the values as a number. nullopt where it is absent or no number.
  [[nodiscard]] std::optional<double> Number(int frame,
                                             const DcmTagKey& group,
                                             const DcmTagKey& tag) const;
  /// Exactly `count` values, else nullopt.
  [[nodiscard]] std::optional<std::vector<double>> Numbers(int frame,
                                                           const DcmTagKey& group,
                                                           const DcmTagKey& tag,
                                                           std::size_t count) const;

 private:
  DcmDataset& dataset_;
  std::vector<DcmItem*> per_frame_;  // empty in classic objects
  DcmItem* shared_ = nullptr;
};

}  // namespace necknode::dicom_io
