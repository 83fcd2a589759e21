#include "scp/commitment_dataset.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "scp/bytes.h"

namespace necknode::scp {
namespace {

CommitmentDataset Sample() {
  CommitmentDataset dataset;
  dataset.transaction_uid = Uid("1.2.3");
  dataset.referenced = {{Uid("1.2.840.10008.5.1.4.1.1.2"), Uid("1.2.3.4")},
                        {Uid("1.2.840.10008.5.1.4.1.1.2"), Uid("1.2.3.41")}};
  dataset.failed = {{{Uid("1.2.840.10008.5.1.4.1.1.7"), Uid("1.2.3.5")}, 0x0112}};
  return dataset;
}

void ExpectSample(const CommitmentDataset& dataset) {
  EXPECT_EQ(dataset.transaction_uid, Sample().transaction_uid);
  EXPECT_EQ(dataset.referenced, Sample().referenced);
  ASSERT_EQ(dataset.failed.size(), 1U);
  EXPECT_EQ(dataset.failed[0].reference, Sample().failed[0].reference);
  EXPECT_EQ(dataset.failed[0].failure_reason, 0x0112);
}

// An explicit element with a length of two bytes.
void Short(ByteWriter& writer, unsigned element, std::string_view vr, std::string_view value) {
  writer.U16LittleEndian(0x0008);
  writer.U16LittleEndian(element);
  writer.Text(vr);
  writer.U16LittleEndian(value.size());
  writer.Text(value);
}

void Tag(ByteWriter& writer, unsigned group, unsigned element, std::uint32_t length) {
  writer.U16LittleEndian(group);
  writer.U16LittleEndian(element);
  writer.U32LittleEndian(length);
}

void SequenceOfUndefinedLength(ByteWriter& writer, unsigned element) {
  writer.U16LittleEndian(0x0008);
  writer.U16LittleEndian(element);
  writer.Text("SQ");
  writer.U16LittleEndian(0);
  writer.U32LittleEndian(0xFFFFFFFF);
}

TEST(CommitmentDataset, SurvivesEncodingInBothTransferSyntaxes) {
  for (const bool explicit_vr : {true, false}) {
    ExpectSample(DecodeCommitment(EncodeCommitment(Sample(), explicit_vr), explicit_vr));
  }
}

TEST(CommitmentDataset, ReadsUndefinedLengthsAndSkipsWhatItDoesNotKnow) {
  ByteWriter writer;
  Short(writer, 0x0005, "CS", "ISO_IR 100");
  SequenceOfUndefinedLength(writer, 0x1111);  // another sequence, with a nested one
  Tag(writer, 0xFFFE, 0xE000, 0xFFFFFFFF);
  SequenceOfUndefinedLength(writer, 0x1115);
  Tag(writer, 0xFFFE, 0xE0DD, 0);
  Tag(writer, 0xFFFE, 0xE00D, 0);
  Tag(writer, 0xFFFE, 0xE0DD, 0);
  Short(writer, 0x1195, "UI", std::string_view("1.2.3\0", 6));
  SequenceOfUndefinedLength(writer, 0x1199);
  Tag(writer, 0xFFFE, 0xE000, 0xFFFFFFFF);
  Short(writer, 0x0054, "AE", "PACS");
  Short(writer, 0x1150, "UI", std::string_view("1.2.840.10008.5.1.4.1.1.2\0", 26));
  Short(writer, 0x1155, "UI", std::string_view("1.2.3.4\0", 8));
  Tag(writer, 0xFFFE, 0xE00D, 0);
  Tag(writer, 0xFFFE, 0xE0DD, 0);
  const auto dataset = DecodeCommitment(std::move(writer).Take(), true);
  EXPECT_EQ(dataset.transaction_uid, Uid("1.2.3"));
  ASSERT_EQ(dataset.referenced.size(), 1U);
  EXPECT_EQ(dataset.referenced[0], Sample().referenced[0]);
}

TEST(CommitmentDataset, RefusesEveryTruncation) {
  const auto bytes = EncodeCommitment(Sample(), true);
  int refused = 0;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    try {
      static_cast<void>(DecodeCommitment(std::span(bytes).first(size), true));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kParse);
      ++refused;
    }
  }
  // But for the three ends of whole top-level elements.
  EXPECT_EQ(refused, static_cast<int>(bytes.size()) - 2);
}

TEST(CommitmentDataset, RefusesDepthWithoutEnd) {
  ByteWriter writer;
  for (int i = 0; i < 20'000; ++i) {
    SequenceOfUndefinedLength(writer, 0x1111);
    Tag(writer, 0xFFFE, 0xE000, 0xFFFFFFFF);
  }
  EXPECT_THROW(static_cast<void>(DecodeCommitment(std::move(writer).Take(), true)), Error);
}

TEST(CommitmentDataset, WantsATransactionAndNamedInstances) {
  CommitmentDataset nameless = Sample();
  nameless.referenced[0].sop_instance_uid = Uid();
  EXPECT_THROW(static_cast<void>(DecodeCommitment(EncodeCommitment(nameless, true), true)), Error);
  CommitmentDataset no_transaction = Sample();
  no_transaction.transaction_uid = Uid();
  EXPECT_THROW(static_cast<void>(DecodeCommitment(EncodeCommitment(no_transaction, true), true)),
               Error);
}

}  // namespace
}  // namespace necknode::scp
