#include "sr_writer/read_capture.h"

#include "core/error.h"
#include "sr_writer/character_set.h"

namespace necknode::sr_writer {
namespace {

bool ReadPicture(DcmItem& dataset, KeyPicture& picture) {
  constexpr Uint16 kMaxSide = 4096, kSamples = 3, kBits = 8;
  Uint16 rows = 0;
  Uint16 columns = 0;
  Uint16 samples = 0;
  Uint16 bits = 0;
  Uint16 planar = 0;
  const Uint8* pixels = nullptr;
  unsigned long count = 0;
  if (dataset.findAndGetUint16(DCM_Rows, rows).bad() ||
      dataset.findAndGetUint16(DCM_Columns, columns).bad() ||
      dataset.findAndGetUint16(DCM_SamplesPerPixel, samples).bad() ||
      dataset.findAndGetUint16(DCM_BitsAllocated, bits).bad() ||
      dataset.findAndGetUint16(DCM_PlanarConfiguration, planar).bad() ||
      Get(dataset, DCM_PhotometricInterpretation) != "RGB" || samples != kSamples ||
      bits != kBits || planar != 0 || rows == 0 || columns == 0 || rows > kMaxSide ||
      columns > kMaxSide || dataset.findAndGetUint8Array(DCM_PixelData, pixels, &count).bad() ||
      pixels == nullptr)
    return false;
  const std::size_t needed = std::size_t{kSamples} * rows * columns;
  if (count < needed)
    return false;
  picture.rows = rows;
  picture.columns = columns;
  picture.rgb.assign(pixels, pixels + needed);
  return true;
}

}  // namespace

std::optional<ReadCapture> ReadCaptureFrom(std::span<const std::byte> part10) {
  std::unique_ptr<DcmFileFormat> file;
  try {
    file = ParsePart10(part10);
  } catch (const Error&) {
    return std::nullopt;
  }
  DcmDataset& dataset = *file->getDataset();
  ReadCapture capture;
  if (!ReadPicture(dataset, capture.picture))
    return std::nullopt;
  capture.study_instance_uid = Get(dataset, DCM_StudyInstanceUID);
  capture.derivation = Get(dataset, DCM_DerivationDescription);
  capture.is_index = Get(dataset, DCM_PatientOrientation) == "L\\F";
  DcmSequenceOfItems* sources = nullptr;
  if (dataset.findAndGetSequence(DCM_SourceImageSequence, sources).good() && sources != nullptr) {
    for (unsigned long i = 0; i < sources->card(); ++i) {
      DcmItem& source = *sources->getItem(i);
      capture.sources.push_back({Get(source, DCM_ReferencedSOPClassUID),
                                 Get(source, DCM_ReferencedSOPInstanceUID),
                                 Get(source, DCM_ReferencedFrameNumber)});
    }
  }
  return capture;
}

}  // namespace necknode::sr_writer
