#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

#include "core/uid.h"

namespace necknode::dicom_io {

/// Where the parts of a DICOM file lie (PS3.10 section 7).
struct Part10 {
  /// From the meta group; of a bare dataset what its first element looks like: implicit or explicit
  /// little endian.
  Uid transfer_syntax_uid;
  Uid media_storage_sop_class_uid,
      media_storage_sop_instance_uid;  ///< empty where there is no meta group
  std::size_t dataset_offset = 0;      ///< of the dataset's first byte
  bool has_meta = false;
};

/// A meta group larger than this is refused.
inline constexpr std::size_t kMaxMetaBytes = 64 * 1024;
/// So many bytes from the start of a file are always enough for SplitPart10.
inline constexpr std::size_t kPart10PrefixBytes = 132 + kMaxMetaBytes + 16;

/// Finds the dataset in a file's bytes, or in its first kPart10PrefixBytes. Takes a file with
/// preamble and meta group, with either missing, or a bare dataset. The group length is not
/// trusted: the meta group ends where another begins. Throws Error(kParse) where this is no DICOM
/// file.
[[nodiscard]] Part10 SplitPart10(std::span<const std::byte> bytes);

/// The digest by which a received file is known: SHA-256 of transfer syntax UID and dataset bytes,
/// without preamble and meta group. The file may be larger than memory. Throws Error(kParse) as
/// SplitPart10, Error(kNotFound) where it cannot be read.
[[nodiscard]] std::string DigestOfFile(const std::filesystem::path& file);

}  // namespace necknode::dicom_io
