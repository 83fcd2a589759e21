#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "core/instance_header.h"

namespace necknode::dicom_io {

/// Reads the top-level attributes of a DICOM dataset without building a tree and without recursion;
/// survives any bytes (no DCMTK). Lengths, depth and counts are bounded by named constants. Fed in
/// pieces, so that the receiver scans while it writes; it keeps no more than one small value in
/// memory.
///
/// Explicit and implicit little endian, explicit big endian, and deflated (inflated under a size
/// and a ratio limit).
class DatasetScanner {
 public:
  /// `transfer_syntax` decides the encoding. Encapsulated syntaxes are explicit little endian.
  explicit DatasetScanner(const Uid& transfer_syntax);
  ~DatasetScanner();
  DatasetScanner(DatasetScanner&&) noexcept;
  DatasetScanner& operator=(DatasetScanner&&) noexcept;
  /// The next bytes of the dataset. After a failure further bytes are ignored.
  void Feed(std::span<const std::byte> bytes);
  /// What was read so far.
  [[nodiscard]] const InstanceHeader& header() const;
  /// To be called after the last byte. Throws Error(kParse) where the dataset is not well formed
  /// (its last element does not end at the last byte, a length leads outside), or Study, Series or
  /// SOP Instance UID is missing or not a UID.
  [[nodiscard]] InstanceHeader Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Scans a DICOM file in memory, as ScanFile does. Throws Error(kParse).
[[nodiscard]] InstanceHeader ScanBytes(std::span<const std::byte> file);

/// Scans a DICOM file: with preamble and meta group, or a bare dataset (implicit or explicit little
/// endian). Throws Error(kParse | kNotFound).
[[nodiscard]] InstanceHeader ScanFile(const std::filesystem::path& path);

}  // namespace necknode::dicom_io
