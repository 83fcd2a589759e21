#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include "core/geometry.h"
#include "dicom_io/volume_reader.h"

namespace necknode::tests {

inline constexpr int kTestRows = 10, kTestColumns = 12;

/// A small CT Image of kTestRows x kTestColumns signed 16-bit pixels, 0.5 mm between rows and 0.4
/// mm between columns, Rescale 1 and -1024. `number` is its Instance Number and part of its UID.
/// Tests change what they are about.
class CtFile {
 public:
  explicit CtFile(int number, Vec3 position = {});
  [[nodiscard]] DcmDataset& dataset() { return *file_.getDataset(); }
  CtFile& Put(const DcmTagKey& tag, const char* value);
  CtFile& Put(const DcmTagKey& tag, Uint16 value);
  /// Stored words of every pixel, by column and row.
  CtFile& Pixels(const std::function<int(int x, int y)>& stored);
  /// The file's bytes, compressed by DCMTK where the syntax asks for it (by OpenJPEG for JPEG
  /// 2000).
  [[nodiscard]] std::vector<std::byte> Bytes(E_TransferSyntax syntax = EXS_LittleEndianExplicit);
  /// The file as ReadVolume takes it.
  [[nodiscard]] dicom_io::SliceSource Source(E_TransferSyntax syntax = EXS_LittleEndianExplicit);

 private:
  void CompressJpeg2000();
  DcmFileFormat file_;
  int number_;
};

/// What CtFile's pixels are unless told otherwise: a pattern that differs in every slice.
[[nodiscard]] int DefaultStored(int number, int x, int y);

/// `count` slices along z, from `start` on, `spacing` mm apart, Instance Numbers from 1.
[[nodiscard]] std::vector<CtFile> AxialStack(int count, double spacing = 2, double start = 0);

[[nodiscard]] std::vector<dicom_io::SliceSource> Sources(std::vector<CtFile>& files);
[[nodiscard]] dicom_io::SliceSource BytesSource(std::string name, std::vector<std::byte> bytes);
[[nodiscard]] dicom_io::SliceSource BytesSource(std::string name, const std::string& bytes);

}  // namespace necknode::tests
