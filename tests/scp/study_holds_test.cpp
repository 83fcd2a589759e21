#include "storage/study_holds.h"

#include <gtest/gtest.h>

#include "tests/scp/fixture.h"
#include "tests/scp/raw_peer.h"

namespace necknode::scp::tests {
namespace {

using std::chrono::milliseconds;

class ReceiverHolds : public testing::Test {
 protected:
  static ReceiverOptions Options() {
    ReceiverOptions options;
    options.hold_renewal = milliseconds(0);
    return options;
  }
  /// Since the study was heard of on an open association.
  std::optional<milliseconds> HeardAgo() {
    return receiver_.store().studies().Find(Uid("1.2.3")).value().heard_ago;
  }

  ServedReceiver receiver_{Options()};
};

TEST_F(ReceiverHolds, AStudyIsHeldUntilItsAssociationEnds) {
  RawPeer peer(receiver_.port());
  ASSERT_TRUE(peer.Associate());
  ASSERT_EQ(peer.Ask(StoreRequest(1, {})).status, 0U);
  EXPECT_TRUE(HeardAgo());
  peer.Send(ShortPdu(5));
  EXPECT_TRUE(Eventually([&] { return !HeardAgo(); }));
}

TEST_F(ReceiverHolds, AConnectionThatBreaksHoldsNothing) {
  RawPeer peer(receiver_.port());
  ASSERT_TRUE(peer.Associate());
  ASSERT_EQ(peer.Ask(StoreRequest(1, {})).status, 0U);
  peer.Reset();
  EXPECT_TRUE(Eventually([&] { return !HeardAgo(); }));
}

TEST_F(ReceiverHolds, AnImageThatComesSlowlyRenewsTheHold) {
  RawPeer peer(receiver_.port());
  ASSERT_TRUE(peer.Associate());
  ASSERT_EQ(peer.Ask(StoreRequest(1, {})).status, 0U);
  constexpr milliseconds kSilence{150};
  ASSERT_TRUE(Eventually([&] { return HeardAgo() >= kSilence; }));
  CtImage slow;
  slow.sop_instance_uid = "1.2.3.4.6";
  slow.pixel_bytes = 60'000;
  const Bytes request = StoreRequest(1, slow, 4096);
  ASSERT_TRUE(peer.Send({request.begin(), request.begin() + 30'000}));
  EXPECT_TRUE(Eventually([&] { return HeardAgo() < kSilence; }));
}

TEST(ReceiverHoldsStart, DropsWhatAnEarlierReceiverLeft) {
  necknode::tests::TempFolder folder;
  FaultyStore store(folder.path());
  ReceiverOptions options;
  options.port = 0;
  {
    const auto receiver = Receiver::Make(options, store, SystemClock());
    std::thread thread([&] { receiver->Run(); });
    RawPeer peer(receiver->port());
    EXPECT_TRUE(peer.Associate());
    EXPECT_EQ(peer.Ask(StoreRequest(1, {})).status, 0U);
    store.holds().Renew(99, Uid("1.2.3"));
    peer.Send(ShortPdu(5));
    receiver->Stop(milliseconds(2000));
    thread.join();
  }
  EXPECT_TRUE(store.studies().Find(Uid("1.2.3"))->heard_ago);
  const auto next = Receiver::Make(options, store, SystemClock());
  EXPECT_FALSE(store.studies().Find(Uid("1.2.3"))->heard_ago);
}

}  // namespace
}  // namespace necknode::scp::tests
