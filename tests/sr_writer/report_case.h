#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "sr_writer/dicom_bytes.h"
#include "sr_writer/documents.h"

namespace necknode::sr_writer::tests {

/// A whole case to write documents of: a CT of 24 slices of 64 x 96 pixels and an Assessment over
/// it. Tests change what they need before they call Evidence().
struct ReportCase {
  explicit ReportCase(int nodes = 1, int columns = 96, int rows = 64, int slices = 24);

  Assessment assessment;
  Volume volume;
  std::vector<EvidenceImage> images;
  DcmDataset reference;  ///< attributes of a source instance, without pixels
  DocumentContext context;

  /// Encodes `reference` again; the result borrows from this case.
  [[nodiscard]] Evidence MakeEvidence();
  [[nodiscard]] Document Report(ReportClass report_class = ReportClass::kComprehensive3D);
  [[nodiscard]] Document State();
  [[nodiscard]] std::vector<Document> Captures();

 private:
  std::vector<std::byte> reference_bytes_;
};

/// The n-th of the case's lymph nodes, from 1: sides, levels, judgements and what is measured vary
/// with n.
[[nodiscard]] LymphNode MakeNode(int number, int columns, int rows, int slices);

/// The document parsed back.
[[nodiscard]] std::unique_ptr<DcmFileFormat> Parse(const Document& document);
/// Writes a document as `folder`/document.dcm.
std::filesystem::path Save(const Document& document, const std::filesystem::path& folder);
[[nodiscard]] std::string ReadText(const std::filesystem::path& path);
/// All that a program prints, standard error included.
[[nodiscard]] std::string RunProgram(const std::string& command);

}  // namespace necknode::sr_writer::tests
