#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "scp/storage_scu.h"

namespace necknode::scp::tests {

inline constexpr const char* kCt = "1.2.840.10008.5.1.4.1.1.2";
inline constexpr const char* kComprehensive = "1.2.840.10008.5.1.4.1.1.88.33";
inline constexpr const char* kComprehensive3d = "1.2.840.10008.5.1.4.1.1.88.34";
inline constexpr const char* kExplicit = "1.2.840.10008.1.2.1";
inline constexpr const char* kImplicit = "1.2.840.10008.1.2";
inline constexpr const char* kVerification = "1.2.840.10008.1.1";

/// A small CT image as its dataset's bytes.
struct CtImage {
  std::string sop_instance_uid = "1.2.3.4.5";
  std::string series_instance_uid = "1.2.3.4";
  std::string study_instance_uid = "1.2.3";
  std::string sop_class_uid = kCt;
  std::string patient_id = "P1";
  std::string character_set;
  std::string identity;  ///< where set: the text of every attribute that identifies the patient
  std::size_t pixel_bytes = 512;
  bool explicit_vr = true;
};
[[nodiscard]] std::vector<std::byte> DatasetOf(const CtImage& image);
/// The same as a file, preamble and meta group before it.
[[nodiscard]] std::vector<std::byte> FileOf(const CtImage& image);

/// The one with this number of a series.
[[nodiscard]] CtImage Slice(int number);
/// A file of this class as what a sender would send.
[[nodiscard]] Outgoing::Alternative AlternativeOf(const std::string& sop_class,
                                                  const std::string& sop_instance);

}  // namespace necknode::scp::tests
