#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "dicom_io/transfer_syntax.h"

namespace necknode::tests {

inline constexpr std::uint32_t kUndefined = 0xFFFFFFFF;

/// Writes data elements byte by byte, wrong ones too.
class DatasetBytes {
 public:
  explicit DatasetBytes(dicom_io::Encoding encoding = {}) : encoding_(encoding) {}

  DatasetBytes& Number(std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) {
      const int place = encoding_.big_endian ? bytes - 1 - i : i;
      text_ += static_cast<char>(value >> (8 * place) & 0xFFU);
    }
    return *this;
  }
  DatasetBytes& Tag(std::uint32_t tag) { return Number(tag >> 16, 2).Number(tag & 0xFFFFU, 2); }
  /// The head of an element; FFFE tags and implicit encoding have no VR.
  DatasetBytes& Head(std::uint32_t tag, std::string_view vr, std::uint32_t length) {
    Tag(tag);
    if (!encoding_.explicit_vr || tag >> 16 == 0xFFFE) {
      return Number(length, 4);
    }
    text_ += vr;
    const bool is_long =
        vr == "OB" || vr == "OW" || vr == "SQ" || vr == "UN" || vr == "UT" || vr == "UC";
    return is_long ? Number(0, 2).Number(length, 4) : Number(length, 2);
  }
  DatasetBytes& Element(std::uint32_t tag, std::string_view vr, std::string value) {
    if (value.size() % 2 != 0) {
      value += vr == "UI" ? '\0' : ' ';
    }
    Head(tag, vr, static_cast<std::uint32_t>(value.size()));
    text_ += value;
    return *this;
  }
  DatasetBytes& Raw(std::string_view bytes) {
    text_ += bytes;
    return *this;
  }
  /// What every dataset must have.
  DatasetBytes& Uids() {
    return Element(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.2")
        .Element(0x00080018, "UI", "1.2.3.4.5")
        .Element(0x0020000D, "UI", "1.2.3")
        .Element(0x0020000E, "UI", "1.2.3.4");
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  dicom_io::Encoding encoding_;
  std::string text_;
};

/// A Part-10 file around `dataset`.
inline std::string Part10File(const std::string& dataset,
                              std::string_view syntax,
                              bool preamble = true) {
  DatasetBytes meta;
  if (preamble) {
    meta.Raw(std::string(128, '\0')).Raw("DICM");
  }
  meta.Element(0x00020001, "OB", std::string("\0\1", 2)).Element(0x00020003, "UI", "1.2.3.4.5");
  return meta.Element(0x00020010, "UI", std::string(syntax)).Raw(dataset).text();
}

inline std::span<const std::byte> AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

inline std::string ReadText(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline std::vector<std::filesystem::path> FilesIn(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace necknode::tests
