#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include "core/uid.h"

namespace necknode::dicom_io {

/// The pixel attributes of a grey image (PS3.3 C.7.6.3), checked.
struct PixelFormat {
  int rows = 0, columns = 0, frames = 1;
  int bits_allocated = 16, bits_stored = 16, high_bit = 15;
  bool is_signed = false;
  bool monochrome1 = false;
  [[nodiscard]] std::size_t PixelsPerFrame() const {
    return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
  }
};

/// Throws Error(kParse | kUnsupported) where an attribute is absent or outside what this program
/// reads.
[[nodiscard]] PixelFormat ReadPixelFormat(DcmDataset& dataset);

/// What DCMTK must take the dataset's transfer syntax for; High-Throughput JPEG 2000, which it does
/// not know, is read as JPEG 2000 (both explicit little endian, encapsulated). Registers DCMTK's
/// decoders at its first call and turns DCMTK's own log off, which may print values of patient
/// attributes. Thread safe. Throws Error(kUnsupported) where no decoder is at hand.
[[nodiscard]] E_TransferSyntax DcmtkTransferSyntax(const Uid& transfer_syntax);

/// The frames of one dataset's Pixel Data as words. Not thread safe.
class PixelDecoder {
 public:
  /// `dataset` must outlive the decoder. Throws Error(kParse) where it has no Pixel Data or too
  /// little.
  PixelDecoder(DcmDataset& dataset, const Uid& transfer_syntax, const PixelFormat& format);

  /// [rows][columns] words of the next frame as they are stored, valid until the next call; to be
  /// called `frames` times. Throws Error(kParse | kUnsupported) where it cannot be decoded.
  [[nodiscard]] std::span<const std::uint16_t> NextFrame();

 private:
  enum class Codec { kNative, kJpeg2000, kRle, kDcmtk };

  void CollectFragments();
  void AssignFragments();
  void CheckJpegHeader() const;
  void DecodeFragments();
  void DecodeByDcmtk();

  DcmDataset& dataset_;
  PixelFormat format_;
  Codec codec_ = Codec::kDcmtk;
  DcmPixelData* pixel_data_ = nullptr;
  const std::uint16_t* native_ = nullptr;  // uncompressed words, used in place
  std::vector<std::span<const std::byte>> fragments_;
  // Where frames begin, from the offset table, and where fragments do (PS3.5 A.4).
  std::vector<std::uint32_t> frame_offsets_, fragment_offsets_;
  std::vector<std::size_t> first_fragment_;  // of each frame, and one past the last
  std::vector<std::uint8_t> bytes_;
  std::vector<std::uint16_t> words_;
  int next_ = 0;
  Uint32 next_fragment_ = 1;  // fragment 0 is the offset table
};

}  // namespace necknode::dicom_io
