#pragma once

#include <filesystem>
#include <functional>
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

/// The DICOM files that have a patient's name in each character set; empty where the shared data
/// are absent.
[[nodiscard]] std::vector<std::filesystem::path> CharsetSources();
/// A case of one node whose patient and study are those of such a file.
[[nodiscard]] ReportCase CharsetCase(const std::filesystem::path& source);

/// One of every kind of report that validators are to find nothing in.
struct NamedCase {
  std::string name;
  std::function<ReportCase()> make;
};
/// Negative, one, four and fifty nodes, partial with and without findings, failed, second run.
[[nodiscard]] std::vector<NamedCase> RunCases();
/// Each of CharsetSources().
[[nodiscard]] std::vector<NamedCase> CharsetCases();

/// The document parsed back.
[[nodiscard]] std::unique_ptr<DcmFileFormat> Parse(const Document& document);
/// Writes a document as `folder`/document.dcm.
std::filesystem::path Save(const Document& document, const std::filesystem::path& folder);
[[nodiscard]] std::string ReadText(const std::filesystem::path& path);
/// All that a program prints, standard error included.
[[nodiscard]] std::string RunProgram(const std::string& command);

}  // namespace necknode::sr_writer::tests
