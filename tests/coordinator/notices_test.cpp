#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coordinator/notice_channels.h"
#include "coordinator/notice_text.h"
#include "coordinator/notifier.h"
#include "core/digest.h"
#include "core/error.h"
#include "core/log.h"
#include "tests/coordinator/line_server.h"
#include "tests/support/temp_folder.h"

namespace necknode::coordinator {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using tests::BodyOf;
using tests::HeaderOf;
using tests::HttpAnswers;
using tests::LineServer;
using tests::SmtpAnswers;

storage::NoticeMessage SomeMessage() {
  storage::NoticeMessage message;
  message.kind = storage::kNoticeRowParked;
  message.key = "k1";
  message.events = 3;
  message.created = WallTime(1'800'000'000'000ms);
  storage::NoticeEvent event;
  event.kind = message.kind;
  event.time = WallTime(1'800'000'000'000ms);
  event.study = 7;
  event.job = 3;
  event.row = 12;
  event.subject = "pacs \"x\"\\\n\xC3\xA4";
  event.study_instance_uid = Uid("1.2.3");
  message.items = {event};
  return message;
}

class ChannelTest : public testing::Test {
 protected:
  ChannelTest() {
    std::ofstream(Secret()) << "hush\n";
    text_ = WriteNotice(SomeMessage(), {"NECKNODE", "https://page.example/"});
  }
  std::filesystem::path Secret() const { return folder_.path() / "secret"; }
  WebhookOptions Webhook(const LineServer& server) const {
    return {"http://127.0.0.1:" + std::to_string(server.port()) + "/hook?a=1", Secret(), {}};
  }
  EmailOptions Email(const LineServer& server) const {
    EmailOptions options;
    options.server = "127.0.0.1";
    options.port = static_cast<std::uint16_t>(server.port());
    options.security = "none";
    options.from = "node@hospital.example";
    options.to = {"one@hospital.example", "two@hospital.example"};
    return options;
  }
  ::necknode::tests::TempFolder folder_;
  NoticeText text_;
};

TEST(WriteNotice, NamesRowsAndLinksAndNoPatient) {
  const NoticeText text = WriteNotice(SomeMessage(), {"NECKNODE", "https://page.example/"});
  EXPECT_EQ(text.subject, "necknode NECKNODE: 3 results could not be delivered and are parked");
  EXPECT_EQ(text.json,
            "{\"id\":\"k1\",\"kind\":\"row_parked\",\"time\":\"2027-01-15T08:00:00Z\","
            "\"node\":\"NECKNODE\",\"text\":\"3 results could not be delivered and are parked\","
            "\"count\":3,\"link\":\"https://page.example/#/studies/7\",\"items\":["
            "{\"time\":\"2027-01-15T08:00:00Z\",\"study\":7,\"job\":3,\"row\":12,"
            "\"subject\":\"pacs \\\"x\\\"\\\\\",\"link\":\"https://page.example/#/studies/7\"}]}");
  EXPECT_THAT(text.body, HasSubstr("study 7  job 3  outbox row 12  pacs \"x\"\\  https://page"));
  EXPECT_THAT(text.body, HasSubstr("and 2 more\n"));
  EXPECT_THAT(text.body + text.json, Not(HasSubstr("1.2.3")));
}

TEST(WriteNotice, NamesTheStudyWhereThatIsWanted) {
  const NoticeText text = WriteNotice(SomeMessage(), {"NECKNODE", "", true});
  EXPECT_THAT(text.json, HasSubstr("\"study_instance_uid\":\"1.2.3\""));
  EXPECT_THAT(text.json, Not(HasSubstr("link")));
  EXPECT_THAT(text.body, HasSubstr("1.2.3"));
}

TEST(WriteNotice, LinksSeveralToTheListThatTheyStandIn) {
  auto message = SomeMessage();
  message.items.push_back(message.items.front());
  const NoticeText text = WriteNotice(message, {"NECKNODE", "https://page.example/"});
  EXPECT_THAT(text.json, HasSubstr("\"link\":\"https://page.example/#/outbox?state=parked\""));
}

TEST_F(ChannelTest, WebhookIsSigned) {
  const LineServer server("", HttpAnswers(204));
  EXPECT_EQ(PostWebhook(Webhook(server), text_, {}), "");
  ASSERT_EQ(server.Received().size(), 1U);
  const std::string request = server.Received()[0];
  EXPECT_THAT(request, testing::StartsWith("POST /hook?a=1 HTTP/1.1\r\n"));
  EXPECT_EQ(BodyOf(request), text_.json);
  EXPECT_EQ(HeaderOf(request, "Content-Type"), "application/json");
  EXPECT_EQ(HeaderOf(request, "X-Necknode-Id"), "k1");
  EXPECT_EQ(HeaderOf(request, "X-Necknode-Signature"),
            "sha256=" +
                HmacSha256Of("hush", HeaderOf(request, "X-Necknode-Timestamp") + "." + text_.json));
}

TEST_F(ChannelTest, WebhookSaysWhatWentWrong) {
  const LineServer server("", HttpAnswers(500));
  EXPECT_EQ(PostWebhook(Webhook(server), text_, {}), "HTTP 500");
  const LineServer moved("", HttpAnswers(302));
  EXPECT_EQ(PostWebhook(Webhook(moved), text_, {}), "HTTP 302") << "redirects are not followed";
  EXPECT_NE(PostWebhook({"http://127.0.0.1:1/", Secret(), {}}, text_, {}), "");
  WebhookOptions no_secret = Webhook(server);
  no_secret.secret_file = folder_.path() / "absent";
  EXPECT_THROW((void)PostWebhook(no_secret, text_, {}), Error);
}

TEST_F(ChannelTest, WebhookThatDoesNotAnswerIsLeftWhenAsked) {
  const LineServer silent("", [](const std::string&) { return std::string(); });
  std::stop_source stop;
  std::jthread stopper([&] {
    while (silent.Received().empty()) {
      std::this_thread::yield();
    }
    stop.request_stop();
  });
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(PostWebhook(Webhook(silent), text_, stop.get_token()), "stopped");
  EXPECT_LT(std::chrono::steady_clock::now() - begun, kNoticeTimeout / 2);
}

TEST_F(ChannelTest, MailGoesToAllReceivers) {
  const LineServer server(tests::kSmtpGreeting, SmtpAnswers());
  EmailOptions options = Email(server);
  options.user = "node";
  options.password_file = Secret();
  EXPECT_EQ(SendMail(options, text_, {}), "");
  ASSERT_EQ(server.Received().size(), 1U);
  const std::string session = server.Received()[0];
  EXPECT_THAT(session, HasSubstr("AUTH PLAIN"));
  EXPECT_THAT(session, HasSubstr("MAIL FROM:<node@hospital.example>"));
  EXPECT_THAT(session, HasSubstr("RCPT TO:<one@hospital.example>"));
  EXPECT_THAT(session, HasSubstr("RCPT TO:<two@hospital.example>"));
  EXPECT_THAT(session, HasSubstr("\r\nSubject: " + text_.subject + "\r\n"));
  EXPECT_THAT(session, HasSubstr("To: one@hospital.example,\r\n two@hospital.example\r\n"));
  EXPECT_THAT(session, HasSubstr("Message-ID: <k1@hospital.example>"));
  EXPECT_THAT(session, HasSubstr("outbox row 12"));
}

TEST_F(ChannelTest, MailSaysWhatWentWrong) {
  const LineServer server(tests::kSmtpGreeting, SmtpAnswers(true));
  EXPECT_THAT(SendMail(Email(server), text_, {}), HasSubstr("550"));
  EmailOptions encrypted = Email(server);
  encrypted.security = "starttls";
  EXPECT_NE(SendMail(encrypted, text_, {}), "") << "never in the clear where TLS is wanted";
  EXPECT_THAT(server.Received().back(), Not(HasSubstr("MAIL FROM")));
}

class NotifierTest : public ChannelTest {
 protected:
  NotifierTest()
      : store_(storage::Store::Open({folder_.path() / "data", 0, 1U << 20U}, SystemClock())) {
    StartLog("tester", LogLevel::kInfo);  // before two threads of the notifier do
  }
  NotifierOptions Options() const {
    NotifierOptions options;
    options.kinds = {storage::kNoticeObjectQuarantined};
    options.wording.node = "NECKNODE";
    options.poll = 10ms;
    options.settle = 0ms;
    options.interval = 0ms;
    options.backoff_base = 20ms;
    return options;
  }
  void Quarantine() {
    auto file = store_->objects().Create(storage::ObjectKind::kQuarantine);
    file->Write(std::as_bytes(std::span(text_.json)));
    store_->Quarantine(std::move(file), "SCANNER", "odd");
  }
  template <typename Done>
  static bool Eventually(Done done) {
    for (const auto end = std::chrono::steady_clock::now() + 20s;
         std::chrono::steady_clock::now() < end;) {
      if (done()) {
        return true;
      }
      std::this_thread::sleep_for(10ms);
    }
    return false;
  }
  std::unique_ptr<storage::Store> store_;
};

TEST_F(NotifierTest, TellsEachChannelOnce) {
  const LineServer web("", HttpAnswers(200));
  const LineServer mail(tests::kSmtpGreeting, SmtpAnswers());
  NotifierOptions options = Options();
  options.webhook = Webhook(web);
  options.email = Email(mail);
  {
    Notifier notifier(options, *store_, SystemClock());
    Quarantine();
    EXPECT_TRUE(Eventually([&] {
      return web.Received().size() == 1 && mail.Received().size() == 1 &&
             store_->notices().CountWaiting() == 0;
    }));
    notifier.Check();
  }
  {
    const Notifier again(options, *store_, SystemClock());
    Quarantine();
    EXPECT_TRUE(Eventually([&] { return web.Received().size() == 2; }));
  }
  EXPECT_EQ(web.Received().size(), 2U) << "what was told is not told again after a start";
  EXPECT_NE(HeaderOf(web.Received()[0], "X-Necknode-Id"),
            HeaderOf(web.Received()[1], "X-Necknode-Id"));
  EXPECT_THAT(BodyOf(web.Received()[0]), HasSubstr("\"subject\":\"SCANNER\""));
}

TEST_F(NotifierTest, TriesAgainWithTheSameIdAndADeadChannelHoldsUpNoOther) {
  std::atomic<int> status{500};
  const LineServer web(
      "", [&](const std::string& received) { return HttpAnswers(status.load())(received); });
  const LineServer mail(tests::kSmtpGreeting, SmtpAnswers());
  NotifierOptions options = Options();
  options.webhook = Webhook(web);
  options.email = Email(mail);
  const Notifier notifier(options, *store_, SystemClock());
  Quarantine();
  EXPECT_TRUE(Eventually([&] { return web.Received().size() >= 2; }));
  EXPECT_TRUE(Eventually([&] { return mail.Received().size() == 1; }));
  status = 200;
  EXPECT_TRUE(Eventually([&] { return store_->notices().CountWaiting() == 0; }));
  const auto received = web.Received();
  EXPECT_EQ(HeaderOf(received.front(), "X-Necknode-Id"),
            HeaderOf(received.back(), "X-Necknode-Id"));
}

TEST_F(NotifierTest, GivesUpInTheEnd) {
  NotifierOptions options = Options();
  options.webhook = {"http://127.0.0.1:1/", Secret(), {}};
  options.give_up_after = 0ms;
  const Notifier notifier(options, *store_, SystemClock());
  Quarantine();
  EXPECT_TRUE(Eventually([&] { return store_->AuditTrail(1).at(0).event.outcome == "given up"; }));
}

}  // namespace
}  // namespace necknode::coordinator
