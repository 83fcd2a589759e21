#pragma once

#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "core/digest.h"
#include "scp/sender.h"
#include "tests/scp/datasets.h"
#include "tests/scp/fixture.h"
#include "tests/scp/raw_peer.h"
#include "tests/scp/scripted_web.h"

namespace necknode::scp::tests {

struct TestDocument {
  std::string destination;
  std::string sop_class = kCt;
  std::string fallback_class;
};

/// A store with finished jobs, as a worker leaves it.
class SenderTest : public testing::Test {
 protected:
  void TearDown() override {
    if (thread_.joinable()) {
      sender_->Stop();
      thread_.join();
    }
  }

  storage::NewResult ResultOf(const std::string& sop_class) {
    CtImage image;
    image.sop_class_uid = sop_class;
    image.sop_instance_uid = "1.2.7." + std::to_string(++results_);
    auto file = store_.objects().Create(storage::ObjectKind::kResult);
    const Bytes bytes = FileOf(image);
    file->Write(bytes);
    file->Sync();
    return {
        "SR", Uid(sop_class), Uid(image.sop_instance_uid), Uid("1.2.8"), file->key(), bytes.size()};
  }

  // Receives one study, makes its job, and finishes it with `documents`. Returns the outbox rows.
  std::vector<storage::OutboxRow> Finish(const std::string& study,
                                         const std::vector<TestDocument>& documents) {
    Receive(study);
    const auto row = store_.studies().Find(Uid(study));
    const storage::NewJob job{
        Sha256Of(study), Uid(study + ".1"), "default", "test/1", "digest", 1, false, ""};
    EXPECT_TRUE(store_.studies().Decide(row->id, row->change, {}, {job}, ""));
    const auto leased = store_.jobs().Acquire("test", std::chrono::minutes(5));
    EXPECT_TRUE(leased.has_value());
    storage::JobResult result;
    for (const auto& document : documents) {
      storage::NewDelivery delivery{document.destination, result.results.size(), std::nullopt, ""};
      result.results.push_back(ResultOf(document.sop_class));
      if (!document.fallback_class.empty()) {
        delivery.fallback = result.results.size();
        result.results.push_back(ResultOf(document.fallback_class));
      }
      result.deliveries.push_back(delivery);
    }
    EXPECT_TRUE(store_.jobs().Finish({leased->id, leased->attempt}, result));
    return store_.outbox().OfJob(leased->id);
  }

  void Receive(const std::string& study) {
    storage::ReceivedInstance instance;
    instance.file = store_.objects().Create(storage::ObjectKind::kReceived);
    instance.file->Write(FileOf({}));
    instance.header.transfer_syntax_uid = Uid(kExplicit);
    instance.header.sop_class_uid = Uid(kCt);
    instance.header.sop_instance_uid = Uid(study + ".1.1");
    instance.header.study_instance_uid = Uid(study);
    instance.header.series_instance_uid = Uid(study + ".1");
    instance.header.modality = "CT";
    instance.file_digest = Sha256Of(study);
    instance.calling_ae = "A";
    instance.called_ae = "B";
    auto committer = store_.MakeCommitter();
    std::latch done(1);
    committer->Submit(std::move(instance),
                      [&](storage::AddOutcome outcome, const std::string& detail) {
                        EXPECT_EQ(outcome, storage::AddOutcome::kStored) << detail;
                        done.count_down();
                      });
    done.wait();
  }

  void Start(const std::vector<RemotePeer>& peers,
             std::chrono::milliseconds backoff = std::chrono::milliseconds(10)) {
    SenderOptions options;
    options.peers = peers;
    options.poll = backoff / 2;
    options.backoff_base = backoff;
    options.backoff_limit = 4 * backoff;
    options.timeout = std::chrono::seconds(5);
    sender_ = std::make_unique<Sender>(options, store_);
    thread_ = std::thread([this] { sender_->Run(); });
  }

  storage::OutboxRow RowOf(std::int64_t id) { return *store_.outbox().Find(id); }
  bool Becomes(std::int64_t id, storage::OutboxState state) {
    return Eventually([&] { return RowOf(id).state == state; });
  }

  static RemotePeer PeerAt(const std::string& name, std::uint16_t port) {
    return {name, "NECKNODE", "127.0.0.1", port, std::nullopt};
  }

  static RemotePeer WebPeerAt(const ScriptedWeb& web) {
    return {"web", "", "", 0, std::nullopt, WebService{web.url(), "", {}, {}, {}}};
  }

  necknode::tests::TempFolder folder_;
  FaultyStore store_{folder_.path() / "data"};
  std::unique_ptr<Sender> sender_;
  std::thread thread_;
  int results_ = 0;
};

}  // namespace necknode::scp::tests
