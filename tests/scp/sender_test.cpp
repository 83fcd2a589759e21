#include "scp/sender.h"

#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scp/scripted_scp.h"
#include "tests/scp/scripted_web.h"
#include "tests/scp/sender_fixture.h"

namespace necknode::scp::tests {
namespace {

using std::chrono::milliseconds;
using storage::OutboxState;
using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(SenderTest, DeliversAStudysDocumentsOverOneAssociation) {
  const auto rows = Finish("1.2.3", {{"pacs", kCt, ""}, {"pacs", kCt, ""}, {"pacs", kCt, ""}});
  ScriptedScp scp({});
  Start({PeerAt("pacs", scp.port())});
  for (const auto& row : rows) {
    EXPECT_TRUE(Becomes(row.id, OutboxState::kDelivered));
    EXPECT_EQ(RowOf(row.id).last_status, "0x0000");
  }
  EXPECT_EQ(scp.associations(), 1);
  EXPECT_EQ(scp.Received().size(), 3U);
  EXPECT_TRUE(Eventually([&] { return store_.AuditTrail(0).size() >= 3; }));
  EXPECT_THAT(sender_->StatusLine(), HasSubstr("delivered=3"));
  const auto samples = [&](const std::string& name) {
    std::vector<CounterSample> found;
    for (const CounterSample& sample : sender_->Counted()) {
      if (sample.name == name) {
        found.push_back(sample);
      }
    }
    return found;
  };
  const auto attempt = [](const char* outcome, double count) {
    return CounterSample{
        "necknode_deliveries_total", {{"destination", "pacs"}, {"outcome", outcome}}, count};
  };
  EXPECT_THAT(samples("necknode_deliveries_total"),
              testing::UnorderedElementsAre(
                  attempt("delivered", 3), attempt("retried", 0), attempt("parked", 0)));
  EXPECT_EQ(samples("necknode_delivery_duration_seconds").size(), 1U);
  ASSERT_EQ(samples("necknode_last_slice_to_result_seconds").size(), 1U);
  const auto buckets = samples("necknode_last_slice_to_result_seconds")[0].buckets;
  EXPECT_EQ(std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0}), 1U)
      << "once for the job, not for each of its documents";
}

TEST_F(SenderTest, TriesAgainAfterA700UntilItIsDelivered) {
  const auto rows = Finish("1.2.3", {{"pacs", kCt, ""}});
  ScriptedScp::Script script;
  script.statuses = {0xA700, 0xA700};
  ScriptedScp scp(script);
  Start({PeerAt("pacs", scp.port())});
  EXPECT_TRUE(Becomes(rows[0].id, OutboxState::kDelivered));
  EXPECT_EQ(scp.Received().size(), 3U);
}

TEST_F(SenderTest, TriesTogetherAgainWhatFailedTogether) {
  std::vector<TestDocument> documents(6, {"pacs", kCt, ""});
  const auto rows = Finish("1.2.3", documents);
  ScriptedScp::Script script;
  script.statuses = std::deque<unsigned>(2 * rows.size(), 0xA700);
  ScriptedScp scp(script);
  // Far longer than it takes to note six rows, which are then due in the same poll.
  Start({PeerAt("pacs", scp.port())}, milliseconds(400));
  for (const auto& row : rows) {
    EXPECT_TRUE(Becomes(row.id, OutboxState::kDelivered));
  }
  EXPECT_EQ(scp.associations(), 3) << "two refused rounds and the one that went through";
}

TEST_F(SenderTest, ParksAfterTheTriesOfTheStatus) {
  const auto rows = Finish("1.2.3", {{"pacs", kCt, ""}});
  ScriptedScp::Script script;
  script.statuses = std::deque<unsigned>(20, 0xC123);
  ScriptedScp scp(script);
  Start({PeerAt("pacs", scp.port())});
  EXPECT_TRUE(Becomes(rows[0].id, OutboxState::kParked));
  EXPECT_EQ(scp.Received().size(), 5U);
  EXPECT_EQ(RowOf(rows[0].id).last_status, "0xC123");
  EXPECT_THAT(RowOf(rows[0].id).reason, HasSubstr("5 times"));
}

TEST_F(SenderTest, SendsTheFallbackToAPeerThatRefusesTheFirstClass) {
  const auto rows =
      Finish("1.2.3", {{"pacs", kComprehensive3d, kComprehensive}, {"pacs", kComprehensive3d, ""}});
  ScriptedScp::Script script;
  script.refused_classes = {kComprehensive3d};
  ScriptedScp scp(script);
  Start({PeerAt("pacs", scp.port())});
  EXPECT_TRUE(Becomes(rows[0].id, OutboxState::kDelivered));
  EXPECT_TRUE(Becomes(rows[1].id, OutboxState::kParked));
  EXPECT_THAT(scp.Received(), ElementsAre(rows[0].fallback_sop_instance_uid->value()));
}

TEST_F(SenderTest, ParksWhatHasNoDestinationOrNoFile) {
  const auto rows = Finish("1.2.3", {{"forgotten", kCt, ""}, {"pacs", kCt, ""}});
  store_.objects().Remove(storage::ObjectKind::kResult, rows[1].object_key);
  ScriptedScp scp({});
  Start({PeerAt("pacs", scp.port())});
  EXPECT_TRUE(Becomes(rows[0].id, OutboxState::kParked));
  EXPECT_THAT(RowOf(rows[0].id).reason, HasSubstr("not in the configuration"));
  EXPECT_TRUE(Becomes(rows[1].id, OutboxState::kParked));
}

TEST_F(SenderTest, DoesNotLetASlowOrAbsentDestinationHoldUpAnother) {
  const auto rows = Finish("1.2.3", {{"slow", kCt, ""}, {"absent", kCt, ""}, {"pacs", kCt, ""}});
  std::latch open(1);
  ScriptedScp::Script script;
  script.answer_when_open = &open;
  ScriptedScp slow(script), pacs({});
  std::uint16_t closed_port = 0;
  {
    ScriptedScp gone({});
    closed_port = gone.port();
  }
  Start({PeerAt("slow", slow.port()), PeerAt("absent", closed_port), PeerAt("pacs", pacs.port())});
  EXPECT_TRUE(Becomes(rows[2].id, OutboxState::kDelivered));
  EXPECT_TRUE(Eventually([&] { return RowOf(rows[1].id).attempts >= 2; }));
  EXPECT_EQ(RowOf(rows[1].id).last_status, "connection refused");
  EXPECT_EQ(RowOf(rows[0].id).state, OutboxState::kWaiting);
  open.count_down();
  EXPECT_TRUE(Becomes(rows[0].id, OutboxState::kDelivered));
}

TEST_F(SenderTest, SendsByStowWhereThePeerIsAWebService) {
  const auto rows = Finish(
      "1.2.3", {{"web", kComprehensive3d, kComprehensive}, {"web", kCt, ""}, {"web", kCt, ""}});
  const std::string refused = rows[1].sop_instance_uid.value();
  ScriptedWeb web([&](const WebRequest& request) {
    const std::string instance = InstanceOf(request);
    if (ClassOf(request) == kComprehensive3d) {
      return AnswerOf(409, NotStored(instance, "290"));  // 0122H
    }
    return instance == refused ? AnswerOf(403) : AnswerOf(200, Stored(instance));
  });
  Start({WebPeerAt(web)});
  EXPECT_TRUE(Becomes(rows[0].id, OutboxState::kDelivered));
  EXPECT_TRUE(Becomes(rows[1].id, OutboxState::kParked));
  EXPECT_TRUE(Becomes(rows[2].id, OutboxState::kDelivered));
  EXPECT_EQ(RowOf(rows[0].id).last_status, "0x0000");
  EXPECT_EQ(RowOf(rows[1].id).last_status, "HTTP 403");
  EXPECT_EQ(web.connections(), 1);
  EXPECT_EQ(InstanceOf(web.Received().at(1)), rows[0].fallback_sop_instance_uid->value());
}

TEST_F(SenderTest, ParksWhatAWebServerNeverSaysThatItStored) {
  const auto rows = Finish("1.2.3", {{"web", kCt, ""}});
  ScriptedWeb web([](const WebRequest&) { return AnswerOf(200, "<html>", "text/html"); });
  Start({WebPeerAt(web)});
  EXPECT_TRUE(Becomes(rows[0].id, OutboxState::kParked));
  EXPECT_EQ(web.Received().size(), 5U);
}

TEST_F(SenderTest, WaitsAsLongAsAWebServerAsks) {
  const auto rows = Finish("1.2.3", {{"web", kCt, ""}, {"web", kCt, ""}});
  ScriptedWeb web(
      [](const WebRequest&) { return AnswerOf(429, "", "text/plain", "Retry-After: 30\r\n"); });
  Start({WebPeerAt(web)}, std::chrono::seconds(10));  // and at most 40 s
  for (const auto& row : rows) {
    EXPECT_TRUE(Eventually([&] { return RowOf(row.id).attempts == 1; }));
    EXPECT_GT(RowOf(row.id).due_in, std::chrono::seconds(15));
  }
  EXPECT_EQ(web.Received().size(), 1U) << "nothing more to a server that has enough";
}

TEST_F(SenderTest, NoWebServerHoldsUsLongerThanOurOwnLimit) {
  const auto rows = Finish("1.2.3", {{"web", kCt, ""}});
  std::atomic<int> requests = 0;
  ScriptedWeb web([&](const WebRequest& request) {
    return ++requests == 1 ? AnswerOf(503, "", "text/plain", "Retry-After: 86400\r\n")
                           : AnswerOf(200, Stored(InstanceOf(request)));
  });
  Start({WebPeerAt(web)});
  EXPECT_TRUE(Becomes(rows[0].id, OutboxState::kDelivered));
}

TEST_F(SenderTest, BacksOffByDoublingUpToItsLimit) {
  const Sender sender({}, store_);
  EXPECT_EQ(sender.Backoff(0, 0), milliseconds(30'000));
  EXPECT_EQ(sender.Backoff(1, 0), milliseconds(60'000));
  EXPECT_EQ(sender.Backoff(100, 0), milliseconds(3'600'000));
  EXPECT_EQ(sender.Backoff(0, 1), milliseconds(24'000));
}

}  // namespace
}  // namespace necknode::scp::tests
