#include "sr_writer/jpeg.h"

#include <array>
#include <csetjmp>
#include <cstdio>
#include <string>

#include <jpeglib.h>  // wants <cstdio> before it

#include "core/error.h"

namespace necknode::sr_writer {
namespace {

constexpr int kLargestSide = 65'500;  // JPEG_MAX_DIMENSION

// An encoder and what it leaves behind, without destructors: a failed call jumps out.
struct Encoder {
  jpeg_compress_struct state;
  jpeg_error_mgr errors;
  std::jmp_buf failed;
  std::array<char, JMSG_LENGTH_MAX> message;
  unsigned char* bytes;
  unsigned long size;
};

[[noreturn]] void Fail(j_common_ptr state) {
  auto* encoder = static_cast<Encoder*>(state->client_data);
  state->err->format_message(state, encoder->message.data());
  std::longjmp(encoder->failed, 1);
}

void Ignore(j_common_ptr) {}

// True where all went well.
bool Encode(Encoder& encoder, const unsigned char* grey, int rows, int columns, int quality) {
  jpeg_compress_struct& state = encoder.state;
  state.err = jpeg_std_error(&encoder.errors);
  encoder.errors.error_exit = Fail;
  encoder.errors.output_message = Ignore;
  state.client_data = &encoder;
  if (setjmp(encoder.failed) != 0)
    return false;
  jpeg_create_compress(&state);
  jpeg_mem_dest(&state, &encoder.bytes, &encoder.size);
  state.image_width = static_cast<JDIMENSION>(columns);
  state.image_height = static_cast<JDIMENSION>(rows);
  state.input_components = 1;
  state.in_color_space = JCS_GRAYSCALE;
  jpeg_set_defaults(&state);
  jpeg_set_quality(&state, quality, TRUE);
  jpeg_start_compress(&state, TRUE);
  while (state.next_scanline < state.image_height) {
    // The library takes rows that are not const, and does not change them.
    JSAMPROW row = const_cast<JSAMPROW>(grey) +
                   std::size_t{state.next_scanline} * static_cast<std::size_t>(columns);
    jpeg_write_scanlines(&state, &row, 1);
  }
  jpeg_finish_compress(&state);
  return true;
}

}  // namespace

std::vector<std::byte> EncodeJpeg(const GreyPicture& picture, int quality) {
  const auto count =
      static_cast<std::size_t>(picture.rows) * static_cast<std::size_t>(picture.columns);
  if (picture.rows <= 0 || picture.columns <= 0 || picture.rows > kLargestSide ||
      picture.columns > kLargestSide || picture.grey.size() != count || quality < 1 ||
      quality > 100)
    throw Error(ErrorCode::kInvalidArgument,
                std::to_string(picture.grey.size()) + " pixels for a picture of " +
                    std::to_string(picture.rows) + " rows of " + std::to_string(picture.columns) +
                    ", quality " + std::to_string(quality));
  // No picture needs more, so the library never makes a buffer of its own, which a failure would
  // leave behind.
  std::vector<std::byte> file(2 * (count + 16 * static_cast<std::size_t>(picture.rows) +
                                   16 * static_cast<std::size_t>(picture.columns) + 256) +
                              2048);
  Encoder encoder{};
  encoder.bytes = reinterpret_cast<unsigned char*>(file.data());
  encoder.size = file.size();
  const bool encoded = Encode(encoder, picture.grey.data(), picture.rows, picture.columns, quality);
  jpeg_destroy_compress(&encoder.state);
  if (!encoded || encoder.bytes != reinterpret_cast<unsigned char*>(file.data()))
    throw Error(ErrorCode::kInternal, std::string("libjpeg: ") + encoder.message.data());
  file.resize(encoder.size);
  file.shrink_to_fit();
  return file;
}

}  // namespace necknode::sr_writer
