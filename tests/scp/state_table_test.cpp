// PS3.8 Table 9-10, the acceptor's side: one case for each cell that a peer can reach.
#include <ostream>

#include <gtest/gtest.h>

#include "tests/scp/fixture.h"
#include "tests/scp/raw_peer.h"

namespace necknode::scp::tests {
namespace {

enum class State { kSta2, kSta6, kSta13 };
enum class Outcome {
  kAbortByUser,      // AA-1: A-ABORT of the service user, then Sta13
  kAbortByProvider,  // AA-8, AA-7: A-ABORT of the service provider, then Sta13
  kClosed,           // AA-2, AA-3: the connection is closed without a PDU
  kAccepted,         // AE-6
  kData,             // DT-2
  kReleased,         // AR-2 and AR-4
  kIgnored,          // AA-6
};

struct Cell {
  const char* name;
  State state;
  Bytes event;
  Outcome outcome;
  int reason = -1;  // of the provider's A-ABORT
};
void PrintTo(const Cell& cell, std::ostream* to) { *to << cell.name; }

ReceiverOptions ShortTimes() {
  ReceiverOptions options;
  options.artim = std::chrono::seconds(5);
  return options;
}

void Enter(State state, RawPeer& peer) {
  if (state == State::kSta2) {
    return;
  }
  ASSERT_EQ(peer.Associate()->type, 2U);
  if (state == State::kSta13) {
    peer.Send(ShortPdu(5));
    ASSERT_EQ(peer.Receive()->type, 6U);
  }
}

class StateTable : public testing::TestWithParam<Cell> {
 protected:
  static void SetUpTestSuite() { receiver_ = new ServedReceiver(ShortTimes()); }
  static void TearDownTestSuite() {
    delete receiver_;
    receiver_ = nullptr;
  }
  static inline ServedReceiver* receiver_ = nullptr;
};

TEST_P(StateTable, AnswersAsTheStandardSays) {
  const Cell& cell = GetParam();
  RawPeer peer(receiver_->port());
  Enter(cell.state, peer);
  peer.Send(cell.event);
  if (cell.outcome == Outcome::kIgnored) {
    // The A-ABORT behind it must be the first thing that has an effect.
    peer.Send(ShortPdu(7));
    EXPECT_TRUE(peer.EndsSilently());
    return;
  }
  const auto answer = peer.Receive();
  if (cell.outcome == Outcome::kClosed) {
    EXPECT_FALSE(answer.has_value());
    return;
  }
  ASSERT_TRUE(answer.has_value());
  switch (cell.outcome) {
    case Outcome::kAccepted:
      EXPECT_EQ(answer->type, 2U);
      break;
    case Outcome::kData:
      EXPECT_EQ(ResponseOf(*answer).status, 0U);
      break;
    case Outcome::kReleased:
      EXPECT_EQ(answer->type, 6U);
      break;
    default:
      ASSERT_EQ(answer->type, 7U);
      EXPECT_EQ(std::to_integer<int>(answer->body[2]),
                cell.outcome == Outcome::kAbortByUser ? 0 : 2);
      if (cell.reason >= 0) {
        EXPECT_EQ(std::to_integer<int>(answer->body[3]), cell.reason);
      }
      // Sta13: what follows is ignored until an A-ABORT or the close.
      peer.Send(ShortPdu(5));
      peer.Send(ShortPdu(7));
      EXPECT_TRUE(peer.EndsSilently());
  }
}

Bytes HugeLength(unsigned type) {
  Bytes pdu = ShortPdu(type);
  pdu[2] = std::byte{0x7F};
  return pdu;
}

// A P-DATA-TF whose value claims `length` bytes.
Bytes FalseValueLength(unsigned length) {
  Bytes pdu = DataPdu(3, 3, Bytes(20));
  pdu[9] = static_cast<std::byte>(length);
  return pdu;
}

const Bytes kRequest = AssociateRequestOf({});

INSTANTIATE_TEST_SUITE_P(
    Acceptor,
    StateTable,
    testing::Values(
        Cell{"Sta2_AssociateRq", State::kSta2, kRequest, Outcome::kAccepted},
        Cell{"Sta2_AssociateAc", State::kSta2, PduOf(2, Bytes(68)), Outcome::kAbortByUser},
        Cell{"Sta2_AssociateRj", State::kSta2, ShortPdu(3), Outcome::kAbortByUser},
        Cell{"Sta2_Data", State::kSta2, EchoRequest(), Outcome::kAbortByUser},
        Cell{"Sta2_ReleaseRq", State::kSta2, ShortPdu(5), Outcome::kAbortByUser},
        Cell{"Sta2_ReleaseRp", State::kSta2, ShortPdu(6), Outcome::kAbortByUser},
        Cell{"Sta2_Abort", State::kSta2, ShortPdu(7), Outcome::kClosed},
        Cell{"Sta2_Unrecognized", State::kSta2, ShortPdu(0x99), Outcome::kAbortByUser},
        Cell{"Sta2_RequestTooShort", State::kSta2, PduOf(1, Bytes(10)), Outcome::kAbortByUser},
        Cell{"Sta6_AssociateRq", State::kSta6, kRequest, Outcome::kAbortByProvider, 2},
        Cell{"Sta6_AssociateAc", State::kSta6, PduOf(2, Bytes(68)), Outcome::kAbortByProvider, 2},
        Cell{"Sta6_AssociateRj", State::kSta6, ShortPdu(3), Outcome::kAbortByProvider, 2},
        Cell{"Sta6_Data", State::kSta6, EchoRequest(), Outcome::kData},
        Cell{"Sta6_ReleaseRq", State::kSta6, ShortPdu(5), Outcome::kReleased},
        Cell{"Sta6_ReleaseRp", State::kSta6, ShortPdu(6), Outcome::kAbortByProvider, 2},
        Cell{"Sta6_Abort", State::kSta6, ShortPdu(7), Outcome::kClosed},
        Cell{"Sta6_Unrecognized", State::kSta6, ShortPdu(0x99), Outcome::kAbortByProvider, 1},
        Cell{"Sta6_EmptyData", State::kSta6, PduOf(4, {}), Outcome::kAbortByProvider, 6},
        Cell{"Sta6_ValueLeadsOutside",
             State::kSta6,
             FalseValueLength(200),
             Outcome::kAbortByProvider,
             6},
        Cell{"Sta6_ValueTooShort", State::kSta6, FalseValueLength(1), Outcome::kAbortByProvider, 6},
        Cell{"Sta6_UnknownContext", State::kSta6, EchoRequest(77), Outcome::kAbortByProvider, 6},
        Cell{"Sta6_DatasetWithoutCommand",
             State::kSta6,
             DataPdu(1, 2, Bytes(8)),
             Outcome::kAbortByProvider,
             6},
        Cell{
            "Sta6_BadCommand", State::kSta6, DataPdu(3, 3, Bytes(9)), Outcome::kAbortByProvider, 6},
        Cell{"Sta13_AssociateRq", State::kSta13, kRequest, Outcome::kAbortByProvider},
        Cell{"Sta13_AssociateAc", State::kSta13, PduOf(2, Bytes(68)), Outcome::kIgnored},
        Cell{"Sta13_AssociateRj", State::kSta13, ShortPdu(3), Outcome::kIgnored},
        Cell{"Sta13_Data", State::kSta13, EchoRequest(), Outcome::kIgnored},
        Cell{"Sta13_ReleaseRq", State::kSta13, ShortPdu(5), Outcome::kIgnored},
        Cell{"Sta13_ReleaseRp", State::kSta13, ShortPdu(6), Outcome::kIgnored},
        Cell{"Sta13_Abort", State::kSta13, ShortPdu(7), Outcome::kClosed},
        Cell{"Sta13_Unrecognized", State::kSta13, ShortPdu(0x99), Outcome::kAbortByProvider}),
    [](const auto& cell) { return cell.param.name; });

TEST_F(StateTable, AbortsALengthThatNoRequestHas) {
  RawPeer peer(receiver_->port());
  peer.Send(HugeLength(1));
  EXPECT_EQ(peer.Receive()->type, 7U);
}

TEST_F(StateTable, AbortsAPduLongerThanWeReceive) {
  RawPeer peer(receiver_->port());
  Enter(State::kSta6, peer);
  peer.Send(HugeLength(4));
  EXPECT_EQ(peer.Receive()->type, 7U);
}

TEST_F(StateTable, ForgetsConnectionsThatCloseOrResetInAnyState) {
  for (const State state : {State::kSta2, State::kSta6, State::kSta13}) {
    RawPeer closing(receiver_->port());
    Enter(state, closing);
    closing.Close();
    RawPeer resetting(receiver_->port());
    Enter(state, resetting);
    resetting.Reset();
  }
  EXPECT_TRUE(Eventually([] { return receiver_->Count("associations") == 0; }));
}

TEST_F(StateTable, TakesARequestInOneByteSegments) {
  RawPeer peer(receiver_->port());
  peer.SendByteByByte(kRequest);
  ASSERT_EQ(peer.Receive()->type, 2U);
  peer.SendByteByByte(EchoRequest());
  EXPECT_EQ(ResponseOf(*peer.Receive()).status, 0U);
}

TEST_F(StateTable, TakesEverythingInOneSegment) {
  RawPeer peer(receiver_->port());
  Bytes all = kRequest;
  for (const Bytes& more : {EchoRequest(), EchoRequest(), ShortPdu(5)}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  peer.Send(all);
  EXPECT_EQ(peer.Receive()->type, 2U);
  EXPECT_EQ(ResponseOf(*peer.Receive()).status, 0U);
  EXPECT_EQ(ResponseOf(*peer.Receive()).status, 0U);
  EXPECT_EQ(peer.Receive()->type, 6U);
}

TEST(Artim, EndsAConnectionThatTricklesItsRequest) {
  ReceiverOptions options;
  options.artim = std::chrono::milliseconds(200);
  ServedReceiver receiver(options);
  RawPeer silent(receiver.port());
  RawPeer trickling(receiver.port());
  std::size_t sent = 0;
  while (sent < kRequest.size() && trickling.Send({kRequest[sent]})) {
    ++sent;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_LT(sent, kRequest.size());
  EXPECT_TRUE(silent.EndsSilently());
}

TEST(Artim, EndsAConnectionThatDoesNotCloseAfterItsRelease) {
  ReceiverOptions options;
  options.artim = std::chrono::milliseconds(200);
  ServedReceiver receiver(options);
  RawPeer peer(receiver.port());
  Enter(State::kSta13, peer);
  EXPECT_TRUE(peer.EndsSilently());
}

TEST(IdleLimit, AbortsAnAssociationThatSendsNothing) {
  ReceiverOptions options;
  options.idle = std::chrono::milliseconds(100);
  ServedReceiver receiver(options);
  RawPeer peer(receiver.port());
  Enter(State::kSta6, peer);
  EXPECT_EQ(peer.Receive()->type, 7U);
}

}  // namespace
}  // namespace necknode::scp::tests
