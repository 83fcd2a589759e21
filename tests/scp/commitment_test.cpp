#include <array>
#include <fstream>

#include <gmock/gmock.h>

#include "scp/command_set.h"
#include "scp/commitment_dataset.h"
#include "scp/pdu.h"
#include "tests/scp/scripted_scp.h"
#include "tests/scp/sender_fixture.h"

namespace necknode::scp::tests {
namespace {

using std::chrono::milliseconds;
using storage::OutboxState;
using testing::HasSubstr;

const std::string kCommitment(kStorageCommitmentSopClass);

ReceiverOptions Granting() {
  ReceiverOptions options;
  options.grant_commitment = true;
  options.commitment_keep = std::chrono::hours(24);
  return options;
}

// Asks for commitment to instances, over context 1.
Bytes ActionRequestOf(const std::string& transaction,
                      const std::vector<std::string>& instances,
                      unsigned action_type = 1,
                      const std::string& sop_instance = std::string(kStorageCommitmentSopInstance),
                      const std::string& sop_class = kCt) {
  CommitmentDataset dataset;
  dataset.transaction_uid = Uid(transaction);
  for (const std::string& instance : instances)
    dataset.referenced.push_back({Uid(sop_class), Uid(instance)});
  Bytes request =
      DataPdu(1, 3, CommandBytes({0x0130, 11, true, kCommitment, sop_instance, action_type}));
  const Bytes data = DataPdu(1, 2, EncodeCommitment(dataset, true));
  request.insert(request.end(), data.begin(), data.end());
  return request;
}

Bytes ActionRequest(const std::vector<std::string>& instances,
                    unsigned action_type = 1,
                    const std::string& sop_instance = std::string(kStorageCommitmentSopInstance),
                    const std::string& sop_class = kCt) {
  return ActionRequestOf("1.2.99", instances, action_type, sop_instance, sop_class);
}

Proposal CommitmentProposal() {
  Proposal proposal;
  proposal.contexts = {{1, kCommitment, {kExplicit}}, {3, kCt, {kExplicit}}};
  return proposal;
}

struct EventReport {
  CommandRequest command;
  CommitmentDataset dataset;
};

// The next message, which must be an N-EVENT-REPORT.
EventReport ReceiveReport(RawPeer& peer) {
  EventReport report;
  const auto command = peer.Receive();
  const auto dataset = peer.Receive();
  if (!command || !dataset) {
    ADD_FAILURE() << "no report came";
    return report;
  }
  report.command = DecodeCommand(DecodeData(command->body).at(0).bytes);
  report.dataset = DecodeCommitment(DecodeData(dataset->body).at(0).bytes, true);
  return report;
}

void AnswerReport(RawPeer& peer, const EventReport& report, std::uint16_t status) {
  peer.Send(
      EncodeData(1, MessagePart::kCommand, EncodeResponse(report.command, {status, "", {}}), 0));
}

class CommitmentScp : public testing::Test {
 protected:
  CommitmentScp() : peer_(receiver_.port()) {
    EXPECT_TRUE(peer_.Associate(CommitmentProposal()));
    EXPECT_EQ(peer_.Ask(StoreRequest(3, {})).status, 0U);
  }
  storage::CommitmentRequests& requests() { return receiver_.store().commitment_requests(); }

  ServedReceiver receiver_{Granting()};
  RawPeer peer_;
};

TEST_F(CommitmentScp, ReportsOverTheAssociationThatThePeerKeepsOpen) {
  const auto answer = peer_.Ask(ActionRequest({"1.2.3.4.5", "1.2.3.4.6"}));
  EXPECT_EQ(answer.status, 0U);
  EXPECT_EQ(answer.field, 0x8130U);
  const auto report = ReceiveReport(peer_);
  EXPECT_EQ(report.command.command_field, kCommandEventReport);
  EXPECT_EQ(report.command.type_id, kCommitmentFailuresExist);
  EXPECT_EQ(report.dataset.transaction_uid, Uid("1.2.99"));
  ASSERT_EQ(report.dataset.referenced.size(), 1U);
  EXPECT_EQ(report.dataset.referenced[0].sop_instance_uid, Uid("1.2.3.4.5"));
  ASSERT_EQ(report.dataset.failed.size(), 1U);
  EXPECT_EQ(report.dataset.failed[0].failure_reason, storage::kNoSuchObjectInstance);
  AnswerReport(peer_, report, 0);
  EXPECT_EQ(peer_.Ask(StoreRequest(3, {})).status, 0U);  // the association goes on
  peer_.Send(ShortPdu(5));
  EXPECT_EQ(peer_.Receive()->type, 6U);
  EXPECT_TRUE(requests().DueCallingAes().empty());
}

TEST_F(CommitmentScp, LeavesTheReportToTheSenderWhereThePeerReleases) {
  EXPECT_EQ(peer_.Ask(ActionRequest({"1.2.3.4.5"})).status, 0U);
  EXPECT_TRUE(requests().DueCallingAes().empty());
  peer_.Send(ShortPdu(5));
  EXPECT_TRUE(Eventually([&] { return requests().DueCallingAes().size() == 1; }));
}

TEST_F(CommitmentScp, CommitsToNothingThatIsDamagedOrOfAnotherClass) {
  EXPECT_EQ(peer_
                .Ask(ActionRequest({"1.2.3.4.5"},
                                   1,
                                   std::string(kStorageCommitmentSopInstance),
                                   "1.2.840.10008.5.1.4.1.1.4"))
                .status,
            0U);
  const auto conflict = ReceiveReport(peer_);
  EXPECT_EQ(conflict.dataset.failed.at(0).failure_reason, storage::kClassInstanceConflict);
  AnswerReport(peer_, conflict, 0);

  const auto stored = requests().FindStored(Uid("1.2.3.4.5"));
  const auto path =
      receiver_.store().objects().PathOf(storage::ObjectKind::kReceived, stored->object_key);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(-3, std::ios::end);
  file.put('\x7f');
  file.close();
  RawPeer other(receiver_.port());
  Proposal proposal = CommitmentProposal();
  proposal.calling = "OTHER";
  ASSERT_TRUE(other.Associate(proposal));
  EXPECT_EQ(other.Ask(ActionRequest({"1.2.3.4.5"})).status, 0U);
  EXPECT_EQ(ReceiveReport(other).dataset.failed.at(0).failure_reason, 0x0110);
}

TEST_F(CommitmentScp, RefusesWhatIsNoSuchRequest) {
  EXPECT_EQ(peer_.Ask(ActionRequest({"1.2.3.4.5"}, 2)).status, 0x0123U);
  EXPECT_EQ(peer_.Ask(ActionRequest({"1.2.3.4.5"}, 1, "1.2.3")).status, 0x0112U);
  EXPECT_EQ(peer_.Ask(ActionRequest({})).status, 0x0115U);
  EXPECT_EQ(peer_.Ask(ActionRequest({"1.2.3'; --"})).status, 0x0115U);
  EXPECT_EQ(peer_.Ask(ActionRequest({std::string(65, '1')})).status, 0x0115U);
  EXPECT_EQ(
      peer_
          .Ask(DataPdu(
              1,
              3,
              CommandBytes(
                  {0x0130, 12, false, kCommitment, std::string(kStorageCommitmentSopInstance), 1})))
          .status,
      0x0115U);
  Bytes garbage = DataPdu(
      1,
      3,
      CommandBytes({0x0130, 13, true, kCommitment, std::string(kStorageCommitmentSopInstance), 1}));
  const Bytes data = DataPdu(1, 2, Bytes(64, std::byte{0xFF}));
  garbage.insert(garbage.end(), data.begin(), data.end());
  EXPECT_EQ(peer_.Ask(garbage).status, 0x0115U);
  EXPECT_EQ(peer_.Ask(ActionRequest({"1.2.3.4.5"})).status, 0U);
  EXPECT_EQ(peer_.Ask(ActionRequest({"1.2.3.4.77"})).status, 0x0110U);  // the UID is in use
}

TEST_F(CommitmentScp, ReportsOneAfterTheOtherAndLeavesTheOneThatWasRefused) {
  for (int i = 0; i < 3; ++i) {
    const Bytes request = ActionRequestOf("1.2.99." + std::to_string(i), {"1.2.3.4.5"});
    ASSERT_EQ(peer_.Ask(request).status, 0U);
  }
  for (int i = 0; i < 3; ++i) {
    const auto report = ReceiveReport(peer_);
    EXPECT_EQ(report.dataset.transaction_uid, Uid("1.2.99." + std::to_string(i)));
    AnswerReport(peer_, report, i == 1 ? 0x0110 : 0);
  }
  peer_.Send(ShortPdu(5));
  EXPECT_EQ(peer_.Receive()->type, 6U);
  EXPECT_TRUE(requests().DueCallingAes().empty());  // the refused one later
}

TEST(CommitmentScpIdle, AReportThatWasGivenUpDoesNotShortenTheIdleLimit) {
  ReceiverOptions options = Granting();
  options.idle = milliseconds(900);
  ServedReceiver receiver(options);
  RawPeer peer(receiver.port());
  ASSERT_TRUE(peer.Associate(CommitmentProposal()));
  EXPECT_EQ(peer.Ask(ActionRequest({"1.2.3.4.5"})).status, 0U);
  // Never silent for long enough to be reported to, until the report is given up.
  const auto start = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - start < milliseconds(1200)) {
    ASSERT_EQ(peer.Ask(StoreRequest(3, {})).status, 0U);
  }
  const auto silent = std::chrono::steady_clock::now();
  EXPECT_EQ(peer.Receive()->type, 7U);
  EXPECT_GE(std::chrono::steady_clock::now() - silent, milliseconds(800));
}

TEST(CommitmentScpIdle, AReportThatCanStillGoOutGoesOutBehindOneThatWasGivenUp) {
  ReceiverOptions options = Granting();
  options.idle = milliseconds(1500);
  ServedReceiver receiver(options);
  RawPeer peer(receiver.port());
  ASSERT_TRUE(peer.Associate(CommitmentProposal()));
  EXPECT_EQ(peer.Ask(ActionRequest({"1.2.3.4.5"})).status, 0U);
  const auto busy_for = [&](milliseconds time) {
    const auto start = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - start < time) {
      EXPECT_EQ(peer.Ask(StoreRequest(3, {})).status, 0U);
    }
  };
  busy_for(milliseconds(1000));
  EXPECT_EQ(peer.Ask(ActionRequestOf("1.2.100", {"1.2.3.4.5"})).status, 0U);
  busy_for(milliseconds(600));
  EXPECT_EQ(ReceiveReport(peer).dataset.transaction_uid, Uid("1.2.100"));
}

TEST_F(CommitmentScp, TakesNoMoreThanItsLimit) {
  Bytes request = DataPdu(
      1,
      3,
      CommandBytes({0x0130, 11, true, kCommitment, std::string(kStorageCommitmentSopInstance), 1}));
  const Bytes piece = DataPdu(1, 0, Bytes(200'000));
  for (std::size_t sent = 0; sent <= kMaxCommitmentBytes; sent += 200'000)
    request.insert(request.end(), piece.begin(), piece.end());
  const Bytes last = DataPdu(1, 2, Bytes(2));
  request.insert(request.end(), last.begin(), last.end());
  EXPECT_EQ(peer_.Ask(request).status, 0x0213U);
}

TEST(CommitmentNegotiation, IsOfferedOnlyWhereItIsConfigured) {
  const auto result = [](const ReceiverOptions& options, const Proposal& proposal) {
    ServedReceiver receiver(options);
    RawPeer peer(receiver.port());
    EXPECT_TRUE(peer.Associate(proposal));
    return peer.Ask(ActionRequest({"1.2.3.4.5"})).status;
  };
  EXPECT_EQ(result({}, CommitmentProposal()), 0x0122U);
  ReceiverOptions expecting;
  expecting.expect_commitment_reports = true;
  EXPECT_EQ(result(expecting, CommitmentProposal()), 0x0124U);
  Proposal as_scp = CommitmentProposal();
  as_scp.roles = {{kCommitment, false, true}};
  EXPECT_EQ(result(Granting(), as_scp), 0x0122U);
}

// The sender of one node and the receiver of another, which stands for the PACS.
class CommitmentScu : public SenderTest {
 protected:
  void SetUp() override { rows_ = Finish("1.2.5", {{"pacs", kCt, ""}}); }
  RemotePeer Pacs(const ServedReceiver& receiver) const {
    return {"pacs", "NECKNODE", "127.0.0.1", receiver.port(), std::nullopt, std::nullopt, true};
  }
  std::string CommitmentOf(std::size_t row) { return RowOf(rows_[row].id).commitment; }

  std::vector<storage::OutboxRow> rows_;
};

TEST_F(CommitmentScu, ADocumentIsDoneWhenThePeerHasCommittedItselfOverTheSameAssociation) {
  ServedReceiver pacs(Granting());
  Start({Pacs(pacs)});
  EXPECT_TRUE(Eventually([&] { return CommitmentOf(0) == "committed"; }));
  EXPECT_EQ(RowOf(rows_[0].id).state, OutboxState::kDelivered);
  EXPECT_TRUE(
      Eventually([&] { return pacs.store().commitment_requests().DueCallingAes().empty(); }));
}

TEST_F(CommitmentScu, APeerWithoutCommitmentParksTheDocumentAfterItsDelivery) {
  ServedReceiver pacs;
  Start({Pacs(pacs)});
  ASSERT_TRUE(Becomes(rows_[0].id, OutboxState::kParked));
  EXPECT_THAT(RowOf(rows_[0].id).reason,
              HasSubstr("does not offer the service 1.2.840.10008.1.20.1"));
}

TEST_F(CommitmentScu, AReportThatThePeerRefusesAgainAndAgainIsParked) {
  ReceiverOptions expecting;
  expecting.expect_commitment_reports = true;
  ServedReceiver pacs(expecting);  // knows of no transaction
  auto& requests = store_.commitment_requests();
  const storage::SopReference slice = {Uid("1.2.840.10008.5.1.4.1.1.2"), Uid("1.2.3")};
  const auto id = requests.Add(Uid("1.9"), "NECKNODE", "NECKNODE", {slice}, {});
  ASSERT_TRUE(id);
  for (int i = 0; i < 9; ++i)
    requests.MarkRetry(*id, "0x0110", {});
  RemotePeer peer = Pacs(pacs);
  peer.storage_commitment = false;
  Start({peer});
  EXPECT_TRUE(Eventually([&] { return requests.List(1).at(0).state == "parked"; }));
  const auto row = requests.List(1).at(0);
  EXPECT_EQ(row.last_status, "0x0115");
  EXPECT_THAT(row.reason, HasSubstr("cannot process"));
}

// An N-EVENT-REPORT over context 1 as PDUs.
Bytes ReportOf(std::uint16_t event_type, const Bytes& dataset) {
  CommandRequest command;
  command.message_id = 5;
  command.dataset_type = kWithDataset;
  command.sop_class_uid = Uid(kStorageCommitmentSopClass);
  command.sop_instance_uid = Uid(kStorageCommitmentSopInstance);
  command.type_id = event_type;
  Bytes pdus = EncodeData(1, MessagePart::kCommand, EncodeEventReport(command), 0);
  const Bytes data = EncodeData(1, MessagePart::kDataset, dataset, 16'384);
  pdus.insert(pdus.end(), data.begin(), data.end());
  return pdus;
}

Bytes DeepSequences(int depth) {
  constexpr std::array<unsigned, 20> kLevel = {0x08, 0,    0x11, 0x11, 'S',  'Q',  0,
                                               0,    0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0xFF,
                                               0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF};
  Bytes bytes;
  for (int i = 0; i < depth; ++i) {
    for (const unsigned byte : kLevel)
      bytes.push_back(static_cast<std::byte>(byte));
  }
  return bytes;
}

TEST_F(CommitmentScu, AHostileReportHarmsNobodyAndTheDocumentWaitsForAnother) {
  for (const Bytes& report : {ReportOf(1, DeepSequences(60'000)),
                              ReportOf(1, Bytes(6'000'000)),
                              ReportOf(7, EncodeCommitment({Uid("1.2.3"), {}, {}}, true)),
                              ShortPdu(7)}) {
    ScriptedScp::Script script;
    script.report = report;
    ScriptedScp hostile(script);
    RemotePeer peer{"pacs", "NECKNODE", "127.0.0.1", hostile.port(), std::nullopt};
    peer.storage_commitment = true;
    store_.outbox().Release(rows_[0].id, storage::ProcessUser());
    Start({peer});
    EXPECT_TRUE(Eventually([&] { return CommitmentOf(0) == "asked"; }));
    sender_->Stop();
    thread_.join();
    EXPECT_EQ(RowOf(rows_[0].id).state, OutboxState::kDelivered);
    EXPECT_EQ(CommitmentOf(0), "asked");
    EXPECT_TRUE(store_.commitments().DueDestinations().empty());
  }
}

TEST_F(CommitmentScu, TakesNoReportOnWhatAnotherDestinationWasAsked) {
  const auto other = Finish("1.2.6", {{"other", kCt, ""}}).at(0);
  store_.outbox().MarkDelivered(other.id, "0x0000", other.sop_instance_uid, true);
  store_.commitments().MarkAsked(store_.commitments().Next("other", Uid("1.2.98"))->id, "0x0000");
  ScriptedScp::Script script;
  script.report = ReportOf(
      1,
      EncodeCommitment({Uid("1.2.98"), {{other.sop_class_uid, other.sop_instance_uid}}, {}}, true));
  ScriptedScp scp(script);
  RemotePeer peer{"pacs", "NECKNODE", "127.0.0.1", scp.port(), std::nullopt};
  peer.storage_commitment = true;
  Start({peer});
  EXPECT_TRUE(Eventually([&] { return CommitmentOf(0) == "asked"; }));
  sender_->Stop();
  thread_.join();
  EXPECT_EQ(RowOf(other.id).commitment, "asked");
}

TEST_F(CommitmentScu, TakesTheReportOverAnotherAssociation) {
  ServedReceiver pacs(Granting());
  ReceiverOptions expecting;
  expecting.port = 0;
  expecting.ae_titles = {{"US"}};
  expecting.expect_commitment_reports = true;
  // The other node reports as the title that was asked.
  expecting.commitment_reporters = {{"pacs", {"NECKNODE", "", false}}};
  const auto ours = Receiver::Make(expecting, store_, SystemClock());
  std::thread serving([&] { ours->Run(); });

  // The document is delivered and asked for by hand, over an association that ends at once.
  const auto document = SendDocuments(
      "US",
      Pacs(pacs),
      {{{{rows_[0].sop_class_uid,
          rows_[0].sop_instance_uid,
          store_.objects().Read(storage::ObjectKind::kResult, rows_[0].object_key)}}}},
      std::chrono::seconds(5));
  EXPECT_EQ(document.at(0).status, "0x0000");
  store_.outbox().MarkDelivered(rows_[0].id, "0x0000", rows_[0].sop_instance_uid, true);
  const auto commitment = store_.commitments().Next("pacs", Uid("1.2.99"));
  ASSERT_TRUE(commitment);
  RawPeer stranger(ours->port());
  Proposal as_scp = CommitmentProposal();
  as_scp.called = "US";
  as_scp.calling = "STRANGER";
  as_scp.roles = {{kCommitment, false, true}};
  ASSERT_TRUE(stranger.Associate(as_scp));
  EXPECT_EQ(stranger
                .Ask(ReportOf(
                    1,
                    EncodeCommitment(
                        {Uid("1.2.99"), {{rows_[0].sop_class_uid, rows_[0].sop_instance_uid}}, {}},
                        true)))
                .status,
            0x0115U);
  EXPECT_EQ(CommitmentOf(0), "asked");
  RawPeer asking(pacs.port());
  Proposal proposal = CommitmentProposal();
  proposal.calling = "US";
  ASSERT_TRUE(asking.Associate(proposal));
  EXPECT_EQ(asking.Ask(ActionRequest({rows_[0].sop_instance_uid.value()})).status, 0U);
  asking.Send(ShortPdu(5));

  SenderOptions options;
  options.peers = {{"us", "US", "127.0.0.1", ours->port(), std::nullopt}};
  options.poll = milliseconds(20);
  Sender reporter(options, pacs.store());
  std::thread reporting([&] { reporter.Run(); });
  EXPECT_TRUE(Eventually([&] { return CommitmentOf(0) == "committed"; }));
  reporter.Stop();
  reporting.join();
  ours->Stop(milliseconds(1000));
  serving.join();
}

}  // namespace
}  // namespace necknode::scp::tests
