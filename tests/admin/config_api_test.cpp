#include "admin/config_api.h"

#include <fstream>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "config/write_toml.h"
#include "tests/support/temp_folder.h"

namespace necknode::admin {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kBase = R"(
[receiver]
bind = "127.0.0.1"
[[ae]]
title = "NECKNODE"
[[peer]]
name = "pacs"
ae_title = "PACS"
host = "192.0.2.10"
port = 104
[[route]]
name = "neck"
called_ae = "NECKNODE"
[[route.output]]
peer = "pacs"
)";

storage::StoreOptions OptionsFor(const std::filesystem::path& folder) {
  storage::StoreOptions options;
  options.folder = folder;
  return options;
}

/// The API on a data folder of its own.
class ConfigApi : public testing::Test {
 protected:
  explicit ConfigApi(const std::string& base = kBase)
      : store_(storage::Store::Open(OptionsFor(folder_.path() / "data"), SystemClock())),
        live_(base, folder_.path() / "data", *store_, SystemClock()) {
    AddConfig(router_, {live_, [this](const config::Config&, const config::Peer& peer) {
                          asked_.push_back(peer);
                          return EchoOutcome{peer.port == 104, "tried " + peer.host};
                        }});
  }

  Response Ask(const std::string& method,
               const std::string& path,
               const json& body = nullptr,
               const std::string& etag = "",
               Role role = Role::kAdministrator) {
    Request request;
    request.method = method;
    request.path = "/api/v1" + path;
    request.body = body.is_null() ? "" : body.dump();
    request.user = "anna";
    request.role = role;
    if (!etag.empty()) {
      request.headers["if-match"] = etag;
    }
    return router_.Handle(request);
  }
  json Get(const std::string& path) { return json::parse(Ask("GET", path).body); }
  /// The only problem's key and message.
  static std::string ProblemOf(const Response& response) {
    const json body = json::parse(response.body);
    if (!body.contains("problems") || body.at("problems").size() != 1) {
      return response.body;
    }
    const json& problem = body.at("problems").front();
    return problem.at("key").get<std::string>() + ": " + problem.at("message").get<std::string>();
  }
  std::string PeersFile() const {
    return storage::VersionedFile(folder_.path() / "data", "peers").Read().value_or("");
  }
  void WriteByHand(const std::string& text) const {
    std::ofstream(folder_.path() / "data" / "peers.toml", std::ios::binary) << text;
  }
  int Generation() { return Get("/config").at("generation").get<int>(); }

  const necknode::tests::TempFolder folder_;
  std::unique_ptr<storage::Store> store_;
  LiveConfig live_;
  Router router_;
  std::vector<config::Peer> asked_;
};

const json kScanner = {
    {"name", "scanner"}, {"ae_title", "CT1"}, {"host", "192.0.2.20"}, {"port", 104}};

TEST_F(ConfigApi, BeginsWithTheConfigurationFilesOwn) {
  EXPECT_EQ(Generation(), 0);
  EXPECT_TRUE(live_.Begin("root@host").empty());
  EXPECT_TRUE(live_.Begin("root@host").empty());
  const json config = Get("/config");
  EXPECT_EQ(config.at("generation"), 1);
  EXPECT_EQ(config.at("peers").size(), 1U);
  EXPECT_EQ(config.at("peers")[0].at("name"), "pacs");
  EXPECT_EQ(config.at("differences").size(), 0U);
  EXPECT_THAT(PeersFile(), HasSubstr("# user = \"root@host\""));
}

TEST_F(ConfigApi, AddsChangesAndRemovesWithAnAuditRowEach) {
  const Response added = Ask("POST", "/config/peers", kScanner);
  ASSERT_EQ(added.status, 201) << added.body;
  EXPECT_EQ(Generation(), 2);  // the seed came first
  EXPECT_THAT(json::parse(added.body).at("diff").get<std::string>(),
              HasSubstr("+name = \"scanner\""));
  json item = Get("/config/peers/scanner");
  EXPECT_TRUE(item.at("may_send"));
  item["port"] = 105;
  const std::string etag = item.at("etag").get<std::string>();
  const Response put = Ask("PUT", "/config/peers/scanner", item, etag);
  ASSERT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(Get("/config/peers/scanner").at("port"), 105);
  EXPECT_EQ(Ask("DELETE", "/config/peers/scanner", nullptr, etag).status, 412);
  EXPECT_EQ(Ask("DELETE", "/config/peers/scanner").status, 428);
  EXPECT_EQ(Ask("DELETE", "/config/peers/scanner", nullptr, put.headers[0].second).status, 200);
  EXPECT_EQ(Ask("GET", "/config/peers/scanner").status, 404);
  const auto trail = store_->AuditTrail(0);
  ASSERT_EQ(trail.size(), 4U);
  EXPECT_EQ(trail[0].event.subject, "peers.toml");
  EXPECT_EQ(trail[0].event.context.user, "anna");
  EXPECT_THAT(trail[0].event.detail, HasSubstr("generation 4"));
  EXPECT_THAT(trail[0].event.detail, HasSubstr("peer scanner removed"));
}

TEST_F(ConfigApi, TheSecondOfTwoEditorsIsToldSo) {
  const json seen = Get("/config/peers/pacs");
  json first = seen, second = seen;
  first["port"] = 105;
  second["host"] = "192.0.2.11";
  EXPECT_EQ(Ask("PUT", "/config/peers/pacs", first, seen.at("etag")).status, 200);
  const Response refused = Ask("PUT", "/config/peers/pacs", second, seen.at("etag"));
  EXPECT_EQ(refused.status, 412);
  EXPECT_EQ(json::parse(refused.body).at("item").at("port"), 105);
  EXPECT_EQ(Get("/config/peers/pacs").at("host"), "192.0.2.10");
}

TEST_F(ConfigApi, LosesNoneOfManyEditsAtOnce) {
  live_.Begin("root");
  constexpr int kEditors = 4, kEach = 5;
  std::vector<std::thread> editors;
  for (int i = 0; i < kEditors; ++i) {
    editors.emplace_back([this, i] {
      for (int k = 0; k < kEach; ++k) {
        json peer = kScanner;
        peer["name"] = peer["ae_title"] = "P" + std::to_string(i) + "_" + std::to_string(k);
        EXPECT_EQ(Ask("POST", "/config/peers", peer).status, 201);
      }
    });
  }
  for (std::thread& editor : editors) {
    editor.join();
  }
  EXPECT_EQ(Get("/config/peers").at("items").size(), 1U + kEditors * kEach);
  EXPECT_EQ(Generation(), 1 + kEditors * kEach);
}

TEST_F(ConfigApi, NamesTheKeyThatIsWrong) {
  json peer = kScanner;
  peer["port"] = 70000;
  EXPECT_THAT(ProblemOf(Ask("POST", "/config/peers", peer)), HasSubstr("port: 70000 is outside"));
  peer = kScanner;
  peer["ae_title"] = "a\\b";
  EXPECT_THAT(ProblemOf(Ask("POST", "/config/peers", peer)), HasSubstr("ae_title: an AE title"));
  peer = kScanner;
  peer["prot"] = 1;
  EXPECT_EQ(ProblemOf(Ask("POST", "/config/peers", peer)), "prot: unknown key");
  peer = kScanner;
  peer["tls"] = "yes";
  EXPECT_THAT(ProblemOf(Ask("POST", "/config/peers", peer)),
              HasSubstr("tls: must be true or false"));
  EXPECT_THAT(
      ProblemOf(Ask("POST", "/config/peers", json{{"name", "pacs"}, {"url", "https://a/b"}})),
      HasSubstr("name: the peer \"pacs\" stands twice"));
  json route = Get("/config/routes/neck");
  route["series"]["min_slices"] = 2000;
  EXPECT_EQ(ProblemOf(Ask("PUT", "/config/routes/neck", route, "*")),
            "series.min_slices: is greater than max_slices");
  route = Get("/config/routes/neck");
  route["output"][0]["peer"] = "nobody";
  EXPECT_THAT(ProblemOf(Ask("PUT", "/config/routes/neck", route, "*")),
              HasSubstr("output[0].peer: there is no peer named"));
  EXPECT_EQ(Ask("POST", "/config/peers", json::array()).status, 400);
  EXPECT_EQ(Generation(), 0);
}

TEST_F(ConfigApi, RefusesToRemoveWhatARouteNeedsAndSaysWhich) {
  EXPECT_EQ(ProblemOf(Ask("DELETE", "/config/peers/pacs", nullptr, "*")),
            ": route neck, output[0].peer: there is no peer named \"pacs\"");
  Ask("POST", "/config/ae", {{"title", "OTHER"}});
  EXPECT_EQ(ProblemOf(Ask("DELETE", "/config/ae/NECKNODE", nullptr, "*")),
            ": route neck, called_ae: \"NECKNODE\" is none of our own AE titles [[ae]]");
}

TEST_F(ConfigApi, ARenameCarriesAlongWhatRefersToIt) {
  json peer = Get("/config/peers/pacs");
  peer["name"] = "archive";
  ASSERT_EQ(Ask("PUT", "/config/peers/pacs", peer, "*").status, 200);
  json ae = Get("/config/ae/NECKNODE");
  ae["title"] = "A/B";
  ASSERT_EQ(Ask("PUT", "/config/ae/NECKNODE", ae, "*").status, 200);
  const json route = Get("/config/routes/neck");
  EXPECT_EQ(route.at("output")[0].at("peer"), "archive");
  EXPECT_EQ(route.at("called_ae"), "A/B");
  EXPECT_EQ(Ask("GET", "/config/ae/A/B").status, 200);
}

TEST_F(ConfigApi, WarnsWhereNoRouteIsLeft) {
  const Response removed = Ask("DELETE", "/config/routes/neck", nullptr, "*");
  ASSERT_EQ(removed.status, 200) << removed.body;
  const json warnings = json::parse(removed.body).at("warnings");
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_THAT(warnings[0].at("text").get<std::string>(), HasSubstr("no route is left"));
}

TEST_F(ConfigApi, TextIsJustText) {
  const std::string script = "<script>alert(1)</script>" + std::string(39, '\"');
  ASSERT_EQ(script.size(), 64U);
  ASSERT_EQ(Ask("POST", "/config/ae", {{"title", "</SCRIPT>\"'"}, {"description", script}}).status,
            201);
  EXPECT_EQ(Get("/config/ae/</SCRIPT>\"'").at("description"), script);
  EXPECT_THAT(ProblemOf(Ask("POST", "/config/ae", {{"title", "B"}, {"description", script + "x"}})),
              HasSubstr("description: has 65 characters"));
  EXPECT_THAT(ProblemOf(Ask("POST", "/config/ae", {{"title", "B"}, {"description", "a\nb"}})),
              HasSubstr("description: may hold no control"));
}

TEST_F(ConfigApi, ChecksWithoutChanging) {
  json peer = Get("/config/peers/pacs");
  peer["port"] = 11112;
  json answer = json::parse(
      Ask("POST", "/config/check", {{"section", "peers"}, {"name", "pacs"}, {"item", peer}}).body);
  EXPECT_EQ(answer.at("problems").size(), 0U);
  EXPECT_THAT(answer.at("diff").get<std::string>(), HasSubstr("-port = 104\n+port = 11112\n"));
  answer = json::parse(
      Ask("POST", "/config/check", {{"section", "peers"}, {"name", "pacs"}, {"item", nullptr}})
          .body);
  EXPECT_EQ(answer.at("problems").size(), 1U);
  EXPECT_EQ(Ask("POST", "/config/check", {{"section", "users"}, {"item", peer}}).status, 404);
  EXPECT_EQ(Ask("POST", "/config/check", {{"section", "peers"}}).status, 400);
  EXPECT_EQ(Ask("POST", "/config/check", json::object()).status, 400);
  EXPECT_EQ(Generation(), 0);
}

TEST_F(ConfigApi, KeepsVersionsAndBringsThemBack) {
  ASSERT_EQ(Ask("POST", "/config/peers", kScanner).status, 201);
  ASSERT_EQ(Ask("DELETE", "/config/peers/scanner", nullptr, "*").status, 200);
  const json versions = Get("/config/versions").at("items");
  ASSERT_EQ(versions.size(), 3U);
  EXPECT_EQ(versions[0].at("generation"), 3);
  EXPECT_EQ(versions[1].at("comment"), "peer scanner added");
  EXPECT_EQ(versions[1].at("user"), "anna");
  EXPECT_THAT(Get("/config/versions/2").at("diff").get<std::string>(),
              HasSubstr("+name = \"scanner\""));
  ASSERT_EQ(Ask("POST", "/config/versions/2/restore").status, 200);
  EXPECT_EQ(Generation(), 4);
  EXPECT_EQ(Ask("GET", "/config/peers/scanner").status, 200);
  EXPECT_EQ(Ask("POST", "/config/versions/9/restore").status, 404);
  EXPECT_EQ(Ask("GET", "/config/versions/x").status, 404);
}

TEST_F(ConfigApi, TakesAnEditByHandOnlyWhenAskedTo) {
  live_.Begin("root");
  std::string text = PeersFile();
  text.replace(text.find("192.0.2.10"), 10, "192.0.2.99");
  WriteByHand(text);
  EXPECT_TRUE(Get("/config").at("edited_by_hand"));
  EXPECT_THAT(live_.EditByHand(), HasSubstr("reload it"));
  EXPECT_EQ(Get("/config/peers/pacs").at("host"), "192.0.2.10");
  EXPECT_EQ(Ask("POST", "/config/peers", kScanner).status, 409);
  ASSERT_EQ(Ask("POST", "/config/reload").status, 200);
  EXPECT_EQ(Get("/config/peers/pacs").at("host"), "192.0.2.99");
  EXPECT_EQ(Generation(), 2);
  EXPECT_EQ(Get("/config/versions").at("items")[0].at("comment"), "edited by hand");
  WriteByHand(PeersFile() + "[[peer]]\nname = \"x\"\n");
  const Response refused = Ask("POST", "/config/reload");
  EXPECT_EQ(refused.status, 422);
  EXPECT_THAT(refused.body, HasSubstr("peers.toml line "));
  EXPECT_THAT(live_.EditByHand(), HasSubstr("cannot be taken over"));
  EXPECT_EQ(Generation(), 2);
  EXPECT_FALSE(live_.Begin("root").empty());
  ASSERT_EQ(Ask("POST", "/config/versions/2/restore").status, 200);
  EXPECT_FALSE(Get("/config").at("edited_by_hand"));
  EXPECT_EQ(live_.EditByHand(), "");
  EXPECT_EQ(Generation(), 3);
  std::stringstream kept;
  kept << std::ifstream(folder_.path() / "data" / "peers" / "by-hand-0001.toml").rdbuf();
  EXPECT_THAT(kept.str(), HasSubstr("name = \"x\""));
  EXPECT_EQ(Get("/config/versions").at("items").size(), 3U);
}

TEST_F(ConfigApi, TakesAnEarlierVersionPutInPlaceAsAnEditByHand) {
  live_.Begin("root");
  const std::string first = PeersFile();
  Ask("POST", "/config/peers", kScanner);
  WriteByHand(first);
  EXPECT_TRUE(Get("/config").at("edited_by_hand"));
  EXPECT_EQ(Get("/config/peers").at("items").size(), 2U);
  ASSERT_EQ(Ask("POST", "/config/reload").status, 200);
  EXPECT_EQ(Get("/config/peers").at("items").size(), 1U);
  EXPECT_EQ(Generation(), 3);
}

TEST_F(ConfigApi, CutsNoCharacterInTwo) {
  json peer = kScanner;
  std::string name;
  for (int i = 0; i < 64; ++i) {
    name += "\xF0\x9D\x95\x8F";  // four bytes each
  }
  peer["name"] = name;
  ASSERT_EQ(Ask("POST", "/config/peers", peer).status, 201);
  EXPECT_FALSE(Get("/config").at("edited_by_hand"));
  peer["name"] = "another";
  peer["ae_title"] = "CT2";
  EXPECT_EQ(Ask("POST", "/config/peers", peer).status, 201);
}

TEST_F(ConfigApi, TakesNoNameThatNoAddressCanHold) {
  for (const char* name : {".", "..", " a", "a ", "a\xE2\x80\xAE", "a\xE2\x81\xA6"}) {
    json peer = kScanner;
    peer["name"] = name;
    EXPECT_EQ(Ask("POST", "/config/peers", peer).status, 422) << name;
  }
}

TEST_F(ConfigApi, TakesAListOfEtagsAndSaysWhatWasRenamed) {
  ASSERT_EQ(Ask("POST", "/config/peers", kScanner).status, 201);
  json item = Get("/config/peers/scanner");
  const auto etag = item.at("etag").get<std::string>();
  item.erase("etag");
  item["name"] = "ct";
  EXPECT_EQ(Ask("PUT", "/config/peers/scanner", item, "\"x\", \"y\"").status, 412);
  EXPECT_EQ(Ask("PUT", "/config/peers/scanner", item, "\"x\", " + etag).status, 200);
  EXPECT_EQ(Get("/config/versions").at("items")[0].at("comment"), "peer ct renamed, was scanner");
}

TEST_F(ConfigApi, NeedsTheRole) {
  EXPECT_EQ(Ask("GET", "/config", nullptr, "", Role::kViewer).status, 200);
  EXPECT_EQ(Ask("POST", "/config/peers", kScanner, "", Role::kOperator).status, 403);
  EXPECT_EQ(Ask("POST", "/echo", {{"peer", "pacs"}}, "", Role::kViewer).status, 403);
}

TEST_F(ConfigApi, AsksAPeerBeforeItIsSaved) {
  json answer = json::parse(Ask("POST", "/echo", {{"peer", "pacs"}}, "", Role::kOperator).body);
  EXPECT_TRUE(answer.at("ok"));
  json wrong = kScanner;
  wrong["port"] = 4;
  answer = json::parse(Ask("POST", "/echo", wrong, "", Role::kOperator).body);
  EXPECT_FALSE(answer.at("ok"));
  EXPECT_EQ(answer.at("text"), "tried 192.0.2.20");
  ASSERT_EQ(asked_.size(), 2U);
  EXPECT_EQ(Ask("POST", "/echo", {{"peer", "nobody"}}).status, 404);
  wrong["host"] = "no host";
  EXPECT_THAT(ProblemOf(Ask("POST", "/echo", wrong)), HasSubstr("host: "));
}

TEST_F(ConfigApi, SendsNoFileToAnAddressThatAnOperatorChose) {
  const json web = {{"name", "web"},
                    {"url", "https://elsewhere.example/dicom-web"},
                    {"token_file", "/etc/passwd"}};
  EXPECT_EQ(Ask("POST", "/echo", web, "", Role::kOperator).status, 403);
  EXPECT_TRUE(asked_.empty());
  EXPECT_EQ(Ask("POST", "/echo", web).status, 200);
}

class ReadonlyConfigApi : public ConfigApi {
 protected:
  ReadonlyConfigApi() : ConfigApi(std::string("[admin]\nreadonly = true\n") + kBase) {}
};

TEST_F(ReadonlyConfigApi, ChangesNothing) {
  EXPECT_TRUE(live_.Begin("root").empty());
  EXPECT_TRUE(Get("/config").at("readonly"));
  const Response refused = Ask("POST", "/config/peers", kScanner);
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(refused.body, HasSubstr("readonly = true"));
  EXPECT_EQ(Ask("POST", "/config/reload").status, 403);
  EXPECT_EQ(PeersFile(), "");
}

class OpenConfigApi : public ConfigApi {
 protected:
  OpenConfigApi()
      : ConfigApi("[[peer]]\nname = \"pacs\"\nae_title = \"PACS\"\nhost = \"192.0.2.10\"\n") {}
};

TEST_F(OpenConfigApi, KeepsTheLastPeerOfANodeThatListensBeyondLoopback) {
  EXPECT_THAT(ProblemOf(Ask("DELETE", "/config/peers/pacs", nullptr, "*")),
              HasSubstr("the node listens on 0.0.0.0"));
  EXPECT_EQ(Get("/config/peers").at("items").size(), 1U);
}

}  // namespace
}  // namespace necknode::admin
