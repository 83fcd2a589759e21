#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dicom_io/hu_table.h"
#include "dicom_io/slice_stack.h"
#include "dicom_io/volume_reader.h"

class DcmDataset;

namespace necknode::dicom_io {

/// Elements larger than this do not go into a reference dataset.
inline constexpr std::uint32_t kMaxReferenceElementBytes = 64 * 1024;

/// One decoded slice and where it lies.
struct CtFrame {
  SlicePlacement placement;
  SliceEvidence evidence;
  std::vector<std::int16_t> hu;  ///< [row][column]
};

/// Enhanced and Legacy Converted Enhanced CT: their frames are referenced by number.
[[nodiscard]] bool IsMultiFrameClass(const Uid& sop_class);

/// Decodes CT instances one after the other. Not thread safe.
class CtInstanceReader {
 public:
  CtInstanceReader();
  ~CtInstanceReader();
  CtInstanceReader(const CtInstanceReader&) = delete;
  CtInstanceReader& operator=(const CtInstanceReader&) = delete;

  /// Parses a Part-10 file in memory and decodes its frames: one of a CT Image, all of an Enhanced
  /// CT or Legacy Converted Enhanced CT. Throws Error(kParse | kUnsupported | kGeometry), without
  /// `name` in the message.
  [[nodiscard]] std::vector<CtFrame> Read(const std::string& name, std::span<const std::byte> file);

  /// The same file's header, nothing decoded: what a report of a failure can name. Throws
  /// Error(kParse | kUnsupported).
  [[nodiscard]] InstanceHeader ReadHeader(std::span<const std::byte> file);

  /// The instance read last as Part-10 bytes in explicit little endian, without pixel data,
  /// per-frame groups and elements above kMaxReferenceElementBytes. At most once after each Read
  /// or ReadHeader.
  /// Throws Error(kInternal) where DCMTK cannot write it.
  [[nodiscard]] std::vector<std::byte> TakeReference();

  /// What was remarkable in the images read so far, with the number of slices that it was true of.
  [[nodiscard]] std::vector<std::string> Notes() const;

 private:
  std::unique_ptr<DcmDataset> dataset_;
  std::optional<HuTable> table_;  // of the last frame; mostly that of the next, too
  int monochrome1_ = 0, unspecified_rescale_ = 0;
};

}  // namespace necknode::dicom_io
