#pragma once

#include <compare>
#include <string>
#include <utility>

namespace necknode {

/// Text that identifies a patient (name, ID, birth date, accession number), in the instance's own
/// character set unless stated. It has no stream operator and no formatter, so that logging it does
/// not compile.
class PatientText {
 public:
  PatientText() = default;
  explicit PatientText(std::string text) : text_(std::move(text)) {}
  /// The text itself: for the DICOM objects, the database and the authenticated page; never for a
  /// log.
  [[nodiscard]] const std::string& Reveal() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  auto operator<=>(const PatientText&) const = default;

 private:
  std::string text_;
};

}  // namespace necknode
