#include "config/peers_file.h"

#include <algorithm>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/text_diff.h"
#include "config/write_toml.h"

namespace necknode::config {
namespace {

using testing::HasSubstr;

const std::string kOdd =
    "a \"quoted\" \\ back\\slash 'x' # no comment, \xC3\xA4\xE2\x82\xAC\xF0\x9F\xA6\xB4";
const std::string kScript = "<script>alert(1)</script>^A";

/// Every key has another value than its default.
Tables FullTables() {
  Tables tables;
  tables.ae.push_back({"NECKNODE", std::string(60, 'd') + "\xC3\xA4\"\\<", "required"});
  tables.ae.push_back({"SECOND [x]", kScript, "certificate"});
  Peer pacs;
  pacs.name = kOdd;
  pacs.ae_title = "PA\"CS";
  pacs.host = "192.0.2.10";
  pacs.port = 11113;
  pacs.tls = pacs.case_insensitive = pacs.accept_non_clinical = true;
  pacs.verify_count = pacs.storage_commitment = true;
  pacs.may_send = false;
  pacs.sr_sop_class = "comprehensive";
  Peer web;
  web.name = "archive";
  web.url = "https://archive.example/dicom-web";
  web.user = "necknode";
  web.password_file = "a \"file\".password";
  web.token_file = "archive.token";
  web.may_send = false;
  tables.peers = {pacs, web};
  Route route;
  route.name = "first\n[[peer]]\tsecond\x7F\x01";
  route.called_ae = "NECKNODE";
  route.calling_ae = "PACS";
  route.package = "neck/3";
  route.shadow = "neck/4";
  route.intended_use = "warn";
  route.on_not_eligible = "sr";
  route.levels = "off";
  route.compare_prior = false;
  route.min_slices = 21;
  route.max_slices = 999;
  route.min_slice_thickness_mm = 0.1 + 0.2;
  route.max_slice_thickness_mm = 4;
  route.body_parts = {"NECK", "HEADNECK"};
  route.include_description = {kOdd};
  route.exclude_description = {"BONE", ""};
  route.preferred_kernels = {"B30f"};
  route.contrast = "require";
  route.outputs = {{kOdd, false, true, false}, {"archive", true, false, true}};
  Route plain;
  plain.name = "plain";
  tables.routes = {route, plain};
  return tables;
}

PeersFile FullFile() {
  return {7, "2026-11-27T03:35:36Z", "anna@host", "a \"new\" peer\n# x = 1", FullTables()};
}

TEST(ToToml, ReadsBackAsTheSameValuesWhateverTheyHold) {
  const Tables tables = FullTables();
  const ReadPeersFile read = ParsePeersFile(ToToml(tables));
  ASSERT_EQ(read.problems.size(), 0U) << read.problems.front().message;
  EXPECT_EQ(ToToml(read.file.tables), ToToml(tables));
  const Tables& back = read.file.tables;
  ASSERT_EQ(back.ae.size(), 2U);
  EXPECT_EQ(back.ae[0].description, tables.ae[0].description);
  EXPECT_EQ(back.ae[1].description, kScript);
  ASSERT_EQ(back.peers.size(), 2U);
  EXPECT_EQ(back.peers[0].name, kOdd);
  EXPECT_EQ(back.peers[0].ae_title, "PA\"CS");
  EXPECT_FALSE(back.peers[0].may_send);
  EXPECT_TRUE(back.peers[0].storage_commitment);
  EXPECT_EQ(back.peers[1].password_file, "a \"file\".password");
  ASSERT_EQ(back.routes.size(), 2U);
  EXPECT_EQ(back.routes[0].name, tables.routes[0].name);
  EXPECT_EQ(back.routes[0].shadow, "neck/4");
  EXPECT_EQ(back.routes[0].min_slice_thickness_mm, 0.1 + 0.2);
  EXPECT_EQ(back.routes[0].exclude_description, tables.routes[0].exclude_description);
  ASSERT_EQ(back.routes[0].outputs.size(), 2U);
  EXPECT_EQ(back.routes[0].outputs[0].peer, kOdd);
  EXPECT_FALSE(back.routes[0].outputs[1].gsps);
}

/// The keys of config/necknode.toml in its tables of AE titles, peers and routes.
TEST(ToToml, WritesEveryKeyOfTheReferenceFile) {
  const std::string reference =
      ReadConfigFile(std::string(NECKNODE_SOURCE_DIR) + "/config/necknode.toml");
  const std::string written = ToToml(FullTables());
  std::istringstream lines(reference.substr(reference.find("[[ae]]")));
  int keys = 0;
  for (std::string line; std::getline(lines, line);) {
    line = line.substr(std::min(line.size(), line.find_first_not_of("# ")));
    const auto equals = line.find(" = ");
    const std::string key = line.substr(0, equals);
    if (equals == std::string::npos ||
        key.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") != std::string::npos) {
      continue;
    }
    ++keys;
    EXPECT_THAT(written, HasSubstr("\n" + key + " = ")) << line;
  }
  EXPECT_GT(keys, 35);
}

TEST(ToToml, GivesItemsThatDifferAnotherDigest) {
  Peer peer;
  peer.name = "pacs";
  const std::string before = DigestOf(peer);
  EXPECT_EQ(before.size(), 16U);
  EXPECT_EQ(DigestOf(peer), before);
  peer.verify_count = true;
  EXPECT_NE(DigestOf(peer), before);
}

TEST(PeersFile, KeepsItsHeader) {
  const ReadPeersFile read = ParsePeersFile(WritePeersFile(FullFile()));
  EXPECT_TRUE(read.intact);
  EXPECT_EQ(read.file.generation, 7);
  EXPECT_EQ(read.file.time, "2026-11-27T03:35:36Z");
  EXPECT_EQ(read.file.user, "anna@host");
  EXPECT_EQ(read.file.comment, FullFile().comment);
  EXPECT_EQ(ToToml(read.file.tables), ToToml(FullTables()));
}

TEST(PeersFile, NoticesAnyEditByHand) {
  const std::string text = WritePeersFile(FullFile());
  for (std::size_t i = 0; i < text.size(); i += 7) {
    std::string edited = text;
    edited[i] = edited[i] == 'x' ? 'y' : 'x';
    EXPECT_FALSE(ParsePeersFile(edited).intact) << i;
    EXPECT_FALSE(ParsePeersFile(text.substr(0, i)).intact) << i;
  }
  EXPECT_FALSE(ParsePeersFile(text + "\n").intact);
  EXPECT_FALSE(ParsePeersFile("").intact);
}

TEST(PeersFile, SaysWhatIsWrongWithAnEdit) {
  std::string text = WritePeersFile({1, "", "", "", {}});
  text +=
      "[[peer]]\nname = \"a\"\nae_title = \"A\"\nhost = \"h\"\nport = 0\n[node]\ndata = \"x\"\n";
  const ReadPeersFile read = ParsePeersFile(text);
  ASSERT_EQ(read.problems.size(), 2U);
  EXPECT_EQ(read.problems[0].key_path, "peer[0].port");
  EXPECT_EQ(read.problems[1].key_path, "node");
  EXPECT_TRUE(read.file.tables.routes.empty());
}

TEST(ParseConfig, TakesTheTablesInPlaceOfTheTextsOwn) {
  Tables tables;
  tables.ae = {{"OTHER", ""}};
  Peer peer;
  peer.name = "pacs";
  peer.ae_title = "bad\\title";
  peer.host = "192.0.2.1";
  tables.peers = {peer};
  const Loaded loaded = ParseConfig("[receiver]\nport = 4242\n[[ae]]\ntitle = \"SEED\"\n", tables);
  EXPECT_EQ(loaded.config.port, 4242);
  EXPECT_EQ(loaded.config.ae.front().title, "OTHER");
  EXPECT_TRUE(loaded.config.routes.empty());
  ASSERT_EQ(loaded.problems.size(), 1U);
  EXPECT_EQ(loaded.problems[0].key_path, "peer[0].ae_title");
  EXPECT_EQ(loaded.problems[0].line, 0);
}

TEST(TextProblem, CountsCharactersAndRefusesControlOnes) {
  std::string umlauts;
  for (int i = 0; i < 64; ++i) {
    umlauts += "\xC3\xA4";
  }
  EXPECT_EQ(TextProblem(umlauts), "");
  EXPECT_THAT(TextProblem(umlauts + "x"), HasSubstr("has 65 characters"));
  EXPECT_EQ(TextProblem(kScript), "");
  EXPECT_THAT(TextProblem("a\nb"), HasSubstr("control"));
}

TEST(WithShadows, AddsARouteThatSendsNothing) {
  Route route;
  route.name = "neck";
  route.shadow = "phantom/3";
  route.outputs = {{"pacs"}};
  Route plain;
  const std::vector<Route> all = WithShadows({route, plain});
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[2].name, "neck shadow");
  EXPECT_EQ(all[2].package, "phantom/3");
  EXPECT_TRUE(all[2].is_shadow);
  EXPECT_TRUE(all[2].outputs.empty());
  EXPECT_FALSE(all[0].is_shadow);
}

TEST(UnifiedDiff, ShowsHunksAsDiffDoes) {
  std::string before, after;
  for (int i = 1; i <= 30; ++i) {
    before += std::to_string(i) + "\n";
    after += (i == 5 ? "five" : std::to_string(i)) + std::string("\n") + (i == 25 ? "new\n" : "");
  }
  EXPECT_EQ(UnifiedDiff(before, after, "a", "b"),
            "--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"
            "@@ -23,6 +23,7 @@\n 23\n 24\n 25\n+new\n 26\n 27\n 28\n");
  EXPECT_EQ(UnifiedDiff(before, before, "a", "b"), "");
  EXPECT_EQ(UnifiedDiff("", "x\n", "a", "b"), "--- a\n+++ b\n@@ -0,0 +1,1 @@\n+x\n");
  EXPECT_EQ(UnifiedDiff("x\n", "", "a", "b"), "--- a\n+++ b\n@@ -1,1 +0,0 @@\n-x\n");
}

}  // namespace
}  // namespace necknode::config
