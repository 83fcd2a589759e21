#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/config.h"

namespace necknode::config {
namespace {

using testing::HasSubstr;

/// The problems of the tables under [notices], as "key: message" lines.
std::string Problems(const std::string& text) {
  std::string shown;
  for (const Problem& problem : ParseConfig(text).problems) {
    EXPECT_GT(problem.line, 0) << problem.key_path;
    shown += problem.key_path + ": " + problem.message + "\n";
  }
  return shown;
}

std::string Email(const std::string& more) {
  return "[notices.email]\nserver = \"mail.example\"\nfrom = \"a@b.example\"\n" + more;
}

TEST(Notices, AreNotWantedWithoutAChannel) {
  const Loaded loaded = ParseConfig("");
  EXPECT_FALSE(loaded.config.notices.wanted());
  EXPECT_EQ(NoticeKinds().size(), loaded.config.notices.kinds.size() + 1);
}

TEST(Notices, ReadEveryKey) {
  const Loaded loaded = ParseConfig(R"(
[notices]
kinds = ["job_failed", "suspicious_finding"]
page_url = "https://necknode.example"
include_study_uid = true
[notices.webhook]
url = "https://hooks.example/x"
secret_file = "secret"
[notices.email]
server = "mail.example"
port = 465
security = "tls"
user = "node"
password_file = "password"
from = "node@hospital.example"
to = ["a@hospital.example", "b@hospital.example"]
)");
  ASSERT_TRUE(loaded.problems.empty()) << loaded.problems[0].message;
  const Notices& notices = loaded.config.notices;
  EXPECT_TRUE(notices.wanted());
  EXPECT_THAT(notices.kinds, testing::ElementsAre("job_failed", "suspicious_finding"));
  EXPECT_EQ(notices.page_url, "https://necknode.example");
  EXPECT_TRUE(notices.include_study_uid);
  EXPECT_EQ(notices.webhook_url, "https://hooks.example/x");
  EXPECT_EQ(notices.webhook_secret_file, "secret");
  EXPECT_EQ(notices.smtp_server, "mail.example");
  EXPECT_EQ(notices.smtp_port, 465);
  EXPECT_EQ(notices.smtp_security, "tls");
  EXPECT_EQ(notices.smtp_user, "node");
  EXPECT_EQ(notices.smtp_password_file, "password");
  EXPECT_EQ(notices.email_from, "node@hospital.example");
  EXPECT_EQ(notices.email_to.size(), 2U);
}

TEST(Notices, KindsAreKnownOnes) {
  EXPECT_THAT(Problems("[notices]\nkinds = [\"disk_full\"]"),
              HasSubstr("notices.kinds: \"disk_full\" is none of: row_parked, "));
  EXPECT_THAT(Problems("[notices]\nkinds = [\"job_failed\", \"job_failed\"]"),
              HasSubstr("stands twice"));
}

TEST(Notices, AWebhookIsSignedAndItsUrlIsGood) {
  EXPECT_THAT(Problems("[notices.webhook]\nurl = \"https://a.example\""),
              HasSubstr("notices.webhook.secret_file: is needed"));
  EXPECT_THAT(Problems("[notices.webhook]\nurl = \"ftp://a\"\nsecret_file = \"s\""),
              HasSubstr("notices.webhook.url: must begin"));
  EXPECT_THAT(Problems("[notices.webhook]\nsecret_file = \"s\""), HasSubstr("needs a url"));
  EXPECT_THAT(Problems("[notices]\npage_url = \"page\""), HasSubstr("notices.page_url"));
}

TEST(Notices, UidsGoByEncryptedChannelsOnly) {
  const std::string hook =
      "[notices]\ninclude_study_uid = true\n[notices.webhook]\n"
      "secret_file = \"s\"\nurl = ";
  EXPECT_THAT(Problems(hook + "\"http://a.example\""), HasSubstr("notices.include_study_uid"));
  EXPECT_EQ(Problems(hook + "\"http://127.0.0.1:9\""), "");
  EXPECT_EQ(Problems(hook + "\"https://a.example\""), "");
  EXPECT_THAT(Problems("[notices]\ninclude_study_uid = true\n" +
                       Email("to = [\"c@d.example\"]\nsecurity = \"none\"")),
              HasSubstr("notices.include_study_uid"));
}

TEST(Notices, AMailHasServerSenderAndReceivers) {
  EXPECT_EQ(Problems(Email("to = [\"c@d.example\"]")), "");
  EXPECT_THAT(Problems(Email("")), HasSubstr("notices.email.to: must name"));
  for (const char* address :
       {"c", "@d", "c@", "c@d@e", "c d@e", "c@d>\\r\\nRCPT TO:<x@y", "c,d@e"}) {
    EXPECT_THAT(Problems(Email("to = [\"" + std::string(address) + "\"]")),
                HasSubstr("is no mail address"))
        << address;
  }
  EXPECT_THAT(Problems("[notices.email]\nto = [\"c@d.example\"]"),
              HasSubstr("notices.email.server: is needed"));
  EXPECT_THAT(Problems(Email("to = [\"c@d.example\"]\nuser = \"u\"")),
              HasSubstr("belong together"));
  EXPECT_THAT(Problems(Email("to = [\"c@d.example\"]\nuser = \"u\"\npassword_file = \"p\"\n"
                             "security = \"none\"")),
              HasSubstr("notices.email.security"));
}

}  // namespace
}  // namespace necknode::config
