#include "dicom_io/inflater.h"

#include <algorithm>
#include <array>
#include <string>

#include <zlib.h>

#include "core/error.h"

namespace necknode::dicom_io {

struct Inflater::Stream {
  z_stream zlib{};
  std::array<std::byte, 64 * 1024> out;
};

Inflater::Inflater(ElementParser& parser) : parser_(parser), stream_(std::make_unique<Stream>()) {
  // A negative window size means raw deflate, without the zlib head.
  if (inflateInit2(&stream_->zlib, -MAX_WBITS) != Z_OK) {
    throw Error(ErrorCode::kInternal, "zlib could not be initialised");
  }
}

Inflater::~Inflater() { inflateEnd(&stream_->zlib); }

void Inflater::Feed(std::span<const std::byte> bytes) {
  z_stream& zlib = stream_->zlib;
  while (!bytes.empty() && !ended_) {
    const std::size_t given = std::min<std::size_t>(bytes.size(), 1U << 20);
    // zlib's interface predates const; it only reads here.
    zlib.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
    zlib.avail_in = static_cast<uInt>(given);
    do {
      zlib.next_out = reinterpret_cast<Bytef*>(stream_->out.data());
      zlib.avail_out = static_cast<uInt>(stream_->out.size());
      const uInt before = zlib.avail_in;
      const int result = inflate(&zlib, Z_NO_FLUSH);
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
        throw Error(
            ErrorCode::kParse,
            "the deflated dataset is damaged after " + std::to_string(bytes_in_) + " bytes");
      }
      const std::size_t made = stream_->out.size() - zlib.avail_out;
      bytes_in_ += before - zlib.avail_in;
      bytes_out_ += made;
      if (bytes_out_ > kMaxBytes ||
          (bytes_out_ > kFreeBytes && bytes_out_ / kMaxRatio > bytes_in_)) {
        throw Error(ErrorCode::kParse,
                    "the deflated dataset inflates beyond the limit of 1:" +
                        std::to_string(kMaxRatio) + " or " + std::to_string(kMaxBytes) + " bytes");
      }
      parser_.Feed(std::span<const std::byte>(stream_->out).first(made));
      ended_ = result == Z_STREAM_END;
    } while (!ended_ && (zlib.avail_in > 0 || zlib.avail_out == 0));
    bytes = bytes.subspan(given - zlib.avail_in);
  }
  trailing_ += bytes.size();
  if (trailing_ > kMaxTrailingBytes) {
    throw Error(ErrorCode::kParse, "bytes follow the end of the deflated dataset");
  }
}

void Inflater::Finish() {
  if (!ended_) {
    throw Error(
        ErrorCode::kParse,
        "the deflated dataset ends after " + std::to_string(bytes_in_) + " bytes, unfinished");
  }
}

}  // namespace necknode::dicom_io
