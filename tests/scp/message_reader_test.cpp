#include "scp/message_reader.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "scp/bytes.h"
#include "tests/scp/fixture.h"
#include "tests/scp/raw_peer.h"

namespace necknode::scp::tests {
namespace {

class MessageReaderTest : public testing::Test {
 protected:
  static std::vector<AnsweredContext> Contexts() {
    return {{1, ContextResult::kAccepted, Uid(kCt), Uid(kExplicit)},
            {3, ContextResult::kAccepted, Uid(kVerification), Uid(kImplicit)}};
  }
  // Takes every value of the PDUs; the last message that came.
  std::optional<Message> TakeAll(const Bytes& pdus) { return TakeAll(pdus, reader_); }
  static std::optional<Message> TakeAll(const Bytes& pdus, MessageReader& reader_of_values) {
    std::optional<Message> last;
    ByteReader reader(pdus);
    while (reader.left() > 0) {
      reader.Skip(2);
      const auto body = reader.Take(reader.U32BigEndian());
      for (const Pdv& value : DecodeData(body)) {
        if (auto message = reader_of_values.Take(value)) {
          last = std::move(message);
        }
      }
    }
    return last;
  }

  necknode::tests::TempFolder folder_;
  FaultyStore store_{folder_.path() / "data"};
  MessageReader reader_{store_.objects(), Contexts(), "TESTSCU", "NECKNODE", 1 << 20};
};

TEST_F(MessageReaderTest, PutsACommandTogetherFromItsPieces) {
  const Bytes command = CommandBytes({0x0030, 9, false, kVerification, ""});
  Bytes pdus;
  for (std::size_t i = 0; i < command.size(); ++i) {
    const Bytes pdu = DataPdu(3, i + 1 == command.size() ? 3 : 1, {command[i]});
    pdus.insert(pdus.end(), pdu.begin(), pdu.end());
  }
  const auto message = TakeAll(pdus);
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->request.command_field, kCommandEcho);
  EXPECT_EQ(message->request.message_id, 9);
  EXPECT_EQ(message->response.status, kStatusSuccess);
}

TEST_F(MessageReaderTest, HandsOverACompleteObject) {
  CtImage image;
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{100'000}}) {
    const auto message = TakeAll(StoreRequest(1, image, piece));
    ASSERT_TRUE(message.has_value());
    ASSERT_NE(message->object, nullptr);
    const auto outcome = message->object->Finish();
    ASSERT_TRUE(outcome.instance.has_value()) << outcome.reason;
    EXPECT_EQ(outcome.instance->header.sop_instance_uid.value(), image.sop_instance_uid);
    EXPECT_EQ(outcome.instance->header.transfer_syntax_uid.value(), kExplicit);
    EXPECT_EQ(outcome.instance->calling_ae, "TESTSCU");
    EXPECT_FALSE(reader_.InMessage());
  }
}

TEST_F(MessageReaderTest, RefusesValuesThatDoNotBelongTogether) {
  const Bytes store = DataPdu(1, 3, CommandBytes({}));
  const auto refused = [&](const Bytes& first, const Bytes& second) {
    MessageReader fresh(store_.objects(), Contexts(), "TESTSCU", "NECKNODE", 1 << 20);
    Bytes pdus = first;
    pdus.insert(pdus.end(), second.begin(), second.end());
    try {
      static_cast<void>(TakeAll(pdus, fresh));
    } catch (const Error& error) {
      return error.code() == ErrorCode::kParse;
    }
    return false;
  };
  EXPECT_TRUE(refused(store, EchoRequest()));
  EXPECT_TRUE(refused(store, DataPdu(3, 2, Bytes(10))));
  EXPECT_TRUE(refused(DataPdu(1, 1, Bytes(4)), DataPdu(3, 3, Bytes(4))));
  EXPECT_TRUE(refused({}, DataPdu(1, 2, Bytes(10))));
  EXPECT_TRUE(refused({}, DataPdu(9, 3, Bytes(10))));
  EXPECT_TRUE(refused({}, DataPdu(1, 3, CommandBytes({0x8001, 1, false, kCt, "1.2"}))));
  EXPECT_TRUE(refused(DataPdu(1, 1, Bytes(10'000)), DataPdu(1, 1, Bytes(10'000))));
}

TEST(DecodeCommand, SurvivesEveryTruncationAndEveryFalseByte) {
  const Bytes command = CommandBytes({});
  for (std::size_t length = 0; length <= command.size(); ++length) {
    for (const unsigned flip : {0U, 0x80U, 0xFFU}) {
      Bytes wrong(command.begin(), command.begin() + static_cast<std::ptrdiff_t>(length));
      if (!wrong.empty()) {
        wrong.back() ^= static_cast<std::byte>(flip);
      }
      try {
        static_cast<void>(DecodeCommand(wrong));
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kParse);
      }
    }
  }
}

TEST(EncodeResponse, IsReadBackByValue) {
  CommandRequest request;
  request.command_field = kCommandStore;
  request.message_id = 4711;
  request.sop_class_uid = Uid(kCt);
  request.sop_instance_uid = Uid("1.2.3");
  const CommandResponse response{kStatusDatasetDoesNotMatch, std::string(80, 'x'), {0x00080018}};
  const Bytes pdu = EncodeData(5, MessagePart::kCommand, EncodeResponse(request, response), 0);
  Pdu read{4, Bytes(pdu.begin() + 6, pdu.end())};
  const Response back = ResponseOf(read);
  EXPECT_EQ(back.context, 5U);
  EXPECT_EQ(back.field, 0x8001U);
  EXPECT_EQ(back.message_id, 4711U);
  EXPECT_EQ(back.status, 0xA900U);
  EXPECT_EQ(back.comment, std::string(64, 'x'));
  EXPECT_EQ(back.sop_instance, "1.2.3");
}

}  // namespace
}  // namespace necknode::scp::tests
