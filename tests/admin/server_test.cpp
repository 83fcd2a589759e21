#include "admin/server.h"

#include <atomic>
#include <latch>
#include <ostream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admin/problem.h"
#include "core/error.h"
#include "tests/admin/http_client.h"

namespace necknode::admin {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Response Echo(const Request& request) {
  return Json({{"method", request.method},
               {"path", request.path},
               {"query", request.query},
               {"client", request.client},
               {"body", request.body}});
}

class ServerTest : public testing::Test {
 protected:
  ~ServerTest() override {
    if (server_) {
      server_->Stop(5s);
      thread_.join();
    }
  }

  int Start(
      Handler handler = Echo, Marks marks = [] { return std::map<std::string, std::int64_t>(); }) {
    options_.port = 0;
    server_ = Server::Make(options_, std::move(handler), std::move(marks));
    thread_ = std::thread([this] { server_->Run(); });
    return server_->port();
  }

  ServerOptions options_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

TEST_F(ServerTest, AnswersSeveralRequestsOverOneConnection) {
  HttpClient client(Start());
  for (int i = 0; i < 3; ++i) {
    const auto answer = client.Get("/api/v1/studies?search=a%20b&limit=" + std::to_string(i));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body,
              R"({"body":"","client":"127.0.0.1","method":"GET","path":"/api/v1/studies","query":{)"
              R"("limit":")" +
                  std::to_string(i) + R"(","search":"a b"}})");
    EXPECT_THAT(answer.headers.at("content-security-policy"), HasSubstr("default-src 'none'"));
    EXPECT_EQ(answer.headers.at("cache-control"), "no-store");
    EXPECT_EQ(answer.headers.count("strict-transport-security"), 0U);
  }
}

TEST_F(ServerTest, AnswersHeadWithTheHeaderOnly) {
  HttpClient client(Start());
  client.Send("HEAD /a HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto head = client.Receive(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_NE(head.headers.at("content-length"), "0");
  EXPECT_EQ(client.Get("/b").status, 200);
}

TEST_F(ServerTest, TakesPipelinedRequestsInTheirOrder) {
  HttpClient client(Start());
  client.Send(
      "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
      "POST /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nxy\r\n0\r\n\r\n");
  EXPECT_THAT(client.Receive().body, HasSubstr(R"("body":"abc")"));
  EXPECT_THAT(client.Receive().body, HasSubstr(R"("body":"xy")"));
}

TEST_F(ServerTest, AsksForABodyThatWaits) {
  HttpClient client(Start());
  client.Send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.Receive().status, 100);
  client.Send("abc");
  EXPECT_THAT(client.Receive().body, HasSubstr(R"("body":"abc")"));
}

struct Hostile {
  const char* name;
  std::string bytes;
  int status;
};

void PrintTo(const Hostile& request, std::ostream* to) { *to << request.name; }

class HostileRequest : public ServerTest, public testing::WithParamInterface<Hostile> {};

TEST_P(HostileRequest, IsRefusedAndItsConnectionClosed) {
  std::atomic<int> handled = 0;
  HttpClient client(Start([&](const Request&) {
    ++handled;
    return Json({});
  }));
  client.Send(GetParam().bytes);
  const auto answer = client.Receive();
  EXPECT_EQ(answer.status, GetParam().status);
  EXPECT_EQ(answer.headers.at("content-type"), "application/problem+json");
  EXPECT_EQ(answer.headers.at("connection"), "close");
  EXPECT_TRUE(answer.headers.contains("content-security-policy"));
  EXPECT_EQ(handled, 0);
}

INSTANTIATE_TEST_SUITE_P(
    Of,
    HostileRequest,
    testing::Values(
        Hostile{"Noise", "\x16\x03\x01\x02 hello\r\n\r\n", 400},
        Hostile{"NoHost", "GET / HTTP/1.1\r\n\r\n", 400},
        Hostile{"TwoHosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        Hostile{"LengthAndChunks",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: "
                "chunked\r\n\r\n0\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n",
                400},
        Hostile{"ChunksAndLength",
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: "
                "4\r\n\r\n0\r\n\r\n",
                400},
        Hostile{"TwoLengths",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: "
                "5\r\n\r\nabcd",
                400},
        Hostile{"OtherCoding",
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                400},
        Hostile{"AbsoluteForm", "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Hostile{"Upwards", "GET /assets/../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Hostile{"EscapedUpwards", "GET /assets/%2e%2e/x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Hostile{"EscapedSlash", "GET /assets/..%2fx HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Hostile{"Zero", "GET /assets/a%00.js HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Hostile{"LongHeader",
                "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n",
                431},
        Hostile{"LongBody", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n", 413},
        Hostile{"LongChunks",
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n200000\r\n" +
                    std::string(0x200000, 'x') + "\r\n0\r\n\r\n",
                413}),
    [](const auto& hostile) { return std::string(hostile.param.name); });

TEST_F(ServerTest, ClosesWhoSendsNothingOrHalfARequest) {
  options_.idle_timeout = 200ms;
  options_.read_timeout = 200ms;
  const int port = Start();
  HttpClient silent(port), half(port);
  half.Send("GET / HTTP/1.1\r\nHost: ");
  EXPECT_TRUE(half.Ended());
  EXPECT_TRUE(silent.Ended());
}

TEST_F(ServerTest, ServesOthersWhileMoreThanItsConnectionsAreSilent) {
  options_.max_connections = 20;
  const int port = Start();
  std::vector<std::unique_ptr<HttpClient>> silent;
  for (int i = 0; i < 50; ++i) {
    silent.push_back(std::make_unique<HttpClient>(port));
    silent.back()->Send(i % 2 == 0 ? "" : "GET / HT");
  }
  EXPECT_EQ(HttpClient(port).Get("/").status, 200);
}

TEST_F(ServerTest, SaysThatItIsBusyInsteadOfQueueingWithoutEnd) {
  options_.handler_threads = 1;
  options_.max_queued = 1;
  std::latch go(1), entered(1);
  const int port = Start([&](const Request&) {
    entered.count_down();
    go.wait();
    return Json({});
  });
  HttpClient one(port);
  one.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  entered.wait();
  const auto busy = HttpClient(port).Get("/");
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(busy.headers.at("retry-after"), "1");
  go.count_down();
  EXPECT_EQ(one.Receive().status, 200);
}

TEST_F(ServerTest, AnswersWhatIsUnderWayWhenItStops) {
  std::latch entered(1), go(1);
  const int port = Start([&](const Request&) {
    entered.count_down();
    go.wait();
    return Json({{"done", true}});
  });
  HttpClient idle(port), busy(port);
  busy.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  entered.wait();
  server_->Stop(5s);
  EXPECT_TRUE(idle.Ended());
  go.count_down();
  EXPECT_EQ(busy.Receive().body, R"({"done":true})");
  EXPECT_TRUE(busy.Ended());
}

TEST_F(ServerTest, TellsAHundredStreamsWhatChangedWithFewThreads) {
  options_.handler_threads = 2;
  options_.poll_interval = 20ms;
  std::atomic<std::int64_t> mark = 1;
  std::atomic<int> polls = 0;
  const int port = Start(
      [](const Request& request) {
        return request.path == "/events" ? Response{200, "text/event-stream", {}, ""} : Json({});
      },
      [&] {
        ++polls;
        return std::map<std::string, std::int64_t>{{"jobs", mark.load()}, {"audit", 7}};
      });
  std::vector<std::unique_ptr<HttpClient>> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(std::make_unique<HttpClient>(port));
    clients.back()->Send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_THAT(clients.back()->ReadUntil("retry: 2000\n\n"),
                HasSubstr("Content-Type: text/event-stream"));
  }
  const int before = polls;
  while (polls < before + 2) {
    std::this_thread::yield();
  }
  EXPECT_EQ(HttpClient(port).Get("/").status, 200);
  ++mark;
  for (const auto& client : clients) {
    EXPECT_THAT(client->ReadUntil("}\n\n"),
                HasSubstr("event: changed\ndata: {\"topics\":[\"jobs\"]}"));
  }
  clients.clear();
  HttpClient last(port);
  while (server_->StatusLine().find(" streams=0") == std::string::npos) {
    std::this_thread::yield();
  }
}

TEST_F(ServerTest, CommentsInAQuietStreamAndEndsAnOldOne) {
  options_.comment_interval = 20ms;
  options_.stream_life = 100ms;
  HttpClient client(Start([](const Request&) {
    return Response{200, "text/event-stream", {}, ""};
  }));
  client.Send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string all = client.ReadUntil("never");
  EXPECT_THAT(all, HasSubstr(":\n\n:\n\n"));
}

TEST_F(ServerTest, EndsTheStreamOfWhoMayNoLongerRead) {
  options_.comment_interval = 20ms;
  std::atomic<bool> known = true;
  HttpClient client(Start([&](const Request&) {
    return known ? Response{200, "text/event-stream", {}, ""} : Response{401, "text/plain", {}, ""};
  }));
  client.Send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client.ReadUntil(":\n\n"), HasSubstr(":\n\n"));
  known = false;
  (void)client.ReadUntil("never");  // returns at the end of the connection
  while (server_->StatusLine().find(" streams=0") == std::string::npos) {
    std::this_thread::yield();
  }
}

TEST_F(ServerTest, KeepsLineBreaksOutOfHeaders) {
  HttpClient client(Start([](const Request&) {
    return Response{200, "text/plain", {{"X-Name", "a\r\nSet-Cookie: b"}}, "x"};
  }));
  const auto answer = client.Get("/");
  EXPECT_EQ(answer.headers.count("set-cookie"), 0U);
}

TEST_F(ServerTest, NamesAPortThatIsTaken) {
  Start();
  ServerOptions second;
  second.port = server_->port();
  try {
    (void)Server::Make(second, Echo, [] { return std::map<std::string, std::int64_t>(); });
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNetwork);
    EXPECT_THAT(error.what(), HasSubstr(std::to_string(second.port)));
  }
}

}  // namespace
}  // namespace necknode::admin
