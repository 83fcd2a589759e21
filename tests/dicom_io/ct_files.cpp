#include "tests/dicom_io/ct_files.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <stdexcept>

#include <dcmtk/dcmdata/dcostrmb.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmdata/dcrleerg.h>
#include <dcmtk/dcmjpeg/djencode.h>
#include <dcmtk/dcmjpls/djencode.h>
#include <openjpeg.h>

#include "tests/dicom_io/dataset_bytes.h"

namespace necknode::tests {

namespace {

void Check(const OFCondition& result) {
  if (result.bad()) {
    throw std::runtime_error(result.text());
  }
}

std::string Number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6f", value);
  return text;
}

std::vector<std::uint8_t> EncodeJpeg2000(const std::vector<Uint16>& words, int columns, int rows) {
  opj_image_cmptparm_t component{};
  component.dx = component.dy = 1;
  component.w = static_cast<OPJ_UINT32>(columns);
  component.h = static_cast<OPJ_UINT32>(rows);
  component.prec = 16;
  component.sgnd = 1;
  const std::unique_ptr<opj_image_t, decltype(&opj_image_destroy)> image(
      opj_image_create(1, &component, OPJ_CLRSPC_GRAY), opj_image_destroy);
  image->x1 = component.w;
  image->y1 = component.h;
  std::transform(words.begin(), words.end(), image->comps[0].data, [](Uint16 w) {
    return static_cast<Sint16>(w);
  });
  opj_cparameters_t parameters;
  opj_set_default_encoder_parameters(&parameters);
  parameters.numresolution = 2;
  const std::unique_ptr<opj_codec_t, decltype(&opj_destroy_codec)> codec(
      opj_create_compress(OPJ_CODEC_J2K), opj_destroy_codec);
  std::vector<std::uint8_t> bytes;
  const std::unique_ptr<opj_stream_t, decltype(&opj_stream_destroy)> stream(
      opj_stream_create(1 << 16, OPJ_FALSE), opj_stream_destroy);
  opj_stream_set_user_data(stream.get(), &bytes, nullptr);
  opj_stream_set_write_function(
      stream.get(), [](void* from, OPJ_SIZE_T count, void* user) -> OPJ_SIZE_T {
        auto& out = *static_cast<std::vector<std::uint8_t>*>(user);
        out.insert(
            out.end(), static_cast<std::uint8_t*>(from), static_cast<std::uint8_t*>(from) + count);
        return count;
      });
  if (!opj_setup_encoder(codec.get(), &parameters, image.get()) ||
      !opj_start_compress(codec.get(), image.get(), stream.get()) ||
      !opj_encode(codec.get(), stream.get()) || !opj_end_compress(codec.get(), stream.get())) {
    throw std::runtime_error("OpenJPEG cannot encode");
  }
  return bytes;
}

}  // namespace

int DefaultStored(int number, int x, int y) { return 100 * number + 7 * x - 3 * y; }

CtFile::CtFile(int number, Vec3 position) : number_(number) {
  static std::once_flag once;
  std::call_once(once, [] {
    DJEncoderRegistration::registerCodecs();
    DJLSEncoderRegistration::registerCodecs();
    DcmRLEEncoderRegistration::registerCodecs();
  });
  const std::string place =
      Number(position.x) + "\\" + Number(position.y) + "\\" + Number(position.z);
  Put(DCM_SOPClassUID, UID_CTImageStorage)
      .Put(DCM_SOPInstanceUID, ("1.2.3.4." + std::to_string(number)).c_str());
  Put(DCM_StudyInstanceUID, "1.2.3")
      .Put(DCM_SeriesInstanceUID, "1.2.3.4")
      .Put(DCM_FrameOfReferenceUID, "1.2.9");
  Put(DCM_PatientName, "Doe^Jane")
      .Put(DCM_Modality, "CT")
      .Put(DCM_InstanceNumber, std::to_string(number).c_str());
  Put(DCM_ImagePositionPatient, place.c_str()).Put(DCM_ImageOrientationPatient, "1\\0\\0\\0\\1\\0");
  Put(DCM_PixelSpacing, "0.5\\0.4").Put(DCM_SliceThickness, "2").Put(DCM_WindowCenter, "40\\60");
  Put(DCM_WindowWidth, "400\\300").Put(DCM_RescaleSlope, "1").Put(DCM_RescaleIntercept, "-1024");
  Put(DCM_PhotometricInterpretation, "MONOCHROME2").Put(DCM_SamplesPerPixel, Uint16{1});
  Put(DCM_Rows, Uint16{kTestRows})
      .Put(DCM_Columns, Uint16{kTestColumns})
      .Put(DCM_BitsAllocated, Uint16{16});
  Put(DCM_BitsStored, Uint16{16})
      .Put(DCM_HighBit, Uint16{15})
      .Put(DCM_PixelRepresentation, Uint16{1});
  Pixels([&](int x, int y) { return DefaultStored(number, x, y); });
}

CtFile& CtFile::Put(const DcmTagKey& tag, const char* value) {
  Check(dataset().putAndInsertString(tag, value));
  return *this;
}

CtFile& CtFile::Put(const DcmTagKey& tag, Uint16 value) {
  Check(dataset().putAndInsertUint16(tag, value));
  return *this;
}

CtFile& CtFile::Pixels(const std::function<int(int x, int y)>& stored) {
  std::vector<Uint16> words;
  for (int y = 0; y < kTestRows; ++y) {
    for (int x = 0; x < kTestColumns; ++x) {
      words.push_back(static_cast<Uint16>(stored(x, y)));
    }
  }
  Check(dataset().putAndInsertUint16Array(DCM_PixelData, words.data(), words.size()));
  return *this;
}

void CtFile::CompressJpeg2000() {
  const Uint16* words = nullptr;
  unsigned long count = 0;
  Check(dataset().findAndGetUint16Array(DCM_PixelData, words, &count));
  auto stream = EncodeJpeg2000({words, words + count}, kTestColumns, kTestRows);
  stream.resize(stream.size() + stream.size() % 2);
  auto* sequence = new DcmPixelSequence(DcmTag(DCM_PixelSequenceTag));
  Check(sequence->insert(new DcmPixelItem(DcmTag(DCM_PixelItemTag))));
  // In two fragments, as a standard-conforming frame may come.
  const std::size_t half = stream.size() / 4 * 2;
  for (const auto& [from, to] : {std::pair{std::size_t{0}, half}, {half, stream.size()}}) {
    auto* item = new DcmPixelItem(DcmTag(DCM_PixelItemTag));
    Check(item->putUint8Array(stream.data() + from, static_cast<unsigned long>(to - from)));
    Check(sequence->insert(item));
  }
  auto* data = new DcmPixelData(DCM_PixelData);
  data->putOriginalRepresentation(EXS_JPEG2000LosslessOnly, nullptr, sequence);
  Check(dataset().insert(data, OFTrue));
}

std::vector<std::byte> CtFile::Bytes(E_TransferSyntax syntax) {
  if (syntax == EXS_JPEG2000LosslessOnly) {
    CompressJpeg2000();
  } else {
    Check(dataset().chooseRepresentation(syntax, nullptr));
  }
  std::vector<std::byte> bytes(1 << 20);
  DcmOutputBufferStream stream(bytes.data(), static_cast<offile_off_t>(bytes.size()));
  file_.transferInit();
  Check(file_.validateMetaInfo(syntax));
  Check(file_.write(stream, syntax, EET_ExplicitLength, nullptr));
  stream.flush();
  file_.transferEnd();
  void* start = nullptr;
  offile_off_t size = 0;
  stream.flushBuffer(start, size);
  bytes.resize(static_cast<std::size_t>(size));
  return bytes;
}

dicom_io::SliceSource CtFile::Source(E_TransferSyntax syntax) {
  return BytesSource("slice-" + std::to_string(number_), Bytes(syntax));
}

std::vector<CtFile> AxialStack(int count, double spacing, double start) {
  std::vector<CtFile> files;
  files.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    files.emplace_back(i + 1, Vec3{-10, -20, start + spacing * i});
  }
  return files;
}

std::vector<dicom_io::SliceSource> Sources(std::vector<CtFile>& files) {
  std::vector<dicom_io::SliceSource> sources;
  for (auto& file : files) {
    sources.push_back(file.Source());
  }
  return sources;
}

dicom_io::SliceSource BytesSource(std::string name, std::vector<std::byte> bytes) {
  return {std::move(name), [bytes = std::move(bytes)] { return bytes; }};
}

dicom_io::SliceSource BytesSource(std::string name, const std::string& bytes) {
  const auto view = AsBytes(bytes);
  return BytesSource(std::move(name), std::vector<std::byte>(view.begin(), view.end()));
}

}  // namespace necknode::tests
