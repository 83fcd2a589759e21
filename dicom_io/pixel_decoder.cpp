#include "dicom_io/pixel_decoder.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <optional>
#include <string>

#include <dcmtk/dcmdata/dccodec.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmjpeg/djdecode.h>
#include <dcmtk/dcmjpls/djdecode.h>

#include "core/error.h"
#include "dicom_io/jpeg2000.h"
#include "dicom_io/jpeg_header.h"
#include "dicom_io/rle.h"
#include "dicom_io/transfer_syntax.h"

namespace necknode::dicom_io {

namespace {

// Sides of an image; CT detectors give at most 1024, reconstructions 2048.
constexpr int kMaxSide = 8192;
constexpr int kMaxFrames = 20'000;

void RegisterDecoders() {
  static std::once_flag once;
  std::call_once(once, [] {
    OFLog::getLogger("dcmtk").setLogLevel(OFLogger::OFF_LOG_LEVEL);
    DJDecoderRegistration::registerCodecs();
    DJLSDecoderRegistration::registerCodecs();
  });
}

std::optional<int> FindUnsigned(DcmDataset& dataset, const DcmTagKey& tag) {
  Uint16 value = 0;
  return dataset.findAndGetUint16(tag, value).good() ? std::optional<int>(value) : std::nullopt;
}

int Demand(DcmDataset& dataset, const DcmTagKey& tag, const char* name) {
  const auto value = FindUnsigned(dataset, tag);
  if (!value) {
    throw Error(ErrorCode::kParse, std::string("the image has no ") + name);
  }
  return *value;
}

}  // namespace

PixelFormat ReadPixelFormat(DcmDataset& dataset) {
  PixelFormat format;
  format.rows = Demand(dataset, DCM_Rows, "Rows");
  format.columns = Demand(dataset, DCM_Columns, "Columns");
  format.bits_allocated = Demand(dataset, DCM_BitsAllocated, "Bits Allocated");
  format.bits_stored = Demand(dataset, DCM_BitsStored, "Bits Stored");
  format.high_bit = FindUnsigned(dataset, DCM_HighBit).value_or(format.bits_stored - 1);
  format.is_signed = Demand(dataset, DCM_PixelRepresentation, "Pixel Representation") == 1;
  if (format.rows < 1 || format.columns < 1 || format.rows > kMaxSide ||
      format.columns > kMaxSide) {
    throw Error(ErrorCode::kUnsupported,
                "an image of " + std::to_string(format.rows) + " x " +
                    std::to_string(format.columns) + " pixels, the limit is " +
                    std::to_string(kMaxSide));
  }
  if (format.bits_allocated != 8 && format.bits_allocated != 16) {
    throw Error(
        ErrorCode::kUnsupported,
        "Bits Allocated is " + std::to_string(format.bits_allocated) + ", 8 and 16 are read");
  }
  if (format.bits_stored < 1 || format.bits_stored > format.bits_allocated ||
      format.high_bit < format.bits_stored - 1 || format.high_bit >= format.bits_allocated) {
    throw Error(ErrorCode::kParse,
                "Bits Stored " + std::to_string(format.bits_stored) + " and High Bit " +
                    std::to_string(format.high_bit) + " do not fit into Bits Allocated " +
                    std::to_string(format.bits_allocated));
  }
  OFString photometric;
  dataset.findAndGetOFString(DCM_PhotometricInterpretation, photometric);
  format.monochrome1 = photometric == "MONOCHROME1";
  if ((!format.monochrome1 && photometric != "MONOCHROME2") ||
      FindUnsigned(dataset, DCM_SamplesPerPixel).value_or(1) != 1) {
    throw Error(ErrorCode::kUnsupported,
                "not a grey image: Photometric Interpretation is neither MONOCHROME1 nor 2");
  }
  Sint32 frames = 1;
  if (dataset.tagExistsWithValue(DCM_NumberOfFrames) &&
      (dataset.findAndGetSint32(DCM_NumberOfFrames, frames).bad() || frames < 1 ||
       frames > kMaxFrames)) {
    throw Error(ErrorCode::kParse,
                "Number of Frames is not a number from 1 to " + std::to_string(kMaxFrames));
  }
  format.frames = frames;
  return format;
}

E_TransferSyntax DcmtkTransferSyntax(const Uid& transfer_syntax) {
  RegisterDecoders();
  if (IsJpeg2000(transfer_syntax)) {
    return EXS_JPEG2000;
  }
  const DcmXfer known(transfer_syntax.value().c_str());
  const E_TransferSyntax xfer = known.getXfer();
  const bool decodable = !known.isEncapsulated() || xfer == EXS_RLELossless ||
                         DcmCodecList::canChangeCoding(xfer, EXS_LittleEndianExplicit);
  if (xfer == EXS_Unknown || !decodable) {
    throw Error(ErrorCode::kUnsupported,
                "no decoder for transfer syntax " + transfer_syntax.value());
  }
  return xfer;
}

PixelDecoder::PixelDecoder(DcmDataset& dataset,
                           const Uid& transfer_syntax,
                           const PixelFormat& format)
    : dataset_(dataset), format_(format) {
  DcmElement* element = nullptr;
  if (dataset.findAndGetElement(DCM_PixelData, element).bad()) {
    throw Error(ErrorCode::kParse, "the image has no Pixel Data");
  }
  pixel_data_ = dynamic_cast<DcmPixelData*>(element);
  if (pixel_data_ == nullptr) {
    throw Error(ErrorCode::kParse, "the image's Pixel Data is not of a pixel type");
  }
  if (IsJpeg2000(transfer_syntax) || transfer_syntax.value() == kRleLossless) {
    codec_ = IsJpeg2000(transfer_syntax) ? Codec::kJpeg2000 : Codec::kRle;
    CollectFragments();
    AssignFragments();
    words_.resize(format_.PixelsPerFrame());
    return;
  }
  const std::uint64_t frame_bytes =
      format_.PixelsPerFrame() * static_cast<unsigned>(format_.bits_allocated / 8);
  if (!DcmXfer(dataset.getOriginalXfer()).isEncapsulated()) {
    const std::uint64_t expected = frame_bytes * static_cast<unsigned>(format_.frames);
    if (pixel_data_->getLength() < expected) {
      throw Error(ErrorCode::kParse,
                  "Pixel Data has " + std::to_string(pixel_data_->getLength()) + " bytes, " +
                      std::to_string(expected) + " expected");
    }
    Uint16* words = nullptr;
    if (format_.bits_allocated == 16 && pixel_data_->getUint16Array(words).good()) {
      codec_ = Codec::kNative;
      native_ = words;
      return;
    }
  } else {
    CollectFragments();
  }
  // DCMTK writes whole words.
  bytes_.resize(frame_bytes + frame_bytes % 2);
  words_.resize(format_.PixelsPerFrame());
}

std::span<const std::uint16_t> PixelDecoder::NextFrame() {
  const std::size_t pixels = format_.PixelsPerFrame();
  if (codec_ == Codec::kNative) {
    return {native_ + static_cast<std::size_t>(next_++) * pixels, pixels};
  }
  if (codec_ == Codec::kJpeg2000 || codec_ == Codec::kRle) {
    DecodeFragments();
  } else {
    DecodeByDcmtk();
  }
  ++next_;
  return words_;
}

// DCMTK's decoders leave the rest of a frame empty where the stream has fewer pixels than the
// dataset.
void PixelDecoder::CheckJpegHeader() const {
  constexpr std::size_t kEnough = 64 * 1024;
  std::vector<std::byte> start;
  std::optional<JpegHeader> header;
  for (std::size_t i = next_fragment_ - 1;
       i < fragments_.size() && !header && start.size() < kEnough;
       ++i) {
    const auto part = fragments_[i].first(std::min(fragments_[i].size(), kEnough));
    start.insert(start.end(), part.begin(), part.end());
    header = ReadJpegHeader(start);
  }
  const std::string frame = "frame " + std::to_string(next_ + 1);
  if (!header) {
    throw Error(ErrorCode::kParse, frame + " has no JPEG header");
  }
  if (header->rows != format_.rows || header->columns != format_.columns) {
    throw Error(ErrorCode::kParse,
                frame + " has " + std::to_string(header->rows) + " x " +
                    std::to_string(header->columns) + " pixels, the dataset " +
                    std::to_string(format_.rows) + " x " + std::to_string(format_.columns));
  }
  if (header->components != 1 || (header->precision > 8) != (format_.bits_allocated == 16)) {
    throw Error(ErrorCode::kUnsupported,
                frame + " has " + std::to_string(header->components) + " components of " +
                    std::to_string(header->precision) + " bits, Bits Allocated is " +
                    std::to_string(format_.bits_allocated));
  }
}

void PixelDecoder::DecodeByDcmtk() {
  if (!fragments_.empty()) {
    CheckJpegHeader();
  }
  OFString color_model;
  std::fill(bytes_.begin(), bytes_.end(), std::uint8_t{0});
  const OFCondition result = pixel_data_->getUncompressedFrame(&dataset_,
                                                               static_cast<Uint32>(next_),
                                                               next_fragment_,
                                                               bytes_.data(),
                                                               static_cast<Uint32>(bytes_.size()),
                                                               color_model);
  if (result.bad()) {
    throw Error(ErrorCode::kParse,
                "frame " + std::to_string(next_ + 1) + " cannot be decoded: " + result.text());
  }
  if (format_.bits_allocated == 8) {
    std::copy_n(bytes_.begin(), words_.size(), words_.begin());
  } else {
    std::memcpy(words_.data(), bytes_.data(), words_.size() * sizeof(std::uint16_t));
  }
}

void PixelDecoder::CollectFragments() {
  DcmPixelSequence* sequence = nullptr;
  if (pixel_data_->getEncapsulatedRepresentation(dataset_.getOriginalXfer(), nullptr, sequence)
          .bad() ||
      sequence == nullptr || sequence->card() < 2) {
    throw Error(ErrorCode::kParse, "the image's Pixel Data holds no compressed fragment");
  }
  std::uint32_t offset = 0;
  bool table = true;
  for (DcmObject* object = sequence->nextInContainer(nullptr); object != nullptr;
       object = sequence->nextInContainer(object)) {
    auto* item = static_cast<DcmPixelItem*>(object);
    Uint8* data = nullptr;
    if (item->getLength() > 0 && item->getUint8Array(data).bad()) {
      throw Error(
          ErrorCode::kParse,
          "fragment " + std::to_string(fragments_.size()) + " of Pixel Data cannot be read");
    }
    const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data),
                                           item->getLength());
    if (table) {
      frame_offsets_.resize(bytes.size() / 4);
      if (!frame_offsets_.empty()) {
        std::memcpy(frame_offsets_.data(), bytes.data(), frame_offsets_.size() * 4);
      }
      table = false;
      continue;
    }
    fragments_.push_back(bytes);
    fragment_offsets_.push_back(offset);
    offset += 8 + item->getLength();
  }
}

void PixelDecoder::AssignFragments() {
  const auto frames = static_cast<std::size_t>(format_.frames);
  if (frames == 1) {
    first_fragment_ = {0};
  } else if (fragments_.size() == frames) {
    for (std::size_t i = 0; i < frames; ++i) {
      first_fragment_.push_back(i);
    }
  } else if (frame_offsets_.size() == frames) {
    for (const std::uint32_t offset : frame_offsets_) {
      const auto found = std::find(fragment_offsets_.begin(), fragment_offsets_.end(), offset);
      first_fragment_.push_back(static_cast<std::size_t>(found - fragment_offsets_.begin()));
    }
  } else {
    // Without an offset table a codestream's first marker (SOC, FF4F) shows where a frame begins.
    for (std::size_t i = 0; i < fragments_.size(); ++i) {
      if (fragments_[i].size() >= 2 && fragments_[i][0] == std::byte{0xFF} &&
          fragments_[i][1] == std::byte{0x4F}) {
        first_fragment_.push_back(i);
      }
    }
  }
  first_fragment_.push_back(fragments_.size());
  if (first_fragment_.size() != frames + 1 ||
      !std::is_sorted(first_fragment_.begin(), first_fragment_.end())) {
    throw Error(ErrorCode::kParse,
                std::to_string(fragments_.size()) +
                    " fragments of Pixel Data cannot be told apart into " + std::to_string(frames) +
                    " frames");
  }
}

void PixelDecoder::DecodeFragments() {
  const auto frame = static_cast<std::size_t>(next_);
  const std::size_t first = first_fragment_[frame], end = first_fragment_[frame + 1];
  std::span<const std::byte> stream =
      first < end ? fragments_[first] : std::span<const std::byte>();
  std::vector<std::byte> joined;
  if (end - first > 1) {
    for (std::size_t i = first; i < end; ++i) {
      joined.insert(joined.end(), fragments_[i].begin(), fragments_[i].end());
    }
    stream = joined;
  }
  if (codec_ == Codec::kRle) {
    DecodeRle(stream, format_.bits_allocated / 8, words_);
  } else {
    DecodeJpeg2000(stream, format_.rows, format_.columns, format_.is_signed, words_);
  }
}

}  // namespace necknode::dicom_io
