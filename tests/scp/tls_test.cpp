#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scp/storage_scu.h"
#include "tests/scp/certificates.h"
#include "tests/scp/fixture.h"
#include "tests/scp/raw_peer.h"

namespace necknode::scp::tests {
namespace {

using Kind = SendResult::Kind;
using testing::HasSubstr;

class Tls : public testing::Test {
 protected:
  static void SetUpTestSuite() { certificates_ = std::make_unique<Certificates>(); }
  static void TearDownTestSuite() { certificates_.reset(); }

  static std::string File(const std::string& name, const std::string& kind) {
    return certificates_->File(name, kind);
  }
  static TlsFiles FilesOf(const std::string& name, const std::string& authority = "ca") {
    return certificates_->FilesOf(name, authority);
  }
  static ReceiverOptions Options(TlsUse use, const std::string& name = "node") {
    ReceiverOptions options;
    options.ae_titles = {{"NECKNODE", use}, {"OPEN", TlsUse::kOptional}};
    options.tls = FilesOf(name);
    options.artim = std::chrono::milliseconds(700);
    return options;
  }
  static SendResult Send(std::uint16_t port, const std::optional<TlsFiles>& files) {
    CtImage image;
    const RemotePeer peer{"pacs", "NECKNODE", "127.0.0.1", port, files};
    return SendDocuments(
               "SENDER",
               peer,
               {{{{Uid(image.sop_class_uid), Uid(image.sop_instance_uid), FileOf(image)}}}},
               kTimeout)
        .front();
  }
  static std::string Client(std::uint16_t port, const std::string& arguments) {
    std::string output;
    RunCommand("openssl s_client -connect 127.0.0.1:" + std::to_string(port) + " -CAfile " +
                   File("ca", "pem") + " " + arguments + " < /dev/null 2>&1",
               &output);
    return output;
  }

 private:
  static inline std::unique_ptr<Certificates> certificates_;
};

TEST_F(Tls, StoresWithAndWithoutAClientCertificate) {
  ServedReceiver receiver(Options(TlsUse::kRequired));
  const std::uint16_t port = receiver.receiver().tls_port();
  for (const TlsFiles& files : {FilesOf("client"), TlsFiles{"", "", File("ca", "pem")}}) {
    const SendResult result = Send(port, files);
    EXPECT_EQ(result.kind, Kind::kDelivered) << result.status << " " << result.detail;
  }
  EXPECT_EQ(receiver.Count("stored"), 1);
  EXPECT_EQ(receiver.Count("known"), 1);
}

TEST_F(Tls, AnAeTitleThatWantsTlsTakesNothingInTheClear) {
  ServedReceiver receiver(Options(TlsUse::kRequired));
  const SendResult result = Send(receiver.port(), std::nullopt);
  EXPECT_EQ(result.kind, Kind::kPermanent) << result.status;
  EXPECT_EQ(receiver.Count("rejected"), 1);
  RawPeer open(receiver.port());
  Proposal proposal;
  proposal.called = "OPEN";
  EXPECT_EQ(open.Associate(proposal)->type, 2U);
}

TEST_F(Tls, AnAeTitleThatWantsACertificateTakesOnlyATrustedOne) {
  ServedReceiver receiver(Options(TlsUse::kCertificate));
  const std::uint16_t port = receiver.receiver().tls_port();
  EXPECT_EQ(Send(port, TlsFiles{"", "", File("ca", "pem")}).kind, Kind::kPermanent);
  EXPECT_EQ(receiver.Count("rejected"), 1);
  // The handshake fails, so that not even a title is told.
  const SendResult unknown = Send(port, FilesOf("stranger"));
  EXPECT_EQ(unknown.kind, Kind::kRetry) << unknown.status << " " << unknown.detail;
  EXPECT_EQ(receiver.Count("total"), 0);
  const SendResult known = Send(port, FilesOf("client"));
  EXPECT_EQ(known.kind, Kind::kDelivered) << known.status << " " << known.detail;
  const SendResult nameless = Send(port, FilesOf("nameless"));
  EXPECT_EQ(nameless.kind, Kind::kDelivered) << nameless.status << " " << nameless.detail;
}

TEST_F(Tls, NothingIsSentToACertificateOfAnotherNameOrAuthority) {
  ServedReceiver elsewhere(Options(TlsUse::kOptional, "elsewhere"));
  const SendResult other_name = Send(elsewhere.receiver().tls_port(), FilesOf("client"));
  EXPECT_EQ(other_name.kind, Kind::kRetry);
  EXPECT_EQ(other_name.status, "TLS failed") << other_name.detail;
  ServedReceiver receiver(Options(TlsUse::kOptional));
  const SendResult other_authority =
      Send(receiver.receiver().tls_port(), FilesOf("stranger", "foreign"));
  EXPECT_EQ(other_authority.status, "TLS failed") << other_authority.detail;
  const SendResult plain = Send(receiver.port(), FilesOf("client"));
  EXPECT_EQ(plain.kind, Kind::kRetry) << "a peer that speaks no TLS: " << plain.status;
  EXPECT_EQ(elsewhere.Count("total") + receiver.Count("total"), 0);
}

TEST_F(Tls, SpeaksVersions12And13WithForwardSecrecyOnly) {
  ServedReceiver receiver(Options(TlsUse::kOptional));
  const std::uint16_t port = receiver.receiver().tls_port();
  EXPECT_THAT(Client(port, "-tls1_3"), HasSubstr("Verify return code: 0 (ok)"));
  EXPECT_THAT(Client(port, "-tls1_2"), HasSubstr("Verify return code: 0 (ok)"));
  EXPECT_THAT(Client(port, "-tls1_1 -cipher ALL:@SECLEVEL=0"), HasSubstr("Cipher is (NONE)"));
  EXPECT_THAT(Client(port, "-tls1_2 -cipher AES128-SHA256:AES128-GCM-SHA256"),
              HasSubstr("Cipher is (NONE)"));
}

TEST_F(Tls, APeerThatHoldsTheHandshakeHoldsNobodyElse) {
  ServedReceiver receiver(Options(TlsUse::kOptional));
  const std::uint16_t port = receiver.receiver().tls_port();
  RawPeer silent(port), half(port), garbage(port);
  half.Send({std::byte{0x16}, std::byte{0x03}, std::byte{0x01}});
  garbage.Send(AssociateRequestOf({}));
  EXPECT_EQ(Send(port, FilesOf("client")).kind, Kind::kDelivered);
  for (RawPeer* peer : {&silent, &half}) {
    EXPECT_TRUE(peer->EndsSilently()) << "by ARTIM";
  }
  EXPECT_TRUE(Eventually([&] { return receiver.Count("associations") == 0; }));
}

TEST_F(Tls, NamesTheFileThatIsOfNoUse) {
  EXPECT_EQ(TlsProblem(FilesOf("node")), "");
  EXPECT_EQ(TlsProblem({}), "");
  TlsFiles files = FilesOf("node");
  files.certificate = File("none", "pem");
  EXPECT_THAT(TlsProblem(files),
              HasSubstr("TLS certificate " + File("none", "pem") + ": No such file"));
  files = FilesOf("node");
  files.private_key = File("client", "key");
  EXPECT_THAT(TlsProblem(files), HasSubstr("TLS private key " + File("client", "key")));
  files = FilesOf("node");
  files.trusted = File("node", "key");
  EXPECT_THAT(TlsProblem(files), HasSubstr("TLS trusted certificates"));
  files = FilesOf("node");
  ASSERT_EQ(RunCommand("openssl ec -aes128 -passout pass:x -in " + File("node", "key") + " -out " +
                       File("locked", "key") + " 2>/dev/null"),
            0);
  files.private_key = File("locked", "key");
  EXPECT_THAT(TlsProblem(files), HasSubstr("TLS private key"));
  ReceiverOptions options = Options(TlsUse::kOptional);
  options.tls->private_key = File("client", "key");
  try {
    const ServedReceiver receiver(options);
    FAIL() << "served with the key of another certificate";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kConfig);
  }
}

}  // namespace
}  // namespace necknode::scp::tests
