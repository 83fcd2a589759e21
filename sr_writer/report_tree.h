#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sr_writer/codes.h"
#include "sr_writer/dicom_bytes.h"

namespace necknode::sr_writer {

/// A coded entry as read: value, scheme and meaning; the value may come from Long Code Value or URN
/// Code Value.
struct ReadCode {
  std::string value, scheme, meaning;
  [[nodiscard]] bool Is(const Code& code) const {
    return value == code.value && scheme == code.scheme;
  }
};

/// A reference to an instance in an IMAGE, COMPOSITE or WAVEFORM item or in the evidence.
struct ReadReference {
  std::string sop_class_uid, sop_instance_uid;
  std::string frames = {};  ///< Referenced Frame Number, values joined by backslash
};

/// One content item of any SR, read without judging it.
struct ReportItem {
  std::string relationship, value_type;  ///< as written, e.g. "HAS CONCEPT MOD", "NUM"
  ReadCode name;
  ReadCode code;                     ///< of CODE
  ReadCode unit;                     ///< of NUM
  std::string text;                  ///< of TEXT, UIDREF, PNAME, and the value of NUM
  std::string graphic_type;          ///< of SCOORD
  std::vector<double> graphic_data;  ///< of SCOORD: x, y, x, y, ...
  std::vector<ReadReference> references;
  std::string template_id;
  std::vector<ReportItem> children;

  [[nodiscard]] const ReportItem* Child(const Code& concept_name) const;
  /// Calls `visit` with this item and everything below it.
  template <typename Visit>
  void ForEach(const Visit& visit) const {
    visit(*this);
    for (const ReportItem& child : children)
      child.ForEach(visit);
  }
};

/// A report as the rules see it.
struct ReadReport {
  std::unique_ptr<DcmFileFormat> file;
  ReportItem root;
  std::vector<const ReportItem*> groups;  ///< every Measurement Group
  std::vector<ReadReference> evidence;    ///< current and pertinent, as listed
  double rows = 0, columns = 0;  ///< of the images, where the image library says so; else 0
  std::string parameters;        ///< the first Algorithm Parameters that name `clinical`
  [[nodiscard]] DcmItem& dataset() const { return *file->getDataset(); }
};

/// Throws Error(kParse) where the bytes are no DICOM file or no SR, or its tree is deeper than any
/// report's.
[[nodiscard]] ReadReport ReadReportFrom(std::span<const std::byte> part10);
[[nodiscard]] ReadReport ReadReportFrom(std::unique_ptr<DcmFileFormat> file);

}  // namespace necknode::sr_writer
