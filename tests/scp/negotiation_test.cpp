#include "scp/negotiation.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "scp/sop_classes.h"
#include "tests/scp/raw_peer.h"

namespace necknode::scp::tests {
namespace {

AssociateRequest Decoded(const Proposal& proposal) {
  const Bytes pdu = AssociateRequestOf(proposal);
  return DecodeAssociateRequest(std::span(pdu).subspan(kPduHeaderBytes));
}

std::string PickedFrom(const std::vector<std::string>& syntaxes) {
  Proposal proposal;
  proposal.contexts = {{1, kCt, syntaxes}};
  const auto answer = Negotiate(Decoded(proposal), {}).contexts.at(0);
  return answer.result == ContextResult::kAccepted ? answer.transfer_syntax.value() : "";
}

constexpr const char* kJpegBaseline = "1.2.840.10008.1.2.4.50";
constexpr const char* kJpegLossless = "1.2.840.10008.1.2.4.70";
constexpr const char* kBigEndian = "1.2.840.10008.1.2.2";
constexpr const char* kMpeg2 = "1.2.840.10008.1.2.4.100";

TEST(DecodeAssociateRequest, ReadsWhatIsProposedAndSkipsWhatItDoesNotKnow) {
  Proposal proposal;
  proposal.called = " NECKNODE";
  proposal.roles = {{kCt, true, true}};
  proposal.more_items =
      Bytes{std::byte{0x77}, std::byte{0}, std::byte{0}, std::byte{2}, std::byte{1}, std::byte{2}};
  const AssociateRequest request = Decoded(proposal);
  EXPECT_EQ(request.called_ae, "NECKNODE");
  EXPECT_EQ(request.calling_ae, "TESTSCU");
  EXPECT_EQ(request.max_pdu, 16384U);
  EXPECT_EQ(request.implementation_version, "RAWPEER");
  ASSERT_EQ(request.contexts.size(), 2U);
  EXPECT_EQ(request.contexts[0].abstract_syntax.value(), kCt);
  ASSERT_EQ(request.roles.size(), 1U);
  EXPECT_TRUE(request.roles[0].scp);
}

TEST(DecodeAssociateRequest, StripsPaddingFromUids) {
  Proposal proposal;
  proposal.contexts = {
      {1, std::string(kCt) + std::string(1, '\0'), {std::string(kExplicit) + " "}}};
  const AssociateRequest request = Decoded(proposal);
  EXPECT_EQ(request.contexts[0].abstract_syntax.value(), kCt);
  EXPECT_EQ(request.contexts[0].transfer_syntaxes[0].value(), kExplicit);
}

TEST(DecodeAssociateRequest, RefusesEvenRepeatedAndMissingContexts) {
  Proposal proposal;
  proposal.contexts = {{2, kCt, {kExplicit}}};
  EXPECT_THROW(Decoded(proposal), Error);
  proposal.contexts = {{1, kCt, {kExplicit}}, {1, kCt, {kExplicit}}};
  EXPECT_THROW(Decoded(proposal), Error);
  proposal.contexts = {};
  EXPECT_THROW(Decoded(proposal), Error);
}

TEST(DecodeAssociateRequest, SurvivesEveryTruncationAndEveryFalseByte) {
  const Bytes pdu = AssociateRequestOf({});
  const auto body = std::span(pdu).subspan(kPduHeaderBytes);
  for (std::size_t length = 0; length < body.size(); ++length) {
    try {
      static_cast<void>(DecodeAssociateRequest(body.first(length)));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kParse);
    }
  }
  for (std::size_t at = 0; at < body.size(); ++at) {
    Bytes wrong(body.begin(), body.end());
    wrong[at] ^= std::byte{0xFF};
    try {
      static_cast<void>(DecodeAssociateRequest(wrong));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kParse);
    }
  }
}

TEST(Negotiate, PrefersExplicitThenImplicitThenLosslessThenLossy) {
  EXPECT_EQ(PickedFrom({kJpegBaseline, kJpegLossless, kImplicit, kExplicit}), kExplicit);
  EXPECT_EQ(PickedFrom({kJpegBaseline, kJpegLossless, kImplicit}), kImplicit);
  EXPECT_EQ(PickedFrom({kJpegBaseline, kJpegLossless}), kJpegLossless);
  EXPECT_EQ(PickedFrom({kJpegBaseline, kBigEndian, kJpegLossless}), kBigEndian);
  EXPECT_EQ(PickedFrom({kJpegBaseline}), kJpegBaseline);
  EXPECT_EQ(PickedFrom({kMpeg2, kJpegBaseline}), kJpegBaseline);
  EXPECT_EQ(PickedFrom({kMpeg2, "1.2.840.10008.1.2.4.94", "1.2.3.4"}), "");
  EXPECT_EQ(PickedFrom({}), "");
}

TEST(Negotiate, SaysWhyAContextIsRefused) {
  Proposal proposal;
  proposal.contexts = {
      {1, "1.2.840.10008.5.1.4.1.2.2.1", {kExplicit}}, {3, kCt, {kMpeg2}}, {5, kCt, {kExplicit}}};
  const auto contexts = Negotiate(Decoded(proposal), {}).contexts;
  EXPECT_EQ(contexts[0].result, ContextResult::kAbstractSyntaxNotSupported);
  EXPECT_EQ(contexts[1].result, ContextResult::kTransferSyntaxesNotSupported);
  EXPECT_EQ(contexts[2].result, ContextResult::kAccepted);
}

TEST(Negotiate, AnswersRolesAndTakesOnlyTheScuRole) {
  Proposal proposal;
  proposal.contexts = {{1, kCt, {kExplicit}}, {3, "1.2.840.10008.5.1.4.1.1.4", {kExplicit}}};
  proposal.roles = {
      {kCt, true, true}, {"1.2.840.10008.5.1.4.1.1.4", false, true}, {"1.2.3", true, false}};
  const auto negotiated = Negotiate(Decoded(proposal), {});
  ASSERT_EQ(negotiated.roles.size(), 2U);
  EXPECT_TRUE(negotiated.roles[0].scu);
  EXPECT_FALSE(negotiated.roles[0].scp);
  EXPECT_EQ(negotiated.contexts[0].result, ContextResult::kAccepted);
  EXPECT_EQ(negotiated.contexts[1].result, ContextResult::kUserRejection);
}

TEST(Negotiate, AnswersAll128Contexts) {
  Proposal proposal;
  proposal.contexts.clear();
  for (unsigned id = 1; id < 256; id += 2) {
    proposal.contexts.push_back({id, kCt, {kImplicit, kExplicit}});
  }
  const AssociateRequest request = Decoded(proposal);
  AssociateAccept accept;
  accept.contexts = Negotiate(request, {}).contexts;
  ASSERT_EQ(accept.contexts.size(), 128U);
  const Bytes pdu = EncodeAssociateAccept(accept);
  EXPECT_EQ(DecodePduHeader(std::span(pdu).first<kPduHeaderBytes>()).length,
            pdu.size() - kPduHeaderBytes);
}

TEST(IsStorageSopClass, KnowsWhatAPacsRoutes) {
  for (const char* uid : {kCt,
                          "1.2.840.10008.5.1.4.1.1.2.1",
                          "1.2.840.10008.5.1.4.1.1.2.2",
                          "1.2.840.10008.5.1.4.1.1.88.34",
                          "1.2.840.10008.5.1.4.1.1.11.1",
                          "1.2.840.10008.5.1.4.1.1.7"}) {
    EXPECT_TRUE(IsStorageSopClass(Uid(uid))) << uid;
  }
  EXPECT_FALSE(IsStorageSopClass(Uid(kVerification)));
  EXPECT_FALSE(IsStorageSopClass(Uid("1.2.840.10008.5.1.4.1.2.2.1")));
}

}  // namespace
}  // namespace necknode::scp::tests
