#include <fstream>

#include <gmock/gmock.h>

#include "scp/command_set.h"
#include "scp/commitment_dataset.h"
#include "scp/pdu.h"
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

// Asks for commitment to instances of the CT class, over context 1.
Bytes ActionRequest(const std::vector<std::string>& instances,
                    unsigned action_type = 1,
                    const std::string& sop_instance = std::string(kStorageCommitmentSopInstance),
                    const std::string& sop_class = kCt) {
  CommitmentDataset dataset;
  dataset.transaction_uid = Uid("1.2.99");
  for (const std::string& instance : instances)
    dataset.referenced.push_back({Uid(sop_class), Uid(instance)});
  Bytes request =
      DataPdu(1, 3, CommandBytes({0x0130, 11, true, kCommitment, sop_instance, action_type}));
  const Bytes data = DataPdu(1, 2, EncodeCommitment(dataset, true));
  request.insert(request.end(), data.begin(), data.end());
  return request;
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

TEST_F(CommitmentScp, LeavesTheReportToTheSenderWhereThePeerReleasesOrRefusesIt) {
  EXPECT_EQ(peer_.Ask(ActionRequest({"1.2.3.4.5"})).status, 0U);
  EXPECT_TRUE(requests().DueCallingAes().empty());
  AnswerReport(peer_, ReceiveReport(peer_), 0x0110);
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
  EXPECT_THAT(RowOf(rows_[0].id).reason, HasSubstr("does not offer storage commitment"));
}

TEST_F(CommitmentScu, TakesTheReportOverAnotherAssociation) {
  ServedReceiver pacs(Granting());
  ReceiverOptions expecting;
  expecting.port = 0;
  expecting.ae_titles = {{"US"}};
  expecting.expect_commitment_reports = true;
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
