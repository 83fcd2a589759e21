#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "dicom_io/element_parser.h"

namespace necknode::dicom_io {

/// Inflates a deflated dataset (PS3.5 A.5: raw deflate, RFC 1951) piece by piece into an
/// ElementParser.
class Inflater {
 public:
  /// More than any object that PACS exchange; the inflated bytes are never held together.
  static constexpr std::uint64_t kMaxBytes = 4ULL << 30;
  /// Below this the ratio is not judged: an empty image deflates nearly as far as deflate can,
  /// 1:1032.
  static constexpr std::uint64_t kFreeBytes = 64ULL << 20;
  static constexpr std::uint64_t kMaxRatio = 200;
  /// After the stream's end: one NUL that makes the length even, or the eight bytes of gzip's
  /// trailer that some writers leave there.
  static constexpr std::size_t kMaxTrailingBytes = 9;

  /// `parser` must outlive the inflater.
  explicit Inflater(ElementParser& parser);
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// Throws Error(kParse) at a byte that is no deflate stream, past a limit, and where the parser
  /// throws.
  void Feed(std::span<const std::byte> bytes);
  /// Throws Error(kParse) where the stream has not come to its end.
  void Finish();

 private:
  struct Stream;
  ElementParser& parser_;
  std::unique_ptr<Stream> stream_;
  std::uint64_t bytes_in_ = 0, bytes_out_ = 0;
  std::size_t trailing_ = 0;
  bool ended_ = false;
};

}  // namespace necknode::dicom_io
