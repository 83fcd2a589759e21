#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "dicom_io/header_builder.h"
#include "dicom_io/transfer_syntax.h"

namespace necknode::dicom_io {

/// Walks the data elements of one dataset (PS3.5 section 7), given in pieces of any size, and hands
/// the wanted top-level values to a HeaderBuilder. One loop and one bounded stack: no recursion, no
/// tree. Values that are not wanted are passed over without being kept.
class ElementParser {
 public:
  /// Sequences inside sequences; real objects stay below ten.
  static constexpr int kMaxDepth = 64;
  /// Elements in all levels together; an Enhanced CT of 10,000 frames has about a million.
  static constexpr std::uint64_t kMaxElements = 1ULL << 24;

  /// `headers` must outlive the parser.
  ElementParser(Encoding encoding, HeaderBuilder& headers);

  /// Throws Error(kParse) at the first byte that cannot belong to a dataset; the parser is of no
  /// use afterwards.
  void Feed(std::span<const std::byte> bytes);
  /// Throws Error(kParse) where the last byte fed does not end a top-level element.
  void Finish();

 private:
  enum class FrameKind { kElements, kItems, kFragments };
  // What the parser is inside of. `limit` is the position that it must not pass: its own end or
  // that of what holds it.
  struct Frame {
    FrameKind kind = FrameKind::kElements;
    bool until_delimiter = false;  // of undefined length
    bool tentative = false;        // an implicit value that may be a sequence or just bytes
    Encoding encoding;
    std::uint64_t limit = 0;
  };
  static constexpr std::uint32_t kUndefinedLength = 0xFFFFFFFF;

  [[nodiscard]] std::uint16_t U16(std::size_t offset) const;
  [[nodiscard]] std::uint32_t U32(std::size_t offset) const;
  [[nodiscard]] std::uint32_t Tag() const;
  [[nodiscard]] std::uint64_t BytesLeftInFrame() const { return frames_.back().limit - position_; }

  std::size_t TakeValueBytes(std::span<const std::byte> bytes);
  std::size_t TakeHeaderBytes(std::span<const std::byte> bytes);
  void CloseEndedFrames();
  void HandleHeader();
  void HandleElementHeader();
  void HandleItemHeader(std::uint32_t tag);
  void HandleElement(std::uint32_t tag, std::uint16_t vr, std::uint32_t length);
  void HandleUndefinedLength(std::uint32_t tag, std::uint16_t vr);
  void Push(FrameKind kind, std::uint32_t length, Encoding encoding, bool tentative = false);
  void Pop();
  // Throws, or where a tentative frame is open gives that one up: it was no sequence after all.
  void Reject(const std::string& reason);

  HeaderBuilder& headers_;
  std::vector<Frame> frames_;
  std::uint64_t position_ = 0;
  std::uint64_t elements_ = 0;
  int depth_ = 0;
  std::array<std::byte, 12> header_{};
  std::size_t header_size_ = 0, header_needed_ = 8;
  std::uint64_t skip_ = 0;        // bytes of a value still to pass over
  std::size_t capture_left_ = 0;  // bytes of a wanted value still to come
  std::uint32_t captured_tag_ = 0;
  std::string captured_;
};

}  // namespace necknode::dicom_io
