#include "scp/prior_fetch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/scp/fixture.h"
#include "tests/scp/query_scp.h"

namespace necknode::scp::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const Uid kPrior("1.2.50"), kPriorSeries("1.2.50.1");

/// An archive that has one earlier study of three slices; a study of the same patient is here.
class PriorFetchTest : public testing::Test {
 protected:
  PriorFetchTest() {
    RawPeer peer(receiver_.port());
    EXPECT_TRUE(peer.Associate());
    EXPECT_EQ(peer.Ask(StoreRequest(1, current_)).status, 0U);
    script_.destination_port = receiver_.port();
    script_.find = [this](const Identifier& keys) { return Find(keys); };
    script_.retrieve = [this](const Identifier& keys) {
      EXPECT_EQ(keys.Text(0x0020000E), kPriorSeries.value());
      return images_;
    };
    for (const char* number : {"1", "2", "3"}) {
      images_.push_back(SliceOf(number));
    }
  }

  static CtImage SliceOf(const std::string& number) {
    CtImage image;
    image.study_instance_uid = kPrior.value();
    image.series_instance_uid = kPriorSeries.value();
    image.sop_instance_uid = kPriorSeries.value() + "." + number;
    return image;
  }

  QueryScp::Answer Find(const Identifier& keys) {
    if (keys.Text(0x00080052) == "SERIES") {
      return {{SeriesAnswer(kPrior.value(), kPriorSeries.value(), "3")}};
    }
    asked_patient_ = keys.Text(0x00100020);
    return {{{{0x0008, 0x0020, "DA", "20200101"},
              {0x0008, 0x0061, "CS", "CT"},
              {0x0008, 0x1030, "LO", "CT Hals"},
              {0x0010, 0x0020, "LO", asked_patient_},
              {0x0020, 0x000D, "UI", kPrior.value()}}}};
  }

  /// Serves the request for priors of the study that is here, as a lane of the retriever does.
  void Fetch(const QueryScp& archive, bool by_get) {
    auto& requests = store().archive_requests();
    requests.AskPriors(study(), "archive");
    PriorOptions options{archive.Peer(), by_get, {}};
    options.rules.max_age_years = 100;
    options.by_ae_title = by_ae_title_;
    RetrieveOptions retrieve;
    retrieve.timeout = retrieve.silence = std::chrono::seconds(10);
    if (!request_) {
      request_ = requests.Begin(storage::ArchiveRequestKind::kPriors, "archive");
    }
    PriorFetch(options, retrieve, store()).Serve(request_.value());
  }
  Error FailureOf(const QueryScp& archive, bool by_get) {
    try {
      Fetch(archive, by_get);
    } catch (const Error& error) {
      return error;
    }
    return {ErrorCode::kInternal, "nothing was thrown"};
  }
  storage::Store& store() { return receiver_.store(); }
  storage::StudyId study() { return store().studies().Find(Uid("1.2.3"))->id; }
  std::vector<storage::PriorStudy> Priors() { return store().priors().Of(study()); }
  int Held() { return store().priors().Held(kPrior, kPriorSeries); }
  void ExpectNotAnalysed() {
    EXPECT_EQ(receiver_.InstancesOf(kPrior.value()), 0);
    for (const auto& open : store().studies().Unconsidered()) {
      EXPECT_NE(open.study_instance_uid, kPrior);
    }
    EXPECT_THAT(store().QuarantineList(0), IsEmpty());
  }

  bool by_ae_title_ = false;
  CtImage current_;
  std::string asked_patient_;
  std::vector<CtImage> images_;
  QueryScp::Script script_;
  std::optional<storage::ArchiveRequest> request_;
  ServedReceiver receiver_;
};

TEST_F(PriorFetchTest, MovesThePriorToOurReceiverAndLinksIt) {
  const QueryScp archive(script_);
  Fetch(archive, false);
  EXPECT_EQ(asked_patient_, "P1");
  EXPECT_EQ(Held(), 3);
  ASSERT_THAT(Priors(), SizeIs(1));
  EXPECT_EQ(Priors()[0].state, "stored");
  EXPECT_EQ(Priors()[0].instances, 3);
  EXPECT_FALSE(store().archive_requests().PriorsAwaited(study()));
  ExpectNotAnalysed();
}

TEST_F(PriorFetchTest, KnowsWhatIsMovedByTheArchivesTitleOrByOurs) {
  script_.names_originator = false;
  by_ae_title_ = true;
  {
    const QueryScp archive(script_);
    Fetch(archive, false);
  }
  EXPECT_EQ(Held(), 3);
  ExpectNotAnalysed();
  script_.names_originator = true;
  script_.move_calling_ae = "GATEWAY";
  for (CtImage& image : images_) {
    image.pixel_bytes += 2;  // other bytes come as revisions, without an alarm
  }
  script_.find = [this](const Identifier& keys) {
    auto answer = Find(keys);
    return keys.Text(0x00080052) == "SERIES"
               ? QueryScp::Answer{{SeriesAnswer(kPrior.value(), kPriorSeries.value(), "4")}}
               : answer;
  };
  store().priors().End(study(), kPrior, "once more");
  const QueryScp archive(script_);
  Fetch(archive, false);
  EXPECT_EQ(Held(), 3);
  EXPECT_EQ(Priors()[0].reason, "1 instances did not come");
  ExpectNotAnalysed();
}

TEST_F(PriorFetchTest, GetsThePriorOverTheSameAssociation) {
  const QueryScp archive(script_);
  Fetch(archive, true);
  EXPECT_THAT(archive.StoreStatuses(), ElementsAre(0U, 0U, 0U));
  EXPECT_EQ(Held(), 3);
  EXPECT_EQ(Priors().at(0).state, "stored");
  ExpectNotAnalysed();
}

TEST_F(PriorFetchTest, RefusesWhatWasNotAskedFor) {
  CtImage other = SliceOf("9");
  other.study_instance_uid = "1.2.51";
  CtImage stranger = SliceOf("10");
  stranger.patient_id = "P2";
  images_ = {other, SliceOf("1"), stranger};
  const QueryScp archive(script_);
  Fetch(archive, true);
  EXPECT_THAT(archive.StoreStatuses(), ElementsAre(0xA900U, 0U, 0xA900U));
  EXPECT_EQ(Held(), 1);
  EXPECT_FALSE(store().studies().Find(Uid("1.2.51")));
}

TEST_F(PriorFetchTest, ASecondTryGoesOnWhereTheFirstBrokeOff) {
  script_.retrieve_status = 0xB000;
  const QueryScp archive(script_);
  EXPECT_THAT(FailureOf(archive, false).what(), HasSubstr("0xB000"));
  EXPECT_EQ(Priors().at(0).state, "requested");
  EXPECT_EQ(archive.retrievals(), 1);
  Fetch(archive, false);  // everything had come all the same
  EXPECT_EQ(archive.retrievals(), 1);
  EXPECT_EQ(Priors().at(0).state, "stored");
}

TEST_F(PriorFetchTest, AnUnknownMoveDestinationIsNotTriedAgain) {
  images_.clear();
  script_.retrieve_status = 0xA801;
  const QueryScp archive(script_);
  const Error failure = FailureOf(archive, false);
  EXPECT_EQ(failure.code(), ErrorCode::kUnsupported);
  EXPECT_THAT(failure.what(), HasSubstr("move destination"));
}

TEST_F(PriorFetchTest, APatternAsPatientIdAsksNobody) {
  CtImage hostile;
  hostile.study_instance_uid = "1.2.4";
  hostile.series_instance_uid = "1.2.4.1";
  hostile.sop_instance_uid = "1.2.4.1.1";
  hostile.patient_id = "P*";
  RawPeer peer(receiver_.port());
  ASSERT_TRUE(peer.Associate());
  ASSERT_EQ(peer.Ask(StoreRequest(1, hostile)).status, 0U);
  auto& requests = store().archive_requests();
  requests.AskPriors(store().studies().Find(Uid("1.2.4"))->id, "archive");
  request_ = requests.Begin(storage::ArchiveRequestKind::kPriors, "archive");
  const QueryScp archive(script_);
  EXPECT_EQ(FailureOf(archive, false).code(), ErrorCode::kUnsupported);
  EXPECT_EQ(archive.associations(), 0);
}

}  // namespace
}  // namespace necknode::scp::tests
