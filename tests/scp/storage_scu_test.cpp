#include "scp/storage_scu.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scp/fixture.h"
#include "tests/scp/scripted_scp.h"

namespace necknode::scp::tests {
namespace {

using Kind = SendResult::Kind;
using testing::ElementsAre;
using testing::HasSubstr;

RemotePeer PeerAt(std::uint16_t port) {
  return {"pacs", "NECKNODE", "127.0.0.1", port, std::nullopt};
}

Outgoing DocumentOf(const std::string& sop_instance) {
  return {{AlternativeOf(kCt, sop_instance)}};
}

std::vector<SendResult> SendTo(std::uint16_t port, const std::vector<Outgoing>& documents) {
  return SendDocuments("SENDER", PeerAt(port), documents, kTimeout);
}

TEST(SendDocuments, DeliversToOurOwnReceiver) {
  ServedReceiver receiver;
  const auto results = SendTo(receiver.port(), {DocumentOf("1.2.1"), DocumentOf("1.2.2")});
  ASSERT_EQ(results.size(), 2U);
  for (const auto& result : results) {
    EXPECT_EQ(result.kind, Kind::kDelivered) << result.status << result.detail;
    EXPECT_EQ(result.status, "0x0000");
  }
  EXPECT_EQ(results[1].sent_sop_instance_uid.value(), "1.2.2");
  EXPECT_EQ(receiver.InstancesOf("1.2.3"), 2);
}

TEST(SendDocuments, DeliversTheDatasetsBytesUnchanged) {
  ServedReceiver receiver;
  ASSERT_EQ(SendTo(receiver.port(), {DocumentOf("1.2.1")})[0].kind, Kind::kDelivered);
  CtImage image;
  image.sop_instance_uid = "1.2.1";
  RawPeer again(receiver.port());
  Proposal proposal;
  proposal.calling = "SENDER";
  ASSERT_EQ(again.Associate(proposal)->type, 2U);
  EXPECT_EQ(again.Ask(StoreRequest(1, image)).status, 0U);
  EXPECT_EQ(receiver.Count("known"), 1);
}

TEST(SendDocuments, SendsTheFirstAlternativeThatThePeerTakes) {
  ScriptedScp::Script script;
  script.refused_classes = {kComprehensive3d};
  ScriptedScp scp(script);
  const auto results =
      SendTo(scp.port(),
             {{{AlternativeOf(kComprehensive3d, "1.2.1"), AlternativeOf(kComprehensive, "1.2.2")}},
              {{AlternativeOf(kComprehensive3d, "1.2.3")}},
              {{AlternativeOf(kComprehensive, "1.2.4")}}});
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(results[0].kind, Kind::kDelivered);
  EXPECT_EQ(results[0].sent_sop_instance_uid.value(), "1.2.2");
  EXPECT_EQ(results[1].kind, Kind::kPermanent);
  EXPECT_EQ(results[1].status, "no presentation context");
  EXPECT_EQ(results[2].kind, Kind::kDelivered);
  EXPECT_THAT(scp.Received(), ElementsAre("1.2.2", "1.2.4"));
}

TEST(SendDocuments, GoesOnAfterAFailureStatus) {
  ScriptedScp::Script script;
  script.statuses = {0xA700, 0xB000, 0xC001};
  ScriptedScp scp(script);
  const auto results =
      SendTo(scp.port(),
             {DocumentOf("1.2.1"), DocumentOf("1.2.2"), DocumentOf("1.2.3"), DocumentOf("1.2.4")});
  EXPECT_EQ(results[0].kind, Kind::kRetry);
  EXPECT_EQ(results[0].status, "0xA700");
  EXPECT_EQ(results[1].kind, Kind::kDelivered);
  EXPECT_EQ(results[1].status, "0xB000");
  EXPECT_EQ(results[2].max_attempts, 5);
  EXPECT_EQ(results[3].kind, Kind::kDelivered);
}

TEST(SendDocuments, DoesNotUseABrokenAssociationAgain) {
  ScriptedScp::Script script;
  script.abort_on_store = true;
  ScriptedScp scp(script);
  const auto results = SendTo(scp.port(), {DocumentOf("1.2.1"), DocumentOf("1.2.2")});
  EXPECT_EQ(results[0].kind, Kind::kRetry);
  EXPECT_EQ(results[0].status, "aborted by peer");
  EXPECT_EQ(results[1].kind, Kind::kRetry);
  EXPECT_EQ(results[1].status, "not sent");
  EXPECT_THAT(scp.Received(), ElementsAre("1.2.1"));
}

TEST(SendDocuments, TellsARejectionForEverFromOneForNow) {
  ScriptedScp::Script script;
  script.rejection = Rejection{1, 1, 3};
  ScriptedScp never(script);
  const auto permanent = SendTo(never.port(), {DocumentOf("1.2.1")})[0];
  EXPECT_EQ(permanent.kind, Kind::kPermanent);
  EXPECT_THAT(permanent.status, HasSubstr("our AE title is not recognized"));
  script.rejection = Rejection{2, 3, 2};
  ScriptedScp busy(script);
  const auto transient = SendTo(busy.port(), {DocumentOf("1.2.1")})[0];
  EXPECT_EQ(transient.kind, Kind::kRetry);
  EXPECT_THAT(transient.status, HasSubstr("local limit exceeded"));
}

TEST(SendDocuments, SaysThatAPeerIsAwayOrSilent) {
  std::uint16_t closed_port = 0;
  {
    ScriptedScp gone({});
    closed_port = gone.port();
  }
  const auto refused = SendTo(closed_port, {DocumentOf("1.2.1")})[0];
  EXPECT_EQ(refused.kind, Kind::kRetry);
  EXPECT_EQ(refused.status, "connection refused") << refused.detail;

  std::latch never(1);
  ScriptedScp::Script script;
  script.answer_when_open = &never;
  ScriptedScp silent(script);
  const auto timed_out = SendDocuments(
      "SENDER", PeerAt(silent.port()), {DocumentOf("1.2.1")}, std::chrono::seconds(1))[0];
  EXPECT_EQ(timed_out.kind, Kind::kRetry);
  EXPECT_EQ(timed_out.status, "timeout") << timed_out.detail;
  never.count_down();
}

TEST(SendDocuments, RefusesUnreadableDocuments) {
  ServedReceiver receiver;
  Outgoing broken = DocumentOf("1.2.1");
  broken.alternatives[0].part10.resize(200);
  EXPECT_EQ(SendTo(receiver.port(), {broken})[0].kind, Kind::kPermanent);
}

TEST(Echo, AnswersNothingOnSuccessAndTheReasonElse) {
  ServedReceiver receiver;
  EXPECT_EQ(Echo("SENDER", PeerAt(receiver.port()), kTimeout), "");
  RemotePeer wrong = PeerAt(receiver.port());
  wrong.ae_title = "WRONG";
  EXPECT_THAT(Echo("SENDER", wrong, kTimeout), HasSubstr("called AE title is not recognized"));
  wrong.host = "no-such-host.invalid";
  EXPECT_EQ(Echo("SENDER", wrong, std::chrono::seconds(5)),
            "unknown host: no address is known of no-such-host.invalid");
}

}  // namespace
}  // namespace necknode::scp::tests
