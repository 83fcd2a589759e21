#include "dicom_io/transfer_syntax.h"

#include <algorithm>
#include <array>

namespace necknode::dicom_io {

Encoding EncodingOf(const Uid& transfer_syntax) {
  return {.explicit_vr = transfer_syntax.value() != kImplicitLittleEndian,
          .big_endian = transfer_syntax.value() == kExplicitBigEndian};
}

bool IsJpeg2000(const Uid& transfer_syntax) {
  constexpr std::array kFamily = {
      kJpeg2000Lossless, kJpeg2000, kHtj2kLossless, kHtj2kLosslessRpcl, kHtj2k};
  return std::find(kFamily.begin(), kFamily.end(), transfer_syntax.value()) != kFamily.end();
}

}  // namespace necknode::dicom_io
