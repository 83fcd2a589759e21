// AE titles and peers that change while a receiver or sender works.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scp/receiver.h"
#include "tests/scp/fixture.h"
#include "tests/scp/raw_peer.h"
#include "tests/scp/scripted_scp.h"
#include "tests/scp/sender_fixture.h"

namespace necknode::scp::tests {
namespace {

ReceiverOptions Knowing(const std::vector<CallingPeer>& peers,
                        const std::string& title = "NECKNODE") {
  ReceiverOptions options;
  options.ae_titles = {{title}};
  options.accept_any_calling = peers.empty();
  options.peers = peers;
  return options;
}

/// PDU type of the answer: 2 accepted, 3 rejected.
unsigned AnswerTo(ServedReceiver& receiver,
                  const std::string& calling,
                  const std::string& called = "NECKNODE") {
  RawPeer peer(receiver.port());
  Proposal proposal;
  proposal.calling = calling;
  proposal.called = called;
  const auto answer = peer.Associate(proposal);
  return answer ? answer->type : 0U;
}

TEST(ReceiverReconfigure, HoldsFromTheNextAssociationOn) {
  ServedReceiver receiver(Knowing({{"PACS", "", false}}));
  EXPECT_EQ(AnswerTo(receiver, "PACS"), 2U);
  EXPECT_EQ(AnswerTo(receiver, "CT1"), 3U);
  receiver.receiver().Reconfigure(Knowing({{"CT1", "", false}}));
  EXPECT_TRUE(Eventually([&] { return AnswerTo(receiver, "CT1") == 2U; }));
  EXPECT_EQ(AnswerTo(receiver, "PACS"), 3U);
  receiver.receiver().Reconfigure(Knowing({{"CT1", "", false}}, "OTHER"));
  EXPECT_TRUE(Eventually([&] { return AnswerTo(receiver, "CT1", "OTHER") == 2U; }));
  EXPECT_EQ(AnswerTo(receiver, "CT1"), 3U);
  receiver.receiver().Reconfigure(Knowing({}));
  EXPECT_TRUE(Eventually([&] { return AnswerTo(receiver, "ANYONE") == 2U; }));
}

TEST(ReceiverReconfigure, LeavesAnOpenAssociationAsItWasNegotiated) {
  ServedReceiver receiver(Knowing({{"TESTSCU", "", false}}));
  RawPeer open(receiver.port());
  ASSERT_EQ(open.Associate()->type, 2U);
  EXPECT_EQ(open.Ask(StoreRequest(1, Slice(1))).status, 0U);
  for (int i = 2; i < 60; ++i) {
    const std::string other = "P" + std::to_string(i);
    receiver.receiver().Reconfigure(Knowing({{other, "", false}}, "T" + std::to_string(i)));
    EXPECT_EQ(open.Ask(StoreRequest(1, Slice(i))).status, 0U) << i;
  }
  EXPECT_EQ(AnswerTo(receiver, "TESTSCU"), 3U);
  EXPECT_EQ(receiver.InstancesOf("1.2.3"), 59);
  open.Send(ShortPdu(5));
  EXPECT_EQ(open.Receive()->type, 6U);
}

TEST(ReceiverReconfigure, TakesAnyCallingTitleOnLoopbackOnly) {
  ReceiverOptions options = Knowing({{"PACS", "", false}});
  options.bind_address = "0.0.0.0";
  ServedReceiver receiver(options);
  receiver.receiver().Reconfigure(Knowing({}));
  EXPECT_TRUE(Eventually([&] { return AnswerTo(receiver, "PACS") == 3U; }));
  EXPECT_EQ(AnswerTo(receiver, "ANYONE"), 3U);
}

using SenderReconfigureTest = SenderTest;

TEST_F(SenderReconfigureTest, DeliversToADestinationThatWasAddedMeanwhile) {
  ScriptedScp first({}), second({});
  Start({PeerAt("pacs", first.port())});
  const auto before = Finish("1.2.3", {{"pacs", kCt, ""}});
  EXPECT_TRUE(Becomes(before[0].id, storage::OutboxState::kDelivered));
  SenderOptions options;
  options.peers = {PeerAt("pacs", first.port()), PeerAt("archive", second.port())};
  options.poll = std::chrono::milliseconds(20);
  sender_->Reconfigure(options);
  const auto after = Finish("1.2.4", {{"archive", kCt, ""}, {"pacs", kCt, ""}});
  EXPECT_TRUE(Becomes(after[0].id, storage::OutboxState::kDelivered));
  EXPECT_TRUE(Becomes(after[1].id, storage::OutboxState::kDelivered));
  EXPECT_EQ(second.Received().size(), 1U);
}

TEST_F(SenderReconfigureTest, FinishesWhatItSendsWhilePeersChange) {
  ScriptedScp scp({});
  Start({PeerAt("pacs", scp.port())});
  const auto rows = Finish("1.2.3", std::vector<TestDocument>(30, {"pacs", kCt, ""}));
  for (int i = 0; i < 50; ++i) {
    SenderOptions options;
    options.our_ae_title = "NODE" + std::to_string(i);
    options.peers = {PeerAt("pacs", scp.port()), PeerAt("p" + std::to_string(i), 1)};
    options.poll = std::chrono::milliseconds(20);
    sender_->Reconfigure(options);
  }
  for (const auto& row : rows) {
    EXPECT_TRUE(Becomes(row.id, storage::OutboxState::kDelivered));
  }
  EXPECT_EQ(scp.Received().size(), rows.size());
}

}  // namespace
}  // namespace necknode::scp::tests
