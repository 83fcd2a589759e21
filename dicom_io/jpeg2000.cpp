#include "dicom_io/jpeg2000.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string>

#include <openjpeg.h>

#include "core/error.h"

namespace necknode::dicom_io {

namespace {

struct CodecEnd {
  void operator()(opj_codec_t* codec) const { opj_destroy_codec(codec); }
};
struct StreamEnd {
  void operator()(opj_stream_t* stream) const { opj_stream_destroy(stream); }
};
struct ImageEnd {
  void operator()(opj_image_t* image) const { opj_image_destroy(image); }
};

struct Memory {
  std::span<const std::byte> bytes;
  std::size_t position = 0;
};

OPJ_SIZE_T ReadMemory(void* buffer, OPJ_SIZE_T count, void* user) {
  auto& memory = *static_cast<Memory*>(user);
  const std::size_t taken = std::min(count, memory.bytes.size() - memory.position);
  if (taken == 0) {
    return static_cast<OPJ_SIZE_T>(-1);
  }
  std::memcpy(buffer, memory.bytes.data() + memory.position, taken);
  memory.position += taken;
  return taken;
}

OPJ_OFF_T SkipMemory(OPJ_OFF_T count, void* user) {
  auto& memory = *static_cast<Memory*>(user);
  if (count < 0 || static_cast<std::uint64_t>(count) > memory.bytes.size() - memory.position) {
    return -1;
  }
  memory.position += static_cast<std::size_t>(count);
  return count;
}

OPJ_BOOL SeekMemory(OPJ_OFF_T position, void* user) {
  auto& memory = *static_cast<Memory*>(user);
  if (position < 0 || static_cast<std::uint64_t>(position) > memory.bytes.size()) {
    return OPJ_FALSE;
  }
  memory.position = static_cast<std::size_t>(position);
  return OPJ_TRUE;
}

// OpenJPEG's messages speak of the codestream only, never of the patient. The first one names the
// cause.
void KeepFirst(const char* message, void* user) {
  auto& kept = *static_cast<std::string*>(user);
  if (kept.empty()) {
    kept = message;
    kept.erase(std::find(kept.begin(), kept.end(), '\n'), kept.end());
  }
}

bool IsJp2File(std::span<const std::byte> bytes) {
  constexpr std::array<unsigned char, 8> kSignature = {0, 0, 0, 12, 'j', 'P', ' ', ' '};
  return bytes.size() >= kSignature.size() &&
         std::memcmp(bytes.data(), kSignature.data(), kSignature.size()) == 0;
}

std::unique_ptr<opj_image_t, ImageEnd> Decode(Memory& memory, int rows, int columns) {
  const std::unique_ptr<opj_codec_t, CodecEnd> codec(
      opj_create_decompress(IsJp2File(memory.bytes) ? OPJ_CODEC_JP2 : OPJ_CODEC_J2K));
  const std::unique_ptr<opj_stream_t, StreamEnd> stream(opj_stream_create(1 << 20, OPJ_TRUE));
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  if (!codec || !stream || !opj_setup_decoder(codec.get(), &parameters)) {
    throw Error(ErrorCode::kInternal, "OpenJPEG could not be initialised");
  }
  std::string cause;
  opj_set_error_handler(codec.get(), KeepFirst, &cause);
  opj_stream_set_user_data(stream.get(), &memory, nullptr);
  opj_stream_set_user_data_length(stream.get(), memory.bytes.size());
  opj_stream_set_read_function(stream.get(), ReadMemory);
  opj_stream_set_skip_function(stream.get(), SkipMemory);
  opj_stream_set_seek_function(stream.get(), SeekMemory);

  opj_image_t* raw = nullptr;
  const bool head = opj_read_header(stream.get(), codec.get(), &raw) != 0;
  std::unique_ptr<opj_image_t, ImageEnd> image(raw);
  if (!head || !image) {
    throw Error(ErrorCode::kParse, "the JPEG 2000 codestream cannot be read: " + cause);
  }
  // Judged before decoding, so that a false size costs no memory.
  if (image->numcomps != 1) {
    throw Error(ErrorCode::kUnsupported,
                "a JPEG 2000 codestream of " + std::to_string(image->numcomps) +
                    " components is not a CT image");
  }
  const auto& grey = image->comps[0];
  if (std::int64_t{grey.w} != columns || std::int64_t{grey.h} != rows) {
    throw Error(ErrorCode::kParse,
                "the JPEG 2000 codestream has " + std::to_string(grey.h) + " x " +
                    std::to_string(grey.w) + " pixels, the dataset " + std::to_string(rows) +
                    " x " + std::to_string(columns));
  }
  if (!opj_decode(codec.get(), stream.get(), image.get()) ||
      !opj_end_decompress(codec.get(), stream.get()) || image->comps[0].data == nullptr) {
    throw Error(ErrorCode::kParse, "the JPEG 2000 codestream cannot be decoded: " + cause);
  }
  return image;
}

}  // namespace

void DecodeJpeg2000(std::span<const std::byte> bytes,
                    int rows,
                    int columns,
                    bool is_signed,
                    std::span<std::uint16_t> words) {
  Memory memory{bytes, 0};
  const auto image = Decode(memory, rows, columns);
  const auto& grey = image->comps[0];
  if (grey.prec > 16) {
    throw Error(ErrorCode::kUnsupported, "JPEG 2000 of " + std::to_string(grey.prec) + " bits");
  }
  const std::span<const OPJ_INT32> values(grey.data, words.size());
  if ((grey.sgnd != 0) == is_signed) {
    std::transform(values.begin(), values.end(), words.begin(), [](OPJ_INT32 v) {
      return static_cast<std::uint16_t>(v);
    });
    return;
  }
  const unsigned unused = 32 - grey.prec;
  std::transform(values.begin(), values.end(), words.begin(), [&](OPJ_INT32 v) {
    const std::uint32_t top = static_cast<std::uint32_t>(v) << unused;
    return static_cast<std::uint16_t>(is_signed ? static_cast<std::int32_t>(top) >> unused
                                                : static_cast<std::int32_t>(top >> unused));
  });
}

}  // namespace necknode::dicom_io
