#include "scp/retriever.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scp/archive_query.h"
#include "tests/scp/fixture.h"
#include "tests/scp/query_scp.h"

namespace necknode::scp::tests {
namespace {

using storage::SeriesCount;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Progress = storage::CountState::Progress;

const Uid kStudy("1.2.3");

QueryScp::Script Answering(const QueryScp::Answer& answer) {
  QueryScp::Script script;
  script.find = [answer](const Identifier&) { return answer; };
  return script;
}

std::vector<ArchivedSeries> SeriesAt(const QueryScp& archive,
                                     std::chrono::seconds timeout = kTimeout) {
  ArchiveQuery query("NECKNODE", archive.Peer(), timeout);
  auto series = query.SeriesOf(kStudy);
  query.Release();
  return series;
}

Error FailureAt(const QueryScp& archive, std::chrono::seconds timeout = kTimeout) {
  try {
    static_cast<void>(SeriesAt(archive, timeout));
  } catch (const Error& error) {
    return error;
  }
  return {ErrorCode::kInternal, "nothing was thrown"};
}

TEST(ArchiveQuery, AsksForTheSeriesOfOneStudyAndReadsTheirNumbers) {
  for (const bool implicit_vr : {false, true}) {
    QueryScp::Script script;
    script.implicit_vr = implicit_vr;
    std::string level, study, wanted;
    script.find = [&](const Identifier& keys) -> QueryScp::Answer {
      level = keys.Text(0x00080052);
      study = keys.Text(0x0020000D);
      return {{SeriesAnswer("1.2.3", "1.2.3.4", "80"),
               SeriesAnswer("1.2.3", "1.2.3.5", ""),
               SeriesAnswer("1.2.99", "1.2.99.1", "7"),
               SeriesAnswer("1.2.3", "not a uid", "7")}};
    };
    const QueryScp archive(script);
    const auto series = SeriesAt(archive);
    EXPECT_EQ(level, "SERIES");
    EXPECT_EQ(study, "1.2.3");
    ASSERT_EQ(series.size(), 2U);
    EXPECT_EQ(series[0].series_instance_uid, Uid("1.2.3.4"));
    EXPECT_EQ(series[0].instances, 80);
    EXPECT_EQ(series[0].modality, "CT");
    EXPECT_EQ(series[1].instances, std::nullopt);
  }
}

TEST(ArchiveQuery, SaysWhatFailedAndWhetherItMayGoWell) {
  QueryScp::Script without = Answering({});
  without.refused_classes = {"1.2.840.10008.5.1.4.1.2.2.1"};
  EXPECT_EQ(FailureAt(QueryScp(without)).code(), ErrorCode::kUnsupported);
  EXPECT_THAT(FailureAt(QueryScp(Answering({.status = 0xA700}))).what(), HasSubstr("0xA700"));
  EXPECT_EQ(FailureAt(QueryScp(Answering({.abort = true}))).code(), ErrorCode::kNetwork);
  std::latch end(1);
  const QueryScp silent(Answering({.silent_until_open = &end}));
  EXPECT_EQ(FailureAt(silent, std::chrono::seconds(1)).code(), ErrorCode::kTimeout);
  end.count_down();
}

TEST(ArchiveQuery, EndsEndlessAnswersAndRefusesWhatIsNone) {
  const QueryScp endless(
      Answering({.identifiers = {SeriesAnswer("1.2.3", "1.2.3.4", "80")}, .endless = true}));
  EXPECT_THAT(FailureAt(endless).what(), HasSubstr("more than 5000 answers"));
  const QueryScp large(Answering({.raw_identifier = Bytes(kMaxIdentifierBytes + 2)}));
  EXPECT_EQ(FailureAt(large).code(), ErrorCode::kParse);
  const QueryScp noise(Answering({.raw_identifier = Bytes(7, std::byte{0xFF})}));
  EXPECT_EQ(FailureAt(noise).code(), ErrorCode::kParse);
}

class RetrieverTest : public testing::Test {
 protected:
  RetrieverTest() {
    RawPeer peer(receiver_.port());
    EXPECT_TRUE(peer.Associate());
    EXPECT_EQ(peer.Ask(StoreRequest(1, {})).status, 0U);
  }
  ~RetrieverTest() override { StopRetriever(); }

  void StartRetriever(std::vector<RemotePeer> counting) {
    RetrieverOptions options;
    options.counting = std::move(counting);
    options.poll = std::chrono::milliseconds(5);
    options.timeout = std::chrono::seconds(5);
    retriever_ = std::make_unique<Retriever>(options, receiver_.store());
    thread_ = std::thread([this] { retriever_->Run(); });
  }
  void StopRetriever() {
    if (thread_.joinable()) {
      retriever_->Stop();
      thread_.join();
    }
  }
  void Ask(const std::string& peer) { requests().AskCounts(study(), peer, 1); }
  storage::StudyId study() { return receiver_.store().studies().Find(kStudy)->id; }
  storage::ArchiveRequests& requests() { return receiver_.store().archive_requests(); }
  storage::CountState State(const std::string& peer) {
    return requests().Counts(study(), peer).value();
  }

  ServedReceiver receiver_;
  std::unique_ptr<Retriever> retriever_;
  std::thread thread_;
};

TEST_F(RetrieverTest, WritesDownWhatTheArchiveCounts) {
  const QueryScp archive(
      Answering({{SeriesAnswer("1.2.3", "1.2.3.4", "80"), SeriesAnswer("1.2.3", "1.2.3.5", "")}}));
  StartRetriever({archive.Peer()});
  Ask("archive");
  ASSERT_TRUE(Eventually([&] { return State("archive").progress == Progress::kAnswered; }));
  EXPECT_THAT(State("archive").series,
              ElementsAre(SeriesCount{Uid("1.2.3.4"), 80}, SeriesCount{Uid("1.2.3.5"), {}}));
  EXPECT_TRUE(Eventually([&] { return retriever_->StatusLine() == "answered=1 failed=0"; }));
}

TEST_F(RetrieverTest, KeepsTheReasonOfAFailureAndDoesNotAskAgainAtOnce) {
  const QueryScp archive(Answering({.status = 0xC001}));
  StartRetriever({archive.Peer()});
  Ask("archive");
  ASSERT_TRUE(Eventually([&] { return !State("archive").reason.empty(); }));
  EXPECT_THAT(State("archive").reason, HasSubstr("0xC001"));
  EXPECT_EQ(State("archive").progress, Progress::kWaiting);
  EXPECT_EQ(archive.associations(), 1);
}

TEST_F(RetrieverTest, AnArchiveWithoutTheServiceIsNotAskedAgain) {
  QueryScp::Script script = Answering({});
  script.refused_classes = {"1.2.840.10008.5.1.4.1.2.2.1"};
  const QueryScp archive(script);
  StartRetriever({archive.Peer()});
  Ask("archive");
  EXPECT_TRUE(Eventually([&] { return State("archive").progress == Progress::kFailed; }));
}

TEST_F(RetrieverTest, ASlowArchiveHoldsNoOtherUp) {
  std::latch end(1);
  const QueryScp slow(Answering({.silent_until_open = &end}));
  const QueryScp quick(Answering({{SeriesAnswer("1.2.3", "1.2.3.4", "80")}}));
  StartRetriever({slow.Peer("slow"), quick.Peer("quick")});
  Ask("slow");
  ASSERT_TRUE(Eventually([&] { return slow.associations() == 1; }));
  Ask("quick");
  EXPECT_TRUE(Eventually([&] { return State("quick").progress == Progress::kAnswered; }));
  EXPECT_EQ(State("slow").progress, Progress::kWaiting);
  EXPECT_EQ(State("slow").reason, "");
  end.count_down();
}

}  // namespace
}  // namespace necknode::scp::tests
