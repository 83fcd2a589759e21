#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scp/stow.h"
#include "tests/scp/certificates.h"
#include "tests/scp/datasets.h"
#include "tests/scp/scripted_web.h"

namespace necknode::scp::tests {
namespace {

using Kind = SendResult::Kind;
using testing::HasSubstr;

class StowByTls : public testing::Test {
 protected:
  static void SetUpTestSuite() { certificates_ = std::make_unique<Certificates>(); }
  static void TearDownTestSuite() { certificates_.reset(); }

  static WebAnswer Accept(const WebRequest& request) {
    return AnswerOf(200, Stored(InstanceOf(request)));
  }
  static TlsFiles FilesOf(const std::string& name, const std::string& authority = "ca") {
    return certificates_->FilesOf(name, authority);
  }
  /// Trusts an authority and shows nothing.
  static TlsFiles Trusting(const std::string& authority) {
    return {"", "", certificates_->File(authority, "pem")};
  }
  static SendResult Send(const std::string& url,
                         const TlsFiles& files,
                         std::chrono::seconds timeout = std::chrono::seconds(10)) {
    const CtImage image;
    return StoreByWeb({url, "", {}, {}, files},
                      {{{{Uid(image.sop_class_uid), Uid(image.sop_instance_uid), FileOf(image)}}}},
                      timeout)
        .at(0);
  }
  static void ExpectNothingSent(const ScriptedWeb& web, const TlsFiles& files) {
    const SendResult result = Send(web.url(), files);
    EXPECT_EQ(result.kind, Kind::kRetry);
    EXPECT_EQ(result.status, "TLS failed") << result.detail;
    EXPECT_TRUE(web.Received().empty());
  }
  static inline std::unique_ptr<Certificates> certificates_;
};

TEST_F(StowByTls, StoresWithAndWithoutAClientCertificate) {
  ScriptedWeb web(Accept, FilesOf("node"));
  const SendResult plain = Send(web.url(), Trusting("ca"));
  EXPECT_EQ(plain.kind, Kind::kDelivered) << plain.status << " " << plain.detail;
  EXPECT_EQ(web.certificates_shown(), 0);
  const SendResult shown = Send(web.url(), FilesOf("client"));
  EXPECT_EQ(shown.kind, Kind::kDelivered) << shown.status << " " << shown.detail;
  EXPECT_EQ(web.certificates_shown(), 1);
}

TEST_F(StowByTls, SendsNothingToACertificateOfAnotherName) {
  ScriptedWeb web(Accept, FilesOf("elsewhere"));
  ExpectNothingSent(web, FilesOf("client"));
}

TEST_F(StowByTls, SendsNothingToACertificateOfAnotherAuthority) {
  ScriptedWeb web(Accept, FilesOf("node"));
  ExpectNothingSent(web, Trusting("foreign"));
  ExpectNothingSent(web, TlsFiles{});  // the system's authorities
}

TEST_F(StowByTls, SaysThatTheServerWantsAnotherClientCertificate) {
  ScriptedWeb web(Accept, FilesOf("node"));
  const SendResult result = Send(web.url(),
                                 {certificates_->File("stranger", "pem"),
                                  certificates_->File("stranger", "key"),
                                  certificates_->File("ca", "pem")});
  // With TLS 1.3 the refusal comes after the client's side of the handshake is done.
  EXPECT_EQ(result.kind, Kind::kRetry) << result.status;
  EXPECT_TRUE(web.Received().empty());
}

TEST_F(StowByTls, NeverFallsBackToTheClear) {
  ScriptedWeb web(Accept);
  // It waits for the rest of a request that it cannot read, as many servers do.
  const SendResult result =
      Send("https" + web.url().substr(4), Trusting("ca"), std::chrono::seconds(1));
  EXPECT_EQ(result.kind, Kind::kRetry);
  EXPECT_EQ(result.status, "timeout") << result.detail;
  EXPECT_TRUE(web.Received().empty());
}

TEST_F(StowByTls, NamesTheFileThatIsOfNoUse) {
  ScriptedWeb web(Accept, FilesOf("node"));
  TlsFiles files = FilesOf("client");
  files.private_key = certificates_->File("node", "key");
  const SendResult result = Send(web.url(), files);
  EXPECT_EQ(result.status, "TLS failed");
  EXPECT_THAT(result.detail, HasSubstr(certificates_->File("node", "key")));
}

}  // namespace
}  // namespace necknode::scp::tests
