#include "admin/access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "admin/credentials.h"
#include "admin/events_api.h"
#include "admin/login_limit.h"
#include "admin/page.h"
#include "admin/problem.h"
#include "admin/session_api.h"
#include "admin/user_api.h"
#include "storage/store.h"
#include "tests/storage/storage_fixture.h"

namespace necknode::admin {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using storage::FakeClock;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kPassword = "correct horse";

std::string* HeaderOf(Response& response, const std::string& name) {
  for (auto& [key, value] : response.headers) {
    if (key == name) {
      return &value;
    }
  }
  return nullptr;
}

class AccessTest : public testing::Test {
 protected:
  AccessTest() : store_(Open()), limit_(clock_) {
    const AccessServices services{store_->users(),
                                  limit_,
                                  clock_,
                                  [this](const auto& event) { store_->Audit(event); },
                                  false};
    AddPage(router_);
    AddEvents(router_);
    AddSession(router_, services);
    AddUsers(router_, services);
    for (const auto& [path, role] : {std::pair{"/view", Role::kViewer},
                                     std::pair{"/operate", Role::kOperator},
                                     std::pair{"/administer", Role::kAdministrator}}) {
      router_.Add("GET", path, role, [](const Request& request) { return Json(request.user); });
      router_.Add("POST", path, role, [](const Request& request) { return Json(request.user); });
    }
    router_.Add("GET", "/metrics", Role::kMonitoring, [](const Request&) { return Json("m"); });
    router_.Add("GET", "/health/live", Role::kNone, [](const Request&) { return Json("h"); });
  }

  std::unique_ptr<storage::Store> Open() {
    storage::StoreOptions options;
    options.folder = folder_.path() / "data";
    options.reserve_bytes = 0;
    return storage::Store::Open(options, clock_);
  }

  void AddUser(const std::string& name, const std::string& role) {
    store_->users().Add(MakeUser(name, role, kPassword), {"user", name, "added", role});
  }

  static Request Ask(const std::string& method,
                     const std::string& path,
                     const json& body = nullptr) {
    Request request;
    request.method = method;
    request.path = path;
    request.client = "127.0.0.1";
    request.headers["host"] = "localhost:8080";
    if (!body.is_null()) {
      request.body = body.dump();
      request.headers["content-type"] = "application/json";
    }
    return request;
  }

  Response Handle(Request request, bool loopback = true) {
    return Access({loopback, false}, router_, store_->users(), clock_).Handle(std::move(request));
  }

  struct Login {
    std::string cookie, csrf;
  };
  Response TryLogin(const std::string& user, const std::string& password) {
    return Handle(Ask("POST", "/api/v1/session", {{"user", user}, {"password", password}}));
  }
  Login LogIn(const std::string& user) {
    Response response = TryLogin(user, kPassword);
    EXPECT_EQ(response.status, 200) << response.body;
    const std::string cookie = *HeaderOf(response, "Set-Cookie");
    return {cookie.substr(0, cookie.find(';')), json::parse(response.body).at("csrf")};
  }
  static Request With(Request request, const Login& login) {
    request.headers["cookie"] = login.cookie;
    request.headers["x-csrf-token"] = login.csrf;
    return request;
  }

  FakeClock clock_;
  tests::TempFolder folder_;
  std::unique_ptr<storage::Store> store_;
  LoginLimit limit_;
  Router router_;
};

TEST_F(AccessTest, LetsEverybodyOnThisMachineInWhileThereAreNoUsers) {
  EXPECT_EQ(Handle(Ask("GET", "/administer")).body, "\"local\"");
  Request change = Ask("POST", "/administer");
  EXPECT_EQ(Handle(change).status, 403);
  change.headers["x-requested-with"] = "necknode";
  EXPECT_EQ(Handle(change).status, 200);
  const json session = json::parse(Handle(Ask("GET", "/api/v1/session")).body);
  EXPECT_EQ(session.at("role"), "administrator");
  EXPECT_EQ(session.at("users_needed"), false);
}

TEST_F(AccessTest, AnswersNoNameThatAnotherSiteHasPointedHere) {
  for (const char* host : {"evil.example", "127.0.0.1.evil.example:8080", "", "localhost.evil"}) {
    Request request = Ask("GET", "/view");
    request.headers["host"] = host;
    EXPECT_EQ(Handle(request).status, 421) << host;
  }
  for (const char* host : {"localhost", "127.0.0.1:9", "[::1]:8080"}) {
    Request request = Ask("GET", "/view");
    request.headers["host"] = host;
    EXPECT_EQ(Handle(request).status, 200) << host;
  }
}

TEST_F(AccessTest, TakesNoChangeFromAPageOfAnotherSite) {
  Request change = Ask("POST", "/administer");
  change.headers["x-requested-with"] = "necknode";
  change.headers["origin"] = "http://evil.example";
  EXPECT_EQ(Handle(change).status, 403);
  change.headers["origin"] = "null";
  EXPECT_EQ(Handle(change).status, 403);
  change.headers["origin"] = "http://localhost:8080";
  EXPECT_EQ(Handle(change).status, 200);
  change.body = "{}";
  change.headers["content-type"] = "text/plain";
  EXPECT_EQ(Handle(change).status, 415);
}

TEST_F(AccessTest, WantsALoginOnceThereIsAUser) {
  AddUser("anna", "administrator");
  EXPECT_EQ(Handle(Ask("GET", "/view")).status, 401);
  EXPECT_EQ(Handle(Ask("GET", "/api/v1/events")).status, 401);
  EXPECT_EQ(Handle(Ask("GET", "/")).status, 200);
  EXPECT_EQ(Handle(Ask("GET", "/api/v1/openapi.json")).status, 200);
  const json session = json::parse(Handle(Ask("GET", "/api/v1/session")).body);
  EXPECT_TRUE(session.at("user").is_null());
  EXPECT_EQ(session.at("users_needed"), true);
}

TEST_F(AccessTest, LetsMonitoringInWithoutALogin) {
  AddUser("anna", "administrator");
  EXPECT_EQ(Handle(Ask("GET", "/metrics")).status, 200);
  EXPECT_EQ(Handle(Ask("GET", "/health/live")).status, 200);
  EXPECT_EQ(Handle(Ask("GET", "/metrics"), false).status, 401);
  EXPECT_EQ(Handle(Ask("GET", "/health/live"), false).status, 200);
}

TEST_F(AccessTest, AnswersABalancerThatNamesNoHost) {
  for (const auto& [path, status] : {std::pair("/health/live", 200), std::pair("/view", 421)}) {
    Request request = Ask("GET", path);
    request.headers.erase("host");
    EXPECT_EQ(Handle(request).status, status) << path;
  }
}

TEST_F(AccessTest, LetsAMonitoringTokenReadMetricsOnly) {
  AddUser("anna", "administrator");
  const Login anna = LogIn("anna");
  const json role = {{"name", "prometheus"}, {"role", "monitoring"}};
  const Response made = Handle(With(Ask("POST", "/api/v1/tokens", role), anna));
  ASSERT_EQ(made.status, 201) << made.body;
  for (const auto& [path, status] : {std::pair("/metrics", 200), std::pair("/view", 403)}) {
    Request request = Ask("GET", path);
    request.headers["authorization"] =
        "Bearer " + json::parse(made.body).at("secret").get<std::string>();
    EXPECT_EQ(Handle(request, false).status, status) << path;
  }
  const json person = {{"name", "moni"}, {"role", "monitoring"}, {"password", kPassword}};
  EXPECT_EQ(Handle(With(Ask("POST", "/api/v1/users", person), anna)).status, 400);
}

TEST_F(AccessTest, TakesNoSecondUserOfTheSameName) {
  AddUser("anna", "administrator");
  const json second = {{"name", "Anna"}, {"role", "viewer"}, {"password", kPassword}};
  EXPECT_EQ(Handle(With(Ask("POST", "/api/v1/users", second), LogIn("anna"))).status, 409);
  EXPECT_EQ(TryLogin("ANNA", kPassword).status, 200);
}

TEST_F(AccessTest, KeepsNobodyOutForWhatAnotherMachineTried) {
  AddUser("anna", "administrator");
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(TryLogin("anna", "a wrong password").status, 401);
  }
  EXPECT_EQ(TryLogin("anna", kPassword).status, 429);
  EXPECT_EQ(limit_.Wait("anna", "192.0.2.77").count(), 0);
  for (int i = 0; i < 40; ++i) {
    limit_.Failed("anna", "192.0.2." + std::to_string(i));
  }
  EXPECT_GT(limit_.Wait("anna", "192.0.2.77").count(), 0);
  EXPECT_EQ(limit_.Wait("otto", "192.0.2.77").count(), 0);
}

TEST_F(AccessTest, LetsEachRoleDoWhatItMay) {
  AddUser("anna", "administrator");
  AddUser("otto", "operator");
  AddUser("vera", "viewer");
  const std::map<std::string, std::array<int, 3>> expected = {
      {"vera", {200, 403, 403}}, {"otto", {200, 200, 403}}, {"anna", {200, 200, 200}}};
  for (const auto& [user, statuses] : expected) {
    const Login login = LogIn(user);
    std::size_t i = 0;
    for (const char* path : {"/view", "/operate", "/administer"}) {
      EXPECT_EQ(Handle(With(Ask("GET", path), login)).status, statuses.at(i)) << user << path;
      EXPECT_EQ(Handle(With(Ask("POST", path), login)).status, statuses.at(i)) << user << path;
      ++i;
    }
  }
}

TEST_F(AccessTest, TakesNoChangeWithoutTheSessionsToken) {
  AddUser("anna", "administrator");
  Login login = LogIn("anna");
  login.csrf = "";
  EXPECT_EQ(Handle(With(Ask("POST", "/view"), login)).status, 403);
  login.csrf = LogIn("anna").csrf;  // of another session
  EXPECT_EQ(Handle(With(Ask("POST", "/view"), login)).status, 403);
}

TEST_F(AccessTest, EndsASessionThatIsNotUsedOrTooOld) {
  AddUser("anna", "administrator");
  const Login unused = LogIn("anna");
  clock_.Advance(29min);
  EXPECT_EQ(Handle(With(Ask("GET", "/view"), unused)).status, 200);
  clock_.Advance(29min);
  EXPECT_EQ(Handle(With(Ask("GET", "/view"), unused)).status, 200);
  for (int i = 0; i < 4; ++i) {
    clock_.Advance(10min);
    (void)Handle(With(Ask("GET", "/api/v1/events"), unused));
  }
  EXPECT_EQ(Handle(With(Ask("GET", "/view"), unused)).status, 401);
  const Login used = LogIn("anna");
  for (int i = 0; i < 36; ++i) {
    EXPECT_EQ(Handle(With(Ask("GET", "/view"), used)).status, 200);
    clock_.Advance(20min);
  }
  EXPECT_EQ(Handle(With(Ask("GET", "/view"), used)).status, 401);
}

TEST_F(AccessTest, ForgetsASessionAtLogoutAndWithItsUser) {
  AddUser("anna", "administrator");
  AddUser("vera", "viewer");
  const Login anna = LogIn("anna"), vera = LogIn("vera");
  EXPECT_EQ(Handle(With(Ask("DELETE", "/api/v1/users/vera"), anna)).status, 204);
  EXPECT_EQ(Handle(With(Ask("GET", "/view"), vera)).status, 401);
  Response gone = Handle(With(Ask("DELETE", "/api/v1/session"), anna));
  EXPECT_EQ(gone.status, 204);
  EXPECT_THAT(*HeaderOf(gone, "Set-Cookie"), HasSubstr("Max-Age=0"));
  EXPECT_EQ(Handle(With(Ask("GET", "/view"), anna)).status, 401);
}

TEST_F(AccessTest, EndsOtherSessionsWithAChangedPassword) {
  AddUser("vera", "administrator");
  const Login here = LogIn("vera"), there = LogIn("vera");
  const auto change = [&](const std::string& old, const std::string& changed) {
    return Handle(With(
        Ask("POST", "/api/v1/session/password", {{"password", old}, {"new_password", changed}}),
        here));
  };
  EXPECT_EQ(change("wrong", "long enough words").status, 403);
  EXPECT_EQ(change(kPassword, "short").status, 400);
  EXPECT_EQ(change(kPassword, "long enough words").status, 204);
  EXPECT_EQ(Handle(With(Ask("GET", "/view"), here)).status, 200);
  EXPECT_EQ(Handle(With(Ask("GET", "/view"), there)).status, 401);
  EXPECT_EQ(TryLogin("vera", kPassword).status, 401);
  EXPECT_EQ(TryLogin("vera", "long enough words").status, 200);
}

TEST_F(AccessTest, SaysTheSameOfAWrongPasswordAndAnUnknownUser) {
  AddUser("anna", "administrator");
  const Response wrong = TryLogin("anna", "guess"), unknown = TryLogin("nobody", "guess");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(unknown.status, 401);
  EXPECT_EQ(wrong.body, unknown.body);
}

TEST_F(AccessTest, StopsGuessesForAWhile) {
  AddUser("anna", "administrator");
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(TryLogin("anna", "guess").status, 401);
  }
  Response stopped = TryLogin("anna", kPassword);
  EXPECT_EQ(stopped.status, 429);
  EXPECT_EQ(*HeaderOf(stopped, "Retry-After"), "300");
  EXPECT_EQ(TryLogin("anna", kPassword).status, 429);
  const auto trail = store_->AuditTrail(2);
  EXPECT_THAT(trail.at(0).event.detail, HasSubstr("too many failures"));
  EXPECT_EQ(trail.at(1).event.detail, "");
  clock_.Advance(5min);
  EXPECT_EQ(TryLogin("anna", kPassword).status, 200);
}

TEST_F(AccessTest, TakesTokensUntilTheyExpire) {
  AddUser("anna", "administrator");
  const Login anna = LogIn("anna");
  const auto made = Handle(With(
      Ask("POST", "/api/v1/tokens", {{"name", "ci"}, {"role", "operator"}, {"expires_days", 1}}),
      anna));
  ASSERT_EQ(made.status, 201) << made.body;
  Request request = Ask("POST", "/operate");
  request.headers["authorization"] =
      "Bearer " + json::parse(made.body).at("secret").get<std::string>();
  EXPECT_EQ(Handle(request).body, "\"token ci\"");
  const Response listed = Handle(With(Ask("GET", "/api/v1/tokens"), anna));
  EXPECT_THAT(listed.body, Not(HasSubstr("secret")));
  EXPECT_FALSE(json::parse(listed.body).at("items").at(0).at("last_used").is_null());
  request.path = "/administer";
  EXPECT_EQ(Handle(request).status, 403);
  clock_.Advance(24h);
  Response expired = Handle(request);
  EXPECT_EQ(expired.status, 401);
  EXPECT_EQ(*HeaderOf(expired, "WWW-Authenticate"), "Bearer");
  request.headers["authorization"] = "Basic YTpi";
  EXPECT_EQ(Handle(request).status, 401);
}

TEST_F(AccessTest, KeepsTheLastAdministrator) {
  AddUser("anna", "administrator");
  const Login anna = LogIn("anna");
  EXPECT_EQ(Handle(With(Ask("DELETE", "/api/v1/users/anna"), anna)).status, 409);
  EXPECT_EQ(Handle(With(Ask("PUT", "/api/v1/users/anna", {{"role", "viewer"}}), anna)).status, 409);
  const json bob = {{"name", "bob"}, {"role", "administrator"}, {"password", kPassword}};
  EXPECT_EQ(Handle(With(Ask("POST", "/api/v1/users", bob), anna)).status, 201);
  EXPECT_EQ(Handle(With(Ask("POST", "/api/v1/users", bob), anna)).status, 409);
  EXPECT_EQ(Handle(With(Ask("PUT", "/api/v1/users/anna", {{"role", "viewer"}}), anna)).status, 200);
  EXPECT_EQ(Handle(With(Ask("GET", "/administer"), anna)).status, 403);
}

TEST_F(AccessTest, RefusesUsersThatCannotBe) {
  AddUser("anna", "administrator");
  const Login anna = LogIn("anna");
  for (const json& bad : {json{{"name", "../x"}, {"role", "viewer"}, {"password", kPassword}},
                          json{{"name", "x"}, {"role", "root"}, {"password", kPassword}},
                          json{{"name", "x"}, {"role", "viewer"}, {"password", "short"}},
                          json{{"name", "x"}, {"role", "viewer"}, {"password", "abababababab"}},
                          json{{"name", 3}, {"role", "viewer"}, {"password", kPassword}},
                          json{{"role", "viewer"}}}) {
    EXPECT_EQ(Handle(With(Ask("POST", "/api/v1/users", bad), anna)).status, 400) << bad;
  }
}

TEST_F(AccessTest, AuditsLoginsFailuresAndChanges) {
  AddUser("anna", "administrator");
  (void)TryLogin("anna", "guess");
  (void)TryLogin("my password", "guess");
  const Login anna = LogIn("anna");
  (void)Handle(With(Ask("PUT", "/api/v1/users/anna", {{"password", "another one still"}}), anna));
  (void)Handle(With(Ask("DELETE", "/api/v1/session"), anna));
  std::vector<std::string> rows;
  for (const storage::AuditRow& row : store_->AuditTrail(5)) {
    rows.push_back(row.event.event + " " + row.event.subject + " " + row.event.outcome + " by " +
                   row.event.context.user + " at " + row.event.context.host);
  }
  EXPECT_THAT(rows,
              testing::ElementsAre("login anna logout by anna at 127.0.0.1",
                                   "user anna password changed by anna at 127.0.0.1",
                                   "login anna success by anna at 127.0.0.1",
                                   "login unknown user refused by  at 127.0.0.1",
                                   "login anna refused by anna at 127.0.0.1"));
}

TEST_F(AccessTest, AnswersOnceForWhatHasNotChanged) {
  Response first = Handle(Ask("GET", "/view"));
  Request again = Ask("GET", "/view");
  again.headers["if-none-match"] = *HeaderOf(first, "ETag");
  const Response second = Handle(again);
  EXPECT_EQ(second.status, 304);
  EXPECT_EQ(second.body, "");
}

TEST_F(AccessTest, GivesTheCookieToThisHostByTlsOnly) {
  EXPECT_EQ(SessionCookie("s", true),
            "__Host-necknode=s; Path=/; HttpOnly; SameSite=Strict; Secure");
  EXPECT_EQ(SessionCookie("s", false), "necknode=s; Path=/; HttpOnly; SameSite=Strict");
}

TEST_F(AccessTest, ServesThePagesFilesAndNothingElse) {
  Response index = Handle(Ask("GET", "/"));
  EXPECT_EQ(index.content_type, "text/html; charset=utf-8");
  EXPECT_THAT(index.body, HasSubstr("<title>"));
  EXPECT_EQ(Handle(Ask("GET", "/assets/index.html")).status, 200);
  EXPECT_EQ(Handle(Ask("GET", "/assets/web_files.cpp")).status, 404);
  EXPECT_EQ(Handle(Ask("GET", "/assets/")).status, 404);
}

}  // namespace
}  // namespace necknode::admin
