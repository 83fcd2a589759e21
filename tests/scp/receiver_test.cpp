#include "scp/receiver.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <list>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/digest.h"
#include "tests/scp/fixture.h"
#include "tests/scp/raw_peer.h"
#include "tests/support/shared_data.h"

namespace necknode::scp::tests {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::SizeIs;

std::string EchoCommand(std::uint16_t port, const std::string& options = "") {
  return "timeout 20 echoscu -aec NECKNODE " + options + " 127.0.0.1 " + std::to_string(port);
}

std::string StoreCommand(std::uint16_t port,
                         const std::string& what,
                         const std::string& options = "") {
  return "timeout 60 storescu -aec NECKNODE " + options + " 127.0.0.1 " + std::to_string(port) +
         " " + what;
}

void WriteFile(const std::filesystem::path& path, const Bytes& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

RawPeer Associated(ServedReceiver& receiver, const Proposal& proposal = {}) {
  RawPeer peer(receiver.port());
  EXPECT_EQ(peer.Associate(proposal)->type, 2U);
  return peer;
}

// A C-STORE has begun: its object is being written.
bool IsStoring(ServedReceiver& receiver) {
  const std::filesystem::recursive_directory_iterator files(receiver.folder() / "data" / "objects");
  return std::any_of(
      begin(files), end(files), [](const auto& entry) { return entry.is_regular_file(); });
}

// Result, source and reason of an A-ASSOCIATE-RJ, or 0 of anything else.
int RejectionOf(ServedReceiver& receiver, const Proposal& proposal) {
  RawPeer peer(receiver.port());
  const auto answer = peer.Associate(proposal);
  if (!answer || answer->type != 3) {
    return 0;
  }
  return std::to_integer<int>(answer->body[1]) * 100 + std::to_integer<int>(answer->body[2]) * 10 +
         std::to_integer<int>(answer->body[3]);
}

TEST(Receiver, AnswersEchoscu) {
  ServedReceiver receiver;
  EXPECT_EQ(RunCommand(EchoCommand(receiver.port())), 0);
}

double Counted(Receiver& receiver, const std::string& name, const Labels& labels) {
  for (const CounterSample& sample : receiver.Counted()) {
    if (sample.name == name && sample.labels == labels) {
      return sample.value;
    }
  }
  return -1;
}

TEST(Receiver, CountsRejectionsByTheirReason) {
  ServedReceiver receiver;
  constexpr const char* kRejected = "necknode_associations_rejected_total";
  EXPECT_EQ(Counted(receiver.receiver(), kRejected, {{"reason", "called_ae"}}), 0)
      << "a series begins with 0";
  Proposal wrong;
  wrong.called = "WRONG";
  EXPECT_NE(RejectionOf(receiver, wrong), 0);
  EXPECT_TRUE(Eventually([&] {
    return Counted(receiver.receiver(), "necknode_associations_total", {{"outcome", "rejected"}}) ==
           1;
  }));
  EXPECT_EQ(Counted(receiver.receiver(), kRejected, {{"reason", "called_ae"}}), 1);
  EXPECT_EQ(Counted(receiver.receiver(), kRejected, {{"reason", "calling_ae"}}), 0);
  EXPECT_EQ(Counted(receiver.receiver(), "necknode_associations_open", {}), 0);
  EXPECT_EQ(RejectionOf(receiver, Proposal{}), 0);
  EXPECT_TRUE(Eventually(
      [&] { return Counted(receiver.receiver(), "necknode_associations_open", {}) == 0; }));
}

TEST(Receiver, RejectsTitlesItDoesNotKnow) {
  ReceiverOptions options;
  options.accept_any_calling = false;
  options.peers = {
      {"PACS", "", false}, {"Modality", "127.0.0.1", true}, {"FAR", "192.0.2.1", false}};
  ServedReceiver receiver(options);
  const auto proposal = [](const char* called, const char* calling) {
    Proposal result;
    result.called = called;
    result.calling = calling;
    return result;
  };
  EXPECT_EQ(RejectionOf(receiver, proposal("NECKNODE", "PACS")), 0);
  EXPECT_EQ(RejectionOf(receiver, proposal(" NECKNODE", " PACS")), 0);
  EXPECT_EQ(RejectionOf(receiver, proposal("NECKNODE", "MODALITY")), 0);
  EXPECT_EQ(RejectionOf(receiver, proposal("NECKNODE", "pacs")), 113);
  EXPECT_EQ(RejectionOf(receiver, proposal("NECKNODE", "FAR")), 113);
  EXPECT_EQ(RejectionOf(receiver, proposal("NECKNODE", "STRANGER")), 113);
  EXPECT_EQ(RejectionOf(receiver, proposal("NECKNODE", "")), 113);
  EXPECT_EQ(RejectionOf(receiver, proposal("necknode", "PACS")), 117);
  EXPECT_EQ(RejectionOf(receiver, proposal("", "PACS")), 117);
  Proposal odd = proposal("NECKNODE", "PACS");
  odd.application_context = "1.2.3";
  EXPECT_EQ(RejectionOf(receiver, odd), 112);
  odd = proposal("NECKNODE", "PACS");
  odd.protocol_version = 2;
  EXPECT_EQ(RejectionOf(receiver, odd), 122);
  EXPECT_TRUE(Eventually([&] { return receiver.store().AuditTrail(0).size() == 11; }));
}

TEST(Receiver, KeepsToItsLimits) {
  ReceiverOptions options;
  options.max_associations = 3;
  options.max_associations_per_host = 2;
  options.max_unassociated = 4;
  ServedReceiver receiver(options);
  auto first = Associated(receiver);
  auto second = Associated(receiver);
  EXPECT_EQ(RejectionOf(receiver, {}), 232);
  first.Send(ShortPdu(7));
  EXPECT_TRUE(first.EndsSilently());
  EXPECT_TRUE(Eventually([&] { return RejectionOf(receiver, {}) == 0; }));

  std::list<RawPeer> silent;
  for (int i = 0; i < 6; ++i) {
    silent.emplace_back(receiver.port());
  }
  EXPECT_TRUE(silent.front().EndsSilently());
  EXPECT_EQ(second.Ask(EchoRequest()).status, 0U);
}

TEST(Receiver, AnswersWithinASecondBesideIdleAndHalfOpenPeers) {
  ServedReceiver receiver;
  std::list<RawPeer> idle, half;
  const Bytes request = AssociateRequestOf({});
  for (int i = 0; i < 64; ++i) {
    idle.emplace_back(receiver.port());
  }
  for (int i = 0; i < 100; ++i) {
    half.emplace_back(receiver.port());
    half.back().Send(Bytes(request.begin(), request.begin() + 40));
  }
  EXPECT_TRUE(Eventually([&] { return receiver.Count("associations") == 164; }));
  std::string output;
  EXPECT_EQ(RunCommand(EchoCommand(receiver.port(), "-ta 5 -td 5"), &output), 0) << output;
  const auto start = std::chrono::steady_clock::now();
  auto peer = Associated(receiver);
  EXPECT_EQ(peer.Ask(EchoRequest()).status, 0U);
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(1));
}

TEST(Receiver, StoresDurablyBeforeItAnswers) {
  ServedReceiver receiver;
  auto peer = Associated(receiver);
  const CtImage image = Slice(1);
  const Response response = peer.Ask(StoreRequest(1, image));
  ASSERT_EQ(response.status, 0U);
  EXPECT_EQ(response.field, 0x8001U);
  EXPECT_EQ(response.message_id, 7U);
  EXPECT_EQ(response.sop_instance, image.sop_instance_uid);

  const auto study = receiver.store().studies().Find(Uid(image.study_instance_uid));
  ASSERT_TRUE(study.has_value());
  const auto instances = receiver.store().studies().Instances(study->id);
  ASSERT_THAT(instances, SizeIs(1));
  const auto dataset = DatasetOf(image);
  Sha256 digest;
  digest.Update(std::string_view(kExplicit));
  digest.Update(dataset);
  EXPECT_EQ(instances[0].file_digest, digest.Finish());
  EXPECT_EQ(instances[0].header.modality, "CT");
  const auto file =
      receiver.store().objects().Read(storage::ObjectKind::kReceived, instances[0].object_key);
  ASSERT_GT(file.size(), dataset.size());
  EXPECT_TRUE(std::equal(dataset.rbegin(), dataset.rend(), file.rbegin()));
  const auto arrivals = receiver.store().studies().Arrivals(study->id);
  EXPECT_EQ(arrivals, (std::vector<storage::Arrival>{{"TESTSCU", "NECKNODE"}}));
  const auto path =
      receiver.store().objects().PathOf(storage::ObjectKind::kReceived, instances[0].object_key);
  std::string dump;
  EXPECT_EQ(RunCommand("dcmdump " + path.string(), &dump), 0);
  EXPECT_THAT(dump, HasSubstr("TESTSCU"));
}

TEST(Receiver, AnswersTheSameBytesAgainWithSuccess) {
  ServedReceiver receiver;
  auto peer = Associated(receiver);
  EXPECT_EQ(peer.Ask(StoreRequest(1, Slice(1))).status, 0U);
  EXPECT_EQ(peer.Ask(StoreRequest(1, Slice(1))).status, 0U);
  EXPECT_EQ(receiver.InstancesOf("1.2.3"), 1);
  EXPECT_EQ(receiver.Count("known"), 1);
}

TEST(Receiver, RefusesAKnownUidUnderAnotherStudy) {
  ServedReceiver receiver;
  auto peer = Associated(receiver);
  EXPECT_EQ(peer.Ask(StoreRequest(1, Slice(1))).status, 0U);
  CtImage other = Slice(1);
  other.study_instance_uid = "1.2.99";
  const Response response = peer.Ask(StoreRequest(1, other));
  EXPECT_EQ(response.status, 0xA900U);
  EXPECT_FALSE(response.comment.empty());
  EXPECT_EQ(peer.Ask(StoreRequest(1, Slice(2))).status, 0U);
}

TEST(Receiver, RefusesADatasetThatIsNotWhatTheRequestSays) {
  ServedReceiver receiver;
  auto peer = Associated(receiver);
  Bytes request = DataPdu(1, 3, CommandBytes({0x0001, 7, true, kCt, "1.2.3.4.77"}));
  const Bytes dataset = DataPdu(1, 2, DatasetOf(Slice(1)));
  request.insert(request.end(), dataset.begin(), dataset.end());
  const Response response = peer.Ask(request);
  EXPECT_EQ(response.status, 0xA900U);
  EXPECT_EQ(response.offending, (Bytes{std::byte{8}, std::byte{0}, std::byte{0x18}, std::byte{0}}));
  EXPECT_EQ(receiver.InstancesOf("1.2.3"), 0);
}

TEST(Receiver, QuarantinesABadDatasetAndTakesTheNextOne) {
  ServedReceiver receiver;
  auto peer = Associated(receiver);
  Bytes bad = DataPdu(1, 3, CommandBytes({}));
  const Bytes rubbish = DataPdu(1, 2, Bytes(1001, std::byte{0x41}));
  bad.insert(bad.end(), rubbish.begin(), rubbish.end());
  const Response response = peer.Ask(bad);
  EXPECT_EQ(response.status, 0xC000U);
  EXPECT_FALSE(response.comment.empty());
  EXPECT_THAT(receiver.store().QuarantineList(0), SizeIs(1));
  EXPECT_EQ(peer.Ask(StoreRequest(1, Slice(2))).status, 0U);
  EXPECT_EQ(receiver.InstancesOf("1.2.3"), 1);
}

TEST(Receiver, RefusesAnObjectBeyondItsLimit) {
  ReceiverOptions options;
  options.max_object_bytes = 10'000;
  ServedReceiver receiver(options);
  auto peer = Associated(receiver);
  CtImage large = Slice(1);
  large.pixel_bytes = 100'000;
  EXPECT_EQ(peer.Ask(StoreRequest(1, large)).status, 0xC000U);
  EXPECT_THAT(receiver.store().QuarantineList(0), SizeIs(0));
  EXPECT_EQ(peer.Ask(StoreRequest(1, Slice(2))).status, 0U);
}

TEST(Receiver, AnswersA700WhereTheDiskIsFullAtAnyWriteAndGoesOn) {
  ServedReceiver receiver;
  auto peer = Associated(receiver);
  CtImage image = Slice(1);
  image.pixel_bytes = 40'000;
  for (int n = 0; n < 5; ++n) {
    receiver.store().faults.writes_until_failure = n;
    EXPECT_EQ(peer.Ask(StoreRequest(1, image)).status, 0xA700U) << n;
  }
  receiver.store().faults.writes_until_failure = -1;
  EXPECT_EQ(peer.Ask(StoreRequest(1, image)).status, 0U);
}

TEST(Receiver, StopsWithAnErrorWhereStorageFails) {
  ServedReceiver receiver;
  auto peer = Associated(receiver);
  receiver.store().faults.failure = ErrorCode::kStorageFailed;
  receiver.store().faults.writes_until_failure = 1;
  EXPECT_EQ(peer.Ask(StoreRequest(1, Slice(1))).status, 0xA700U);
  EXPECT_EQ(peer.Receive()->type, 7U);
  try {
    receiver.Join();
    FAIL() << "Run() returned";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kStorageFailed);
  }
}

TEST(Receiver, TakesOnlyVerificationWhenTheReserveIsReached) {
  ServedReceiver receiver;
  auto open = Associated(receiver);
  receiver.store().faults.reserve_reached = true;
  EXPECT_EQ(open.Ask(StoreRequest(1, Slice(1))).status, 0xA700U);
  EXPECT_EQ(RejectionOf(receiver, {}), 231);
  EXPECT_EQ(RunCommand(EchoCommand(receiver.port())), 0);
  receiver.store().faults.reserve_reached = false;
  EXPECT_EQ(open.Ask(StoreRequest(1, Slice(1))).status, 0U);
}

TEST(Receiver, AnswersCommandsItDoesNotServe) {
  ServedReceiver receiver;
  Proposal proposal;
  proposal.contexts.push_back({5, "1.2.840.10008.5.1.4.1.2.2.1", {kImplicit}});
  auto peer = Associated(receiver, proposal);
  EXPECT_EQ(peer.Ask(DataPdu(3, 3, CommandBytes({0x0020, 1, false, kVerification, ""}))).status,
            0x0211U);
  Bytes with_dataset = DataPdu(1, 3, CommandBytes({0x0130, 1, true, kCt, "1.2"}));
  const Bytes dataset = DataPdu(1, 2, Bytes(100));
  with_dataset.insert(with_dataset.end(), dataset.begin(), dataset.end());
  const Response response = peer.Ask(with_dataset);
  EXPECT_EQ(response.status, 0x0211U);
  EXPECT_EQ(response.field, 0x8130U);
  CtImage image = Slice(1);
  EXPECT_EQ(peer.Ask(StoreRequest(5, image)).status, 0x0122U);
  image.sop_class_uid = "1.2.840.10008.5.1.4.1.1.4";
  EXPECT_EQ(peer.Ask(StoreRequest(1, image)).status, 0x0122U);
  EXPECT_EQ(peer.Ask(DataPdu(1, 3, CommandBytes({0x0001, 1, false, kCt, "1.2"}))).status, 0xC000U);
  peer.Send(DataPdu(3, 3, CommandBytes({0x0FFF, 1, false, "", ""})));
  EXPECT_EQ(peer.Ask(EchoRequest()).status, 0U);
}

TEST(Receiver, AnswersInPiecesWhereThePeerTakesOnlySmallPdus) {
  ServedReceiver receiver;
  Proposal proposal;
  proposal.max_pdu = 4096;
  auto peer = Associated(receiver, proposal);
  EXPECT_EQ(peer.Ask(StoreRequest(1, Slice(1), 100)).status, 0U);
  proposal.max_pdu = 64;
  auto tiny = Associated(receiver, proposal);
  tiny.Send(EchoRequest());
  Bytes command;
  for (bool last = false; !last;) {
    const auto pdu = tiny.Receive();
    ASSERT_TRUE(pdu.has_value());
    EXPECT_LE(pdu->body.size(), 64U);
    last = (std::to_integer<unsigned>(pdu->body[5]) & 2U) != 0;
    command.insert(command.end(), pdu->body.begin() + 6, pdu->body.end());
  }
  EXPECT_GT(command.size(), 58U);
}

TEST(Receiver, LosesNothingAcknowledgedWhenAPeerResetsAtAnyPduBoundary) {
  ServedReceiver receiver;
  CtImage image = Slice(1);
  const Bytes request = StoreRequest(1, image, 200);
  std::vector<std::size_t> boundaries;
  for (std::size_t at = 0; at < request.size();) {
    boundaries.push_back(at);
    at += 6 + (std::to_integer<std::size_t>(request[at + 4]) << 8) +
          std::to_integer<std::size_t>(request[at + 5]);
  }
  ASSERT_GT(boundaries.size(), 4U);
  for (const std::size_t end : boundaries) {
    auto peer = Associated(receiver);
    peer.Send(Bytes(request.begin(), request.begin() + static_cast<std::ptrdiff_t>(end)));
    peer.Reset();
  }
  EXPECT_TRUE(Eventually([&] { return receiver.Count("associations") == 0; }));
  EXPECT_EQ(receiver.InstancesOf("1.2.3"), 0);
  EXPECT_EQ(receiver.store().SweepOrphans(storage::ObjectKind::kReceived), 0);
}

TEST(Receiver, FinishesTheStoreInHandBeforeItStops) {
  ServedReceiver receiver;
  auto storing = Associated(receiver);
  auto idle = Associated(receiver);
  const Bytes request = StoreRequest(1, Slice(1), 200);
  const auto half = static_cast<std::ptrdiff_t>(request.size() / 2);
  storing.Send(Bytes(request.begin(), request.begin() + half));
  ASSERT_TRUE(Eventually([&] { return IsStoring(receiver); }));
  EXPECT_EQ(idle.Ask(EchoRequest()).status, 0U);
  receiver.receiver().Stop(seconds(5));
  EXPECT_EQ(idle.Receive()->type, 7U);
  storing.Send(Bytes(request.begin() + half, request.end()));
  EXPECT_EQ(ResponseOf(*storing.Receive()).status, 0U);
  EXPECT_EQ(storing.Receive()->type, 7U);
  storing.Close();
  idle.Close();
  receiver.Join();
  EXPECT_EQ(receiver.InstancesOf("1.2.3"), 1);
}

TEST(Receiver, AbortsAStoreThatDoesNotEndWithinTheGrace) {
  ServedReceiver receiver;
  auto storing = Associated(receiver);
  const Bytes request = StoreRequest(1, Slice(1), 200);
  storing.Send(Bytes(request.begin(), request.begin() + 400));
  ASSERT_TRUE(Eventually([&] { return IsStoring(receiver); }));
  receiver.receiver().Stop(milliseconds(50));
  EXPECT_EQ(storing.Receive()->type, 7U);
  receiver.Join();
}

TEST(Receiver, AnswersAnEchoWhileManyAssociationsStore) {
  ServedReceiver receiver;
  std::atomic<bool> enough{false};
  std::vector<std::thread> senders;
  for (int i = 0; i < 4; ++i) {
    senders.emplace_back([&, i] {
      RawPeer peer(receiver.port());
      peer.Associate();
      for (int n = 0; !enough && n < 1000; ++n) {
        CtImage image = Slice(i * 1000 + n);
        image.pixel_bytes = 65'000;
        EXPECT_EQ(peer.Ask(StoreRequest(1, image)).status, 0U);
      }
    });
  }
  EXPECT_TRUE(Eventually([&] { return receiver.Count("stored") > 20; }));
  EXPECT_EQ(RunCommand(EchoCommand(receiver.port(), "-ta 5 -td 5")), 0);
  enough = true;
  for (auto& sender : senders) {
    sender.join();
  }
}

TEST(Receiver, SurvivesMutatedBytes) {
  ServedReceiver receiver;
  std::mt19937 random(20261123);
  Bytes whole = AssociateRequestOf({});
  const Bytes store = StoreRequest(1, Slice(1), 300);
  whole.insert(whole.end(), store.begin(), store.end());
  for (int round = 0; round < 300; ++round) {
    Bytes bytes = whole;
    for (int change = 0; change < 1 + round % 6; ++change) {
      bytes[random() % bytes.size()] = static_cast<std::byte>(random());
    }
    bytes.resize(1 + random() % bytes.size());
    RawPeer peer(receiver.port());
    peer.Send(bytes);
  }
  auto peer = Associated(receiver);
  EXPECT_EQ(peer.Ask(EchoRequest()).status, 0U);
  peer.Close();
  EXPECT_TRUE(Eventually([&] { return receiver.Count("associations") == 0; }));
}

TEST(Receiver, StoresWhatStorescuSends) {
  ServedReceiver receiver;
  const auto files = receiver.folder() / "files";
  std::filesystem::create_directory(files);
  constexpr int kSlices = 40;
  for (int i = 1; i <= kSlices; ++i) {
    CtImage image = Slice(i);
    image.explicit_vr = i % 2 == 0;
    WriteFile(files / (std::to_string(i) + ".dcm"), FileOf(image));
  }
  std::string output;
  EXPECT_EQ(RunCommand(StoreCommand(receiver.port(), files.string(), "+sd"), &output), 0) << output;
  EXPECT_EQ(receiver.InstancesOf("1.2.3"), kSlices);
  EXPECT_EQ(RunCommand(StoreCommand(receiver.port(), files.string(), "+sd -pdu 4096 -R")), 0);
  EXPECT_EQ(receiver.Count("known") + receiver.Count("stored"), 2 * kSlices);
}

TEST(Receiver, StoresEveryTransferSyntaxAsItComes) {
  const auto folder = necknode::tests::SharedData("ct_transfer_syntaxes");
  if (folder.empty()) {
    GTEST_SKIP() << necknode::tests::kNoSharedData;
  }
  ServedReceiver receiver;
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".dcm") {
      continue;
    }
    ++files;
    std::string output;
    const auto option = [&]() -> std::string {
      RunCommand("dcmdump +P 0002,0010 " + entry.path().string(), &output);
      for (const auto& [word, flag] : std::initializer_list<std::pair<const char*, const char*>>{
               {"=LittleEndianExplicit", ""},
               {"=LittleEndianImplicit", "-xi"},
               {"=BigEndianExplicit", "-xb"},
               {"=DeflatedLittleEndianExplicit", "-xd"},
               {"=RLELossless", "-xr"},
               {"=JPEGBaseline", "-xy"},
               {"=JPEGExtended:Process2+4", "-xx"},
               {"=JPEGLossless:Non-hierarchical-1stOrderPrediction", "-xs"},
               {"=JPEGLSLossless", "-xt"},
               {"=JPEGLSLossy", "-xu"},
               {"=JPEG2000LosslessOnly", "-xv"},
               {"=JPEG2000", "-xw"}}) {
        if (output.find(word) != std::string::npos) {
          return flag;
        }
      }
      return "skip";
    }();
    if (option == "skip") {
      continue;  // storescu cannot propose it
    }
    EXPECT_EQ(
        RunCommand(StoreCommand(receiver.port(), entry.path().string(), "-R " + option), &output),
        0)
        << entry.path() << output;
  }
  EXPECT_GT(files, 10);
  EXPECT_GT(receiver.Count("stored") + receiver.Count("known"), 10);
  EXPECT_EQ(receiver.Count("refused"), 0);
}

}  // namespace
}  // namespace necknode::scp::tests
