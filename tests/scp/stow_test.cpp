#include "scp/stow.h"

#include <cstdlib>
#include <fstream>
#include <latch>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scp/http_client.h"
#include "tests/scp/datasets.h"
#include "tests/scp/fixture.h"
#include "tests/scp/scripted_scp.h"
#include "tests/scp/scripted_web.h"
#include "tests/support/temp_folder.h"

namespace necknode::scp::tests {
namespace {

using Kind = SendResult::Kind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<Outgoing> Documents(const std::vector<std::string>& sop_instances) {
  std::vector<Outgoing> documents;
  for (const std::string& sop_instance : sop_instances) {
    documents.push_back({{AlternativeOf(kCt, sop_instance)}});
  }
  return documents;
}

WebService ServiceAt(const std::string& url) { return {url, "", {}, {}, {}}; }

std::vector<SendResult> SendTo(const ScriptedWeb& web, const std::vector<Outgoing>& documents) {
  return StoreByWeb(ServiceAt(web.url()), documents, kTimeout);
}

SendResult SendOneTo(const ScriptedWeb& web) { return SendTo(web, Documents({"1.2.1"})).at(0); }

WebAnswer Accept(const WebRequest& request) { return AnswerOf(200, Stored(InstanceOf(request))); }

std::vector<std::string> InstancesOf(const ScriptedWeb& web) {
  std::vector<std::string> instances;
  for (const WebRequest& request : web.Received()) {
    instances.push_back(InstanceOf(request));
  }
  return instances;
}

TEST(StoreByWeb, PostsEachDocumentUnchangedOverOneConnection) {
  ScriptedWeb web(Accept);
  const auto documents = Documents({"1.2.1", "1.2.2", "1.2.3"});
  const auto results = StoreByWeb(ServiceAt(web.url() + "/"), documents, kTimeout);
  ASSERT_EQ(results.size(), 3U);
  for (const auto& result : results) {
    EXPECT_EQ(result.kind, Kind::kDelivered) << result.status << " " << result.detail;
    EXPECT_EQ(result.status, "0x0000");
  }
  EXPECT_EQ(results[1].sent_sop_instance_uid.value(), "1.2.2");
  EXPECT_THAT(InstancesOf(web), ElementsAre("1.2.1", "1.2.2", "1.2.3"));
  EXPECT_EQ(web.connections(), 1);
  const WebRequest request = web.Received()[0];
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/dicom-web/studies");
  EXPECT_EQ(request.headers.at("accept"), "application/dicom+json");
  EXPECT_THAT(request.headers.at("user-agent"), HasSubstr("necknode/"));
  EXPECT_FALSE(request.headers.contains("expect"));
  EXPECT_FALSE(request.headers.contains("authorization"));
  const auto& file = documents[0].alternatives[0].part10;
  const auto part = PartOf(request);
  EXPECT_TRUE(std::ranges::equal(std::as_bytes(std::span(part)), file));
}

TEST(StoreByWeb, ARefusedDocumentTakesNoOtherAlong) {
  ScriptedWeb web([](const WebRequest& request) {
    const std::string instance = InstanceOf(request);
    return instance == "1.2.2"   ? AnswerOf(409, NotStored(instance, "49152"))
           : instance == "1.2.3" ? AnswerOf(500)
                                 : Accept(request);
  });
  const auto results = SendTo(web, Documents({"1.2.1", "1.2.2", "1.2.3", "1.2.4"}));
  EXPECT_EQ(results[0].kind, Kind::kDelivered);
  EXPECT_EQ(results[1].status, "0xC000");
  EXPECT_EQ(results[1].max_attempts, 5);
  EXPECT_EQ(results[2].status, "HTTP 500");
  EXPECT_EQ(results[3].kind, Kind::kDelivered);
}

TEST(StoreByWeb, TriesTheNextAlternativeOnlyWhereTheSopClassIsRefused) {
  std::string reason = "290";  // 0122H
  ScriptedWeb web([&](const WebRequest& request) {
    return ClassOf(request) == kComprehensive3d
               ? AnswerOf(409, NotStored(InstanceOf(request), reason))
               : Accept(request);
  });
  const std::vector<Outgoing> report{
      {{AlternativeOf(kComprehensive3d, "1.2.1"), AlternativeOf(kComprehensive, "1.2.2")}}};
  const SendResult fallback = SendTo(web, report).at(0);
  EXPECT_EQ(fallback.kind, Kind::kDelivered);
  EXPECT_EQ(fallback.sent_sop_instance_uid.value(), "1.2.2");
  EXPECT_THAT(InstancesOf(web), ElementsAre("1.2.1", "1.2.2"));
  reason = "43264";  // A900H
  EXPECT_EQ(SendTo(web, report).at(0).status, "0xA900");
  EXPECT_EQ(web.Received().size(), 3U);
  reason = "290";
  const SendResult alone = SendTo(web, {{{AlternativeOf(kComprehensive3d, "1.2.1")}}}).at(0);
  EXPECT_EQ(alone.kind, Kind::kPermanent);
  EXPECT_EQ(alone.status, "0x0122");
}

TEST(StoreByWeb, LeavesAServerAloneThatHasEnough) {
  ScriptedWeb web(
      [](const WebRequest&) { return AnswerOf(503, "", "text/html", "Retry-After: 7\r\n"); });
  const auto results = SendTo(web, Documents({"1.2.1", "1.2.2"}));
  EXPECT_EQ(results[0].status, "HTTP 503");
  EXPECT_EQ(results[1].status, "not sent");
  for (const auto& result : results) {
    EXPECT_EQ(result.kind, Kind::kRetry);
    EXPECT_EQ(result.retry_after.count(), 7);
  }
  EXPECT_EQ(web.Received().size(), 1U);
}

TEST(StoreByWeb, SaysThatAServerIsAwayOrSilent) {
  std::uint16_t closed_port = 0;
  {
    ScriptedScp gone({});
    closed_port = gone.port();
  }
  const auto refused = StoreByWeb(ServiceAt("http://127.0.0.1:" + std::to_string(closed_port)),
                                  Documents({"1.2.1", "1.2.2"}),
                                  kTimeout);
  EXPECT_EQ(refused[0].kind, Kind::kRetry);
  EXPECT_EQ(refused[0].status, "connection refused") << refused[0].detail;
  EXPECT_EQ(refused[1].status, "not sent");

  std::latch open(1);
  ScriptedWeb silent([&](const WebRequest& request) {
    open.wait();
    return Accept(request);
  });
  const auto timed_out =
      StoreByWeb(ServiceAt(silent.url()), Documents({"1.2.1"}), std::chrono::seconds(1));
  EXPECT_EQ(timed_out[0].kind, Kind::kRetry);
  EXPECT_EQ(timed_out[0].status, "timeout") << timed_out[0].detail;
  open.count_down();
}

TEST(StoreByWeb, AnAnswerThatBreaksOffDeliversNothing) {
  std::string bytes = AnswerOf(200, Stored("1.2.1")).bytes;
  bytes.pop_back();
  for (const std::string& sent : {bytes, bytes.substr(0, 20), std::string()}) {
    ScriptedWeb web([&](const WebRequest&) { return WebAnswer{sent, true}; });
    const SendResult result = SendOneTo(web);
    EXPECT_EQ(result.kind, Kind::kRetry) << sent.size();
    EXPECT_EQ(result.status, "connection closed") << sent.size() << " " << result.detail;
  }
}

TEST(StoreByWeb, AnAnswerOfAnotherKindDeliversNothing) {
  ScriptedWeb html([](const WebRequest&) { return AnswerOf(200, "<html>", "text/html"); });
  EXPECT_EQ(SendOneTo(html).status, "no store response");
  ScriptedWeb typed([](const WebRequest& request) {
    return AnswerOf(200, Stored(InstanceOf(request)), "Application/DICOM+JSON ; charset=utf-8");
  });
  EXPECT_EQ(SendOneTo(typed).kind, Kind::kDelivered);
  ScriptedWeb no_http([](const WebRequest&) { return WebAnswer{"SSH-2.0-scripted\r\n", true}; });
  EXPECT_EQ(SendOneTo(no_http).kind, Kind::kRetry);
}

TEST(StoreByWeb, ReadsNoMoreThanAnAnswerCanBe) {
  const std::string blanks(2 * kMaxAnswerBytes, ' ');
  ScriptedWeb body([&](const WebRequest& request) {
    return AnswerOf(200, Stored(InstanceOf(request)) + blanks);
  });
  EXPECT_EQ(SendOneTo(body).status, "no store response");
  ScriptedWeb refusal([&](const WebRequest&) { return AnswerOf(413, blanks, "text/html"); });
  EXPECT_EQ(SendOneTo(refusal).kind, Kind::kPermanent);
  std::string lines;
  while (lines.size() <= kMaxAnswerBytes) {
    lines += "X-More: " + std::string(4096, 'x') + "\r\n";
  }
  ScriptedWeb head([&](const WebRequest& request) {
    return AnswerOf(200, Stored(InstanceOf(request)), "application/dicom+json", lines);
  });
  EXPECT_EQ(SendOneTo(head).kind, Kind::kRetry);
}

TEST(StoreByWeb, GoesNowhereElse) {
  ScriptedWeb elsewhere(Accept);
  ScriptedWeb redirecting([&](const WebRequest&) {
    return AnswerOf(307, "", "text/html", "Location: " + elsewhere.url() + "/studies\r\n");
  });
  const SendResult redirected = SendOneTo(redirecting);
  EXPECT_EQ(redirected.kind, Kind::kPermanent);
  EXPECT_EQ(redirected.status, "HTTP 307");
  ScriptedWeb web(Accept);
  setenv("http_proxy", elsewhere.url().c_str(), 1);
  const SendResult direct = SendOneTo(web);
  unsetenv("http_proxy");
  EXPECT_EQ(direct.kind, Kind::kDelivered);
  EXPECT_EQ(web.Received().size(), 1U);
  EXPECT_EQ(elsewhere.connections(), 0);
}

TEST(StoreByWeb, ShowsCredentialsReadAnewForEachStudy) {
  const necknode::tests::TempFolder folder;
  const auto file = folder.path() / "secret";
  const auto write = [&](const std::string& secret) { std::ofstream(file) << secret << "\n"; };
  ScriptedWeb web([](const WebRequest& request) {
    return request.headers.at("authorization") == "Bearer sesame-2" ? AnswerOf(401)
                                                                    : Accept(request);
  });
  WebService service = ServiceAt(web.url());
  service.user = "necknode";
  service.password_file = file;
  write("sesame");
  EXPECT_EQ(StoreByWeb(service, Documents({"1.2.1"}), kTimeout)[0].kind, Kind::kDelivered);
  EXPECT_EQ(web.Received().back().headers.at("authorization"),
            "Basic bmVja25vZGU6c2VzYW1l");  // necknode:sesame
  service = ServiceAt(web.url());
  service.token_file = file;
  EXPECT_EQ(StoreByWeb(service, Documents({"1.2.1"}), kTimeout)[0].kind, Kind::kDelivered);
  EXPECT_EQ(web.Received().back().headers.at("authorization"), "Bearer sesame");
  write("sesame-2");
  const SendResult refused = StoreByWeb(service, Documents({"1.2.1"}), kTimeout)[0];
  EXPECT_EQ(refused.kind, Kind::kPermanent);
  EXPECT_EQ(refused.status, "HTTP 401");
  EXPECT_THAT(refused.detail, Not(HasSubstr("sesame")));
  std::filesystem::remove(file);
  const auto without = StoreByWeb(service, Documents({"1.2.1", "1.2.2"}), kTimeout);
  EXPECT_EQ(without.size(), 2U);
  EXPECT_EQ(without[1].kind, Kind::kRetry);
  EXPECT_EQ(without[1].status, "no credentials");
  EXPECT_EQ(web.Received().size(), 3U);
}

TEST(EchoByWeb, AnswersNothingOnSuccessAndTheReasonElse) {
  WebAnswer answer = AnswerOf(200, "[]");
  ScriptedWeb web([&](const WebRequest&) { return answer; });
  const auto echo = [&] { return EchoByWeb(ServiceAt(web.url()), kTimeout); };
  EXPECT_EQ(echo(), "");
  EXPECT_EQ(web.Received().at(0).method, "GET");
  EXPECT_EQ(web.Received().at(0).target, "/dicom-web/studies?limit=1");
  EXPECT_EQ(EchoUrl(ServiceAt(web.url() + "/")), web.url() + "/studies?limit=1");
  answer = {"HTTP/1.1 204 No Content\r\n\r\n"};
  EXPECT_EQ(echo(), "");
  answer = AnswerOf(200, "<html>", "text/html");
  EXPECT_THAT(echo(), HasSubstr("not with DICOM JSON"));
  answer = AnswerOf(404);
  EXPECT_EQ(echo(), "HTTP 404");
  answer = {"", true};
  EXPECT_THAT(echo(), HasSubstr("connection closed"));
  WebService service = ServiceAt(web.url());
  service.token_file = "/no/such/file";
  EXPECT_THAT(EchoByWeb(service, kTimeout), HasSubstr("/no/such/file"));
}

}  // namespace
}  // namespace necknode::scp::tests
