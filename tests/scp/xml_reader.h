#pragma once

#include <string>

#include "tests/support/temp_folder.h"

namespace necknode::scp::tests {

/// One document as xmllint (libxml2) reads it.
class XmlReader {
 public:
  explicit XmlReader(const std::string& xml);
  /// What is wrong with it as XML or against the schema of DICOM audit messages; empty: nothing.
  [[nodiscard]] std::string Problem() const;
  /// The XPath expression as a string, e.g. "//EventID/@csd-code"; of several the first.
  [[nodiscard]] std::string Value(const std::string& xpath) const;
  [[nodiscard]] int Count(const std::string& xpath) const;

 private:
  necknode::tests::TempFolder folder_;
  std::string file_;
};

}  // namespace necknode::scp::tests
