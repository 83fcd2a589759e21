#pragma once

#include <string_view>

#include "core/uid.h"

namespace necknode::dicom_io {

/// UIDs of the transfer syntaxes that this program tells apart (PS3.6 Annex A).
inline constexpr std::string_view kImplicitLittleEndian = "1.2.840.10008.1.2";
inline constexpr std::string_view kExplicitLittleEndian = "1.2.840.10008.1.2.1";
inline constexpr std::string_view kDeflatedExplicitLittleEndian = "1.2.840.10008.1.2.1.99";
inline constexpr std::string_view kExplicitBigEndian = "1.2.840.10008.1.2.2";
inline constexpr std::string_view kJpegBaseline = "1.2.840.10008.1.2.4.50";
inline constexpr std::string_view kJpegLsLossless = "1.2.840.10008.1.2.4.80";
inline constexpr std::string_view kJpegLsNearLossless = "1.2.840.10008.1.2.4.81";
inline constexpr std::string_view kJpeg2000Lossless = "1.2.840.10008.1.2.4.90";
inline constexpr std::string_view kJpeg2000 = "1.2.840.10008.1.2.4.91";
inline constexpr std::string_view kHtj2kLossless = "1.2.840.10008.1.2.4.201";
inline constexpr std::string_view kHtj2kLosslessRpcl = "1.2.840.10008.1.2.4.202";
inline constexpr std::string_view kHtj2k = "1.2.840.10008.1.2.4.203";
inline constexpr std::string_view kRleLossless = "1.2.840.10008.1.2.5";

/// How data elements are written (PS3.5 section 7.1).
struct Encoding {
  bool explicit_vr = true;
  bool big_endian = false;
  bool operator==(const Encoding&) const = default;
};

/// The encoding of a dataset in this transfer syntax; of a deflated one, after inflating.
/// Encapsulated and unknown syntaxes are explicit little endian (PS3.5 A.4).
[[nodiscard]] Encoding EncodingOf(const Uid& transfer_syntax);

/// The JPEG 2000 codestream family, High-Throughput JPEG 2000 included: what OpenJPEG decodes.
[[nodiscard]] bool IsJpeg2000(const Uid& transfer_syntax);

}  // namespace necknode::dicom_io
