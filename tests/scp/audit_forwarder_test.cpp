#include "scp/audit_forwarder.h"

#include <atomic>
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "core/log.h"
#include "tests/scp/certificates.h"
#include "tests/scp/fixture.h"
#include "tests/scp/syslog_server.h"
#include "tests/scp/xml_reader.h"

namespace necknode::scp::tests {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

class AuditForwarderTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { certificates_ = std::make_unique<Certificates>(); }
  static void TearDownTestSuite() { certificates_.reset(); }

  // A row whose message is `name`'s start.
  void Write(const std::string& name) { store_->Audit({"application", name, "started", ""}); }
  void WriteMany(int from, int to) {
    for (int i = from; i < to; ++i) {
      Write("role" + std::to_string(i));
    }
  }
  void Reopen() {
    store_.reset();
    store_ = std::make_unique<FaultyStore>(folder_.path() / "data");
  }

  std::unique_ptr<AuditForwarder> Forward(std::uint16_t port, std::optional<TlsFiles> tls = {}) {
    AuditForwarderOptions options;
    options.source = {"node.example", {"NECKNODE"}};
    options.server = {"127.0.0.1", port, milliseconds(3'000)};
    options.tls = std::move(tls);
    options.poll = milliseconds(5);
    options.backoff_base = milliseconds(10);
    options.backoff_limit = milliseconds(40);
    return std::make_unique<AuditForwarder>(
        options, store_->audit_feed(), [this] { failed_ = true; });
  }
  static long Number(const AuditForwarder& forwarder, const std::string& key) {
    const std::string line = forwarder.StatusLine();
    return std::stol(line.substr(line.find(key + "=") + key.size() + 1));
  }
  static bool Idle(const AuditForwarder& forwarder, long sent) {
    return Eventually([&] {
      return Number(forwarder, "audit_sent") >= sent && Number(forwarder, "audit_waiting") == 0;
    });
  }

  static std::vector<std::string> Names(const SyslogServer& server) {
    std::vector<std::string> names;
    static const std::regex pattern("ActiveParticipant UserID=\"([^\"]*)\"");
    for (const std::string& message : server.Received()) {
      std::smatch match;
      names.push_back(std::regex_search(message, match, pattern) ? match[1].str() : message);
    }
    return names;
  }
  static std::vector<std::string> Roles(int from, int to) {
    std::vector<std::string> names;
    for (int i = from; i < to; ++i) {
      names.push_back("role" + std::to_string(i));
    }
    return names;
  }
  // A port where nobody listens until somebody is made to.
  static std::uint16_t FreeUdpPort() { return UdpSyslogServer().port(); }
  static std::uint16_t FreeTcpPort() {
    return TlsSyslogServer(certificates_->FilesOf("node")).port();
  }

  necknode::tests::TempFolder folder_;
  std::unique_ptr<FaultyStore> store_ = std::make_unique<FaultyStore>(folder_.path() / "data");
  std::atomic<bool> failed_{false};
  static inline std::unique_ptr<Certificates> certificates_;
};

TEST_F(AuditForwarderTest, SendsEachRowAsOneDatagram) {
  const UdpSyslogServer server;
  Write("receiver");
  store_->Audit({"association", "PACS", "released", "has no message"});
  Write("sender");
  const auto forwarder = Forward(server.port());
  ASSERT_TRUE(Eventually([&] { return server.Received().size() == 2; }));
  const std::string message = server.Received().front();
  const std::regex head(
      "<85>1 \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z node\\.example necknode " +
      std::to_string(getpid()) + " DICOM\\+RFC3881 - \xEF\xBB\xBF<\\?xml");
  EXPECT_TRUE(std::regex_search(message, head, std::regex_constants::match_continuous)) << message;
  EXPECT_EQ(XmlReader(message.substr(message.find("<?xml"))).Problem(), "");
  EXPECT_TRUE(Idle(*forwarder, 2));
}

TEST_F(AuditForwarderTest, SendsByTlsInOrder) {
  const TlsSyslogServer server(certificates_->FilesOf("node"));
  WriteMany(0, 150);
  const auto forwarder = Forward(server.port(), certificates_->FilesOf("client"));
  ASSERT_TRUE(Idle(*forwarder, 150));
  WriteMany(150, 160);
  ASSERT_TRUE(Idle(*forwarder, 160));
  EXPECT_EQ(Names(server), Roles(0, 160));
}

TEST_F(AuditForwarderTest, AServerThatWasAwayGetsEveryRowOnceByUdp) {
  const std::uint16_t port = FreeUdpPort();
  WriteMany(0, 3);
  {
    const auto forwarder = Forward(port);
    EXPECT_TRUE(Eventually([&] { return Number(*forwarder, "audit_waiting") == 3; }));
  }
  Reopen();
  WriteMany(3, 70);
  const auto forwarder = Forward(port);
  EXPECT_TRUE(Eventually([&] { return Number(*forwarder, "audit_waiting") == 70; }));
  const UdpSyslogServer server(port);
  EXPECT_TRUE(Eventually([&] { return server.Received().size() >= 70; }));
  EXPECT_TRUE(Eventually([&] { return Number(*forwarder, "audit_waiting") == 0; }));
  EXPECT_EQ(Names(server), Roles(0, 70));
}

TEST_F(AuditForwarderTest, AServerThatWasAwayGetsEveryRowOnceByTls) {
  const std::uint16_t port = FreeTcpPort();
  const auto files = certificates_->FilesOf("client");
  WriteMany(0, 3);
  {
    const auto forwarder = Forward(port, files);
    EXPECT_TRUE(Eventually([&] { return Number(*forwarder, "audit_waiting") == 3; }));
  }
  Reopen();
  WriteMany(3, 70);
  const auto forwarder = Forward(port, files);
  EXPECT_TRUE(Eventually([&] { return Number(*forwarder, "audit_waiting") == 70; }));
  {
    const TlsSyslogServer server(certificates_->FilesOf("node"), port);
    EXPECT_TRUE(Idle(*forwarder, 70));
    EXPECT_EQ(Names(server), Roles(0, 70));
  }
  WriteMany(70, 72);
  const TlsSyslogServer back(certificates_->FilesOf("node"), port);
  EXPECT_TRUE(Idle(*forwarder, 72));
  EXPECT_EQ(Names(back), Roles(70, 72));
}

TEST_F(AuditForwarderTest, WhatWasSentIsNotSentAgainAfterARestart) {
  const UdpSyslogServer server;
  WriteMany(0, 5);
  ASSERT_TRUE(Idle(*Forward(server.port()), 5));
  Reopen();
  WriteMany(5, 6);
  ASSERT_TRUE(Idle(*Forward(server.port()), 1));
  EXPECT_EQ(Names(server), Roles(0, 6));
}

TEST_F(AuditForwarderTest, WhatAServerThatDiedHadNotReadIsSentAgain) {
  WriteMany(0, 60);  // one batch, of which the first message is cut off
  const TlsSyslogServer server(certificates_->FilesOf("node"), {.die_after_bytes = 10});
  const auto forwarder = Forward(server.port(), certificates_->FilesOf("client"));
  EXPECT_TRUE(Eventually([&] { return Names(server) == Roles(0, 60); }));
}

TEST_F(AuditForwarderTest, AServerThatHangsUpIsTriedAgain) {
  WriteMany(0, 2);
  const TlsSyslogServer server(certificates_->FilesOf("node"), {.hang_up = true});
  const auto forwarder = Forward(server.port(), certificates_->FilesOf("client"));
  EXPECT_TRUE(Idle(*forwarder, 2));
  EXPECT_EQ(Names(server), Roles(0, 2));
}

TEST_F(AuditForwarderTest, SendsNothingToAServerThatIsNotWhoItShouldBe) {
  const TlsSyslogServer elsewhere(certificates_->FilesOf("elsewhere"));
  const TlsSyslogServer strict(certificates_->FilesOf("node"));
  Write("receiver");
  testing::internal::CaptureStderr();
  StartLog("tester", LogLevel::kInfo);
  const auto wait = [this](std::uint16_t port, const TlsFiles& files) {
    const auto forwarder = Forward(port, files);
    EXPECT_TRUE(Eventually([&] { return Number(*forwarder, "audit_waiting") == 1; }));
    const auto patience = std::chrono::steady_clock::now() + milliseconds(400);
    EXPECT_TRUE(Eventually([&] { return std::chrono::steady_clock::now() > patience; }));
    EXPECT_EQ(Number(*forwarder, "audit_waiting"), 1);
  };
  wait(elsewhere.port(), certificates_->FilesOf("client"));
  wait(strict.port(), certificates_->FilesOf("client", "foreign"));
  wait(strict.port(), certificates_->FilesOf("stranger", "ca"));  // a client that it does not trust
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(elsewhere.Received().empty());
  EXPECT_TRUE(strict.Received().empty());
  EXPECT_THAT(log, HasSubstr("event=audit_server_away"));
}

TEST_F(AuditForwarderTest, ADeadServerHoldsUpNothingAndItsStopIsQuick) {
  boost::asio::io_context io;
  const boost::asio::ip::tcp::acceptor silent(
      io, {boost::asio::ip::address_v4::loopback(), 0});  // accepts, and never says a word
  Write("receiver");
  const auto start = std::chrono::steady_clock::now();
  {
    auto forwarder = Forward(silent.local_endpoint().port(), certificates_->FilesOf("client"));
    EXPECT_TRUE(Eventually([&] { return Number(*forwarder, "audit_waiting") == 1; }));
    Write("sender");
    EXPECT_EQ(store_->AuditTrail(0).size(), 2U);
    forwarder->Finish();
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(2'500));
  EXPECT_FALSE(failed_);
}

}  // namespace
}  // namespace necknode::scp::tests
