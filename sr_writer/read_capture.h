#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sr_writer/documents.h"
#include "sr_writer/report_tree.h"

namespace necknode::sr_writer {

/// A Secondary Capture as a page shows it.
struct ReadCapture {
  std::string study_instance_uid, derivation;
  bool is_index = false;               ///< a coronal picture of all slices
  std::vector<ReadReference> sources;  ///< slices that it was made of
  KeyPicture picture;
};

/// nullopt where the bytes are no uncompressed 8-bit RGB image of at most 4096 x 4096 pixels.
[[nodiscard]] std::optional<ReadCapture> ReadCaptureFrom(std::span<const std::byte> part10);

}  // namespace necknode::sr_writer
