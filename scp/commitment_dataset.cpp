#include "scp/commitment_dataset.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/error.h"
#include "scp/bytes.h"

namespace necknode::scp {
namespace {

constexpr std::uint32_t kReferencedSopClass = 0x00081150, kReferencedSopInstance = 0x00081155;
constexpr std::uint32_t kTransaction = 0x00081195, kFailureReason = 0x00081197;
constexpr std::uint32_t kFailedSequence = 0x00081198, kReferencedSequence = 0x00081199;
constexpr std::uint32_t kItem = 0xFFFEE000, kItemEnd = 0xFFFEE00D, kSequenceEnd = 0xFFFEE0DD;
constexpr std::uint32_t kUndefinedLength = 0xFFFFFFFF;
// Ours are one level deep.
constexpr int kMaxDepth = 8;

struct Element {
  std::uint32_t tag = 0;
  std::uint32_t length = 0;
};

std::uint32_t ReadTag(ByteReader& reader) {
  const std::uint32_t group = reader.U16LittleEndian();
  return group << 16 | reader.U16LittleEndian();
}

// VRs with two reserved bytes and a length of four (PS3.5 7.1.2).
bool HasLongLength(std::string_view vr) {
  constexpr std::array<std::string_view, 13> kLong = {
      "OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"};
  return std::find(kLong.begin(), kLong.end(), vr) != kLong.end();
}

Element ReadElement(ByteReader& reader, bool explicit_vr) {
  Element element;
  element.tag = ReadTag(reader);
  const bool has_vr = explicit_vr && element.tag >> 16 != 0xFFFE;
  if (!has_vr) {
    element.length = reader.U32LittleEndian();
  } else if (HasLongLength(reader.TakeText(2))) {
    reader.Skip(2);
    element.length = reader.U32LittleEndian();
  } else {
    element.length = reader.U16LittleEndian();
  }
  return element;
}

class Decoder {
 public:
  explicit Decoder(bool explicit_vr) : explicit_vr_(explicit_vr) {}

  CommitmentDataset Decode(std::span<const std::byte> bytes) {
    ByteReader reader(bytes);
    Elements(reader, false, 0, [this](const Element& element, ByteReader& value) {
      if (element.tag == kTransaction) {
        dataset_.transaction_uid = ReadUid(value);
      } else if (element.tag == kReferencedSequence || element.tag == kFailedSequence) {
        Sequence(element, value);
        return true;
      }
      return false;
    });
    if (dataset_.transaction_uid.empty()) {
      throw Error(ErrorCode::kParse, "no Transaction UID");
    }
    return std::move(dataset_);
  }

 private:
  // Not as strict as the standard: leading zeros do occur.
  static Uid ReadUid(ByteReader value) {
    constexpr std::size_t kLongestUid = 64;
    const auto text = Trimmed(value.TakeText(value.left()));
    if (text.size() > kLongestUid ||
        text.find_first_not_of("0123456789.") != std::string_view::npos) {
      throw Error(ErrorCode::kParse, "what stands for a UID is none");
    }
    return Uid(text);
  }

  // Calls `take(element, reader)` for each element up to the end or, with `delimited`, the item's
  // delimiter. A value of defined length comes as a reader of its own; of undefined length, `take`
  // must read the sequence from the reader at hand and return true, or else it is skipped.
  template <typename Take>
  void Elements(ByteReader& reader, bool delimited, int depth, Take take) {
    while (delimited || reader.left() > 0) {
      const Element element = ReadElement(reader, explicit_vr_);
      if (element.tag == kItemEnd && delimited) {
        return;
      }
      if (element.length == kUndefinedLength) {
        if (!take(element, reader)) {
          SkipSequence(reader, depth + 1);
        }
        continue;
      }
      ByteReader value(reader.Take(element.length));
      take(element, value);
    }
  }

  // Calls `item(reader, delimited)` for each item of a sequence: to the reader's end or, with
  // `delimited`, the sequence's delimiter.
  template <typename ReadItem>
  void Items(ByteReader& reader, bool delimited, ReadItem item) {
    while (delimited || reader.left() > 0) {
      const std::uint32_t tag = ReadTag(reader);
      const std::uint32_t length = reader.U32LittleEndian();
      if (tag == kSequenceEnd && delimited) {
        return;
      }
      if (tag != kItem) {
        throw Error(ErrorCode::kParse, "a sequence holds something else than items");
      }
      if (length == kUndefinedLength) {
        item(reader, true);
      } else {
        ByteReader bytes(reader.Take(length));
        item(bytes, false);
      }
    }
  }

  void SkipSequence(ByteReader& reader, int depth) {
    if (depth > kMaxDepth) {
      throw Error(ErrorCode::kParse,
                  "sequences deeper than " + std::to_string(kMaxDepth) + " levels");
    }
    Items(reader, true, [this, depth](ByteReader& item, bool delimited) {
      if (delimited) {
        Elements(item, true, depth, [](const Element&, ByteReader&) { return false; });
      }
    });
  }

  void Sequence(const Element& element, ByteReader& reader) {
    Items(reader,
          element.length == kUndefinedLength,
          [this, &element](ByteReader& bytes, bool delimited) {
            storage::RequestedCommitment item;
            Elements(bytes, delimited, 1, [&item](const Element& inner, ByteReader& value) {
              if (inner.length == kUndefinedLength) {
                return false;
              }
              if (inner.tag == kReferencedSopClass) {
                item.reference.sop_class_uid = ReadUid(value);
              } else if (inner.tag == kReferencedSopInstance) {
                item.reference.sop_instance_uid = ReadUid(value);
              } else if (inner.tag == kFailureReason) {
                item.failure_reason = value.U16LittleEndian();
              }
              return false;
            });
            Add(element.tag, item);
          });
  }

  void Add(std::uint32_t sequence, const storage::RequestedCommitment& item) {
    if (item.reference.sop_instance_uid.empty()) {
      throw Error(ErrorCode::kParse, "an item without Referenced SOP Instance UID");
    }
    if (sequence == kReferencedSequence) {
      dataset_.referenced.push_back(item.reference);
    } else {
      dataset_.failed.push_back(item);
    }
  }

  const bool explicit_vr_;
  CommitmentDataset dataset_;
};

class Encoder {
 public:
  explicit Encoder(bool explicit_vr) : explicit_vr_(explicit_vr) {}

  void Uids(std::uint32_t tag, const Uid& uid) {
    std::string text = uid.value();
    text.append(text.size() % 2, '\0');
    Value(tag, "UI", std::as_bytes(std::span(text)));
  }
  void Number(std::uint32_t tag, std::uint16_t number) {
    ByteWriter value;
    value.U16LittleEndian(number);
    Value(tag, "US", std::move(value).Take());
  }
  void Item(std::span<const std::byte> content) {
    Tag(kItem);
    writer_.U32LittleEndian(content.size());
    writer_.Bytes(content);
  }
  void Sequence(std::uint32_t tag, std::span<const std::byte> items) {
    Tag(tag);
    if (explicit_vr_) {
      writer_.Text("SQ");
      writer_.U16LittleEndian(0);
    }
    writer_.U32LittleEndian(items.size());
    writer_.Bytes(items);
  }
  [[nodiscard]] std::vector<std::byte> Take() { return std::move(writer_).Take(); }

 private:
  void Tag(std::uint32_t tag) {
    writer_.U16LittleEndian(tag >> 16);
    writer_.U16LittleEndian(tag & 0xFFFFU);
  }
  void Value(std::uint32_t tag, std::string_view vr, std::span<const std::byte> value) {
    Tag(tag);
    if (explicit_vr_) {
      writer_.Text(vr);
      writer_.U16LittleEndian(value.size());
    } else {
      writer_.U32LittleEndian(value.size());
    }
    writer_.Bytes(value);
  }

  const bool explicit_vr_;
  ByteWriter writer_;
};

std::vector<std::byte> EncodeReference(const storage::SopReference& reference,
                                       std::uint16_t failure_reason,
                                       bool explicit_vr) {
  Encoder item(explicit_vr);
  item.Uids(kReferencedSopClass, reference.sop_class_uid);
  item.Uids(kReferencedSopInstance, reference.sop_instance_uid);
  if (failure_reason != 0) {
    item.Number(kFailureReason, failure_reason);
  }
  return item.Take();
}

}  // namespace

CommitmentDataset DecodeCommitment(std::span<const std::byte> bytes, bool explicit_vr) {
  return Decoder(explicit_vr).Decode(bytes);
}

std::vector<std::byte> EncodeCommitment(const CommitmentDataset& dataset, bool explicit_vr) {
  Encoder encoder(explicit_vr), failed(explicit_vr), referenced(explicit_vr);
  encoder.Uids(kTransaction, dataset.transaction_uid);
  for (const auto& item : dataset.failed) {
    failed.Item(EncodeReference(item.reference, item.failure_reason, explicit_vr));
  }
  for (const auto& reference : dataset.referenced) {
    referenced.Item(EncodeReference(reference, 0, explicit_vr));
  }
  if (!dataset.failed.empty()) {
    encoder.Sequence(kFailedSequence, failed.Take());
  }
  if (!dataset.referenced.empty()) {
    encoder.Sequence(kReferencedSequence, referenced.Take());
  }
  return encoder.Take();
}

}  // namespace necknode::scp
