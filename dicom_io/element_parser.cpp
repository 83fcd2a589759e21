#include "dicom_io/element_parser.h"

#include <algorithm>
#include <limits>

#include "core/error.h"
#include "dicom_io/value_text.h"

namespace necknode::dicom_io {

namespace {

constexpr std::uint32_t kItem = 0xFFFEE000, kItemDelimiter = 0xFFFEE00D,
                        kSequenceDelimiter = 0xFFFEE0DD;
constexpr std::uint32_t kPixelData = 0x7FE00010;
// The lowest group of a composite object's dataset; below are command, file meta and directory
// groups.
constexpr std::uint16_t kFirstGroup = 0x0008;

constexpr std::uint16_t Vr(char a, char b) {
  return static_cast<std::uint16_t>(static_cast<unsigned char>(a) << 8 |
                                    static_cast<unsigned char>(b));
}
constexpr std::uint16_t kNoVr = 0, kSq = Vr('S', 'Q'), kUn = Vr('U', 'N'), kOb = Vr('O', 'B'),
                        kOw = Vr('O', 'W');

// PS3.5 table 7.1-2: these have a length of two bytes; every other VR, future ones included, has
// one of four.
bool HasShortLength(std::uint16_t vr) {
  constexpr std::uint16_t kShort[] = {
      Vr('A', 'E'), Vr('A', 'S'), Vr('A', 'T'), Vr('C', 'S'), Vr('D', 'A'), Vr('D', 'S'),
      Vr('D', 'T'), Vr('F', 'D'), Vr('F', 'L'), Vr('I', 'S'), Vr('L', 'O'), Vr('L', 'T'),
      Vr('P', 'N'), Vr('S', 'H'), Vr('S', 'L'), Vr('S', 'S'), Vr('S', 'T'), Vr('T', 'M'),
      Vr('U', 'I'), Vr('U', 'L'), Vr('U', 'S')};
  return std::find(std::begin(kShort), std::end(kShort), vr) != std::end(kShort);
}

bool IsCapital(std::byte b) { return b >= std::byte{'A'} && b <= std::byte{'Z'}; }

}  // namespace

ElementParser::ElementParser(Encoding encoding, HeaderBuilder& headers) : headers_(headers) {
  frames_.reserve(2 * kMaxDepth + 2);
  frames_.push_back({.kind = FrameKind::kElements,
                     .until_delimiter = false,
                     .tentative = false,
                     .encoding = encoding,
                     .limit = std::numeric_limits<std::uint64_t>::max()});
}

std::uint16_t ElementParser::U16(std::size_t offset) const {
  const auto first = std::to_integer<std::uint32_t>(header_[offset]);
  const auto second = std::to_integer<std::uint32_t>(header_[offset + 1]);
  return static_cast<std::uint16_t>(frames_.back().encoding.big_endian ? first << 8 | second
                                                                       : second << 8 | first);
}

std::uint32_t ElementParser::U32(std::size_t offset) const {
  const std::uint32_t first = U16(offset), second = U16(offset + 2);
  return frames_.back().encoding.big_endian ? first << 16 | second : second << 16 | first;
}

std::uint32_t ElementParser::Tag() const { return std::uint32_t{U16(0)} << 16 | U16(2); }

void ElementParser::Feed(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    std::size_t taken = 0;
    if (skip_ > 0) {
      taken = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, bytes.size()));
      skip_ -= taken;
      position_ += taken;
    } else if (capture_left_ > 0) {
      taken = TakeValueBytes(bytes);
    } else {
      taken = TakeHeaderBytes(bytes);
    }
    bytes = bytes.subspan(taken);
  }
}

std::size_t ElementParser::TakeValueBytes(std::span<const std::byte> bytes) {
  const std::size_t taken = std::min(capture_left_, bytes.size());
  for (const std::byte b : bytes.first(taken)) {
    captured_ += std::to_integer<char>(b);
  }
  capture_left_ -= taken;
  position_ += taken;
  if (capture_left_ == 0) {
    headers_.Take(captured_tag_, captured_, frames_.back().encoding.big_endian);
  }
  return taken;
}

std::size_t ElementParser::TakeHeaderBytes(std::span<const std::byte> bytes) {
  if (header_size_ == 0) {
    CloseEndedFrames();
    if (skip_ > 0) {
      return 0;
    }
  }
  if (header_needed_ - header_size_ > BytesLeftInFrame()) {
    Reject("an element's head at byte " + std::to_string(position_) +
           " crosses the end of what holds it");
    return 0;
  }
  const std::size_t taken = std::min(header_needed_ - header_size_, bytes.size());
  std::copy_n(bytes.begin(), taken, header_.begin() + static_cast<std::ptrdiff_t>(header_size_));
  header_size_ += taken;
  position_ += taken;
  if (header_size_ == header_needed_) {
    HandleHeader();
  }
  return taken;
}

void ElementParser::CloseEndedFrames() {
  while (frames_.size() > 1 && BytesLeftInFrame() == 0) {
    if (frames_.back().until_delimiter) {
      Reject("a sequence or item of undefined length is not closed at byte " +
             std::to_string(position_));
      continue;
    }
    Pop();
  }
}

void ElementParser::HandleHeader() {
  const std::uint32_t tag = Tag();
  if (tag >> 16 == 0xFFFE) {
    HandleItemHeader(tag);
  } else if (frames_.back().kind == FrameKind::kElements) {
    HandleElementHeader();
    return;
  } else {
    Reject("element " + TagText(tag) + " stands where an item is expected, at byte " +
           std::to_string(position_ - 8));
  }
  header_size_ = 0;
  header_needed_ = 8;
}

void ElementParser::HandleItemHeader(std::uint32_t tag) {
  const std::uint32_t length = U32(4);
  const Frame& frame = frames_.back();
  const bool closes = (tag == kItemDelimiter && frame.kind == FrameKind::kElements) ||
                      (tag == kSequenceDelimiter && frame.kind != FrameKind::kElements);
  if (closes && frame.until_delimiter) {
    Pop();
  } else if (tag != kItem || frame.kind == FrameKind::kElements) {
    Reject("delimiter " + TagText(tag) + " in the wrong place, at byte " +
           std::to_string(position_ - 8));
  } else if (frame.kind == FrameKind::kItems) {
    Push(FrameKind::kElements, length, frame.encoding);
  } else if (length == kUndefinedLength || length > BytesLeftInFrame()) {
    Reject("a fragment of encapsulated data at byte " + std::to_string(position_ - 8) +
           " has a wrong length");
  } else {
    skip_ = length;
  }
}

void ElementParser::HandleElementHeader() {
  const std::uint32_t tag = Tag();
  std::uint16_t vr = kNoVr;
  std::uint32_t length = 0;
  if (!frames_.back().encoding.explicit_vr) {
    length = U32(4);
  } else {
    vr = Vr(std::to_integer<char>(header_[4]), std::to_integer<char>(header_[5]));
    if (HasShortLength(vr)) {
      length = U16(6);
    } else if (!IsCapital(header_[4]) || !IsCapital(header_[5])) {
      header_size_ = 0;
      header_needed_ = 8;
      Reject("element " + TagText(tag) + " at byte " + std::to_string(position_ - 8) +
             " has no value representation");
      return;
    } else if (header_needed_ == 8) {
      header_needed_ = 12;
      return;
    } else {
      length = U32(8);
    }
  }
  header_size_ = 0;
  header_needed_ = 8;
  HandleElement(tag, vr, length);
}

void ElementParser::HandleElement(std::uint32_t tag, std::uint16_t vr, std::uint32_t length) {
  if (++elements_ > kMaxElements) {
    throw Error(ErrorCode::kParse,
                "the dataset has more than " + std::to_string(kMaxElements) + " elements");
  }
  const bool top_level = frames_.size() == 1;
  if (top_level && tag >> 16 < kFirstGroup) {
    throw Error(ErrorCode::kParse, "element " + TagText(tag) + " does not belong in a dataset");
  }
  if (length == kUndefinedLength) {
    HandleUndefinedLength(tag, vr);
  } else if (length > BytesLeftInFrame()) {
    Reject("element " + TagText(tag) + " has length " + std::to_string(length) +
           ", which leads out of its item");
  } else if (top_level && HeaderBuilder::Wants(tag)) {
    if (length > HeaderBuilder::kMaxValueBytes) {
      throw Error(ErrorCode::kParse,
                  "element " + TagText(tag) + " has " + std::to_string(length) +
                      " bytes, the limit is " + std::to_string(HeaderBuilder::kMaxValueBytes));
    }
    captured_.clear();
    captured_tag_ = tag;
    capture_left_ = length;
    if (length == 0) {
      headers_.Take(tag, {}, frames_.back().encoding.big_endian);
    }
  } else if (vr == kSq) {
    Push(FrameKind::kItems, length, frames_.back().encoding);
  } else if (vr == kNoVr && length >= 8 && tag != kPixelData) {
    // Implicit encoding does not tell a sequence from other values; looking inside keeps the depth
    // bounded.
    Push(FrameKind::kItems, length, frames_.back().encoding, true);
  } else {
    skip_ = length;
  }
}

void ElementParser::HandleUndefinedLength(std::uint32_t tag, std::uint16_t vr) {
  const Encoding encoding = frames_.back().encoding;
  if (tag == kPixelData || vr == kOb || vr == kOw) {
    Push(FrameKind::kFragments, kUndefinedLength, encoding);
  } else if (vr == kSq || vr == kNoVr) {
    Push(FrameKind::kItems, kUndefinedLength, encoding);
  } else if (vr == kUn) {
    // PS3.5 section 6.2.2 note 4: whatever it holds is written in implicit little endian.
    Push(FrameKind::kItems, kUndefinedLength, {.explicit_vr = false, .big_endian = false});
  } else {
    Reject("element " + TagText(tag) + " may not have undefined length");
  }
}

void ElementParser::Push(FrameKind kind, std::uint32_t length, Encoding encoding, bool tentative) {
  const bool undefined = length == kUndefinedLength;
  if (!undefined && length > BytesLeftInFrame()) {
    Reject("an item at byte " + std::to_string(position_ - 8) + " has length " +
           std::to_string(length) + ", which leads out of its sequence");
    return;
  }
  if (kind == FrameKind::kElements && ++depth_ > kMaxDepth) {
    throw Error(ErrorCode::kParse, "sequences are nested deeper than " + std::to_string(kMaxDepth));
  }
  frames_.push_back({.kind = kind,
                     .until_delimiter = undefined,
                     .tentative = tentative,
                     .encoding = encoding,
                     .limit = undefined ? frames_.back().limit : position_ + length});
}

void ElementParser::Pop() {
  if (frames_.back().kind == FrameKind::kElements) {
    --depth_;
  }
  frames_.pop_back();
}

void ElementParser::Reject(const std::string& reason) {
  const auto tentative =
      std::find_if(frames_.rbegin(), frames_.rend(), [](const Frame& f) { return f.tentative; });
  if (tentative == frames_.rend()) {
    throw Error(ErrorCode::kParse, reason);
  }
  skip_ = tentative->limit - position_;
  const auto kept = static_cast<std::size_t>(frames_.rend() - tentative) - 1;
  while (frames_.size() > kept) {
    Pop();
  }
  header_size_ = 0;
  header_needed_ = 8;
}

void ElementParser::Finish() {
  if (header_size_ == 0 && skip_ == 0 && capture_left_ == 0) {
    CloseEndedFrames();
  }
  if (header_size_ != 0 || skip_ != 0 || capture_left_ != 0 || frames_.size() > 1) {
    throw Error(ErrorCode::kParse,
                "the dataset ends inside an element after " + std::to_string(position_) + " bytes");
  }
}

}  // namespace necknode::dicom_io
