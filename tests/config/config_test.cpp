#include "config/config.h"

#include <fstream>
#include <ostream>
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/temp_folder.h"

namespace necknode::config {
namespace {

using testing::HasSubstr;

constexpr const char* kPeer = R"(
[[peer]]
name = "pacs"
ae_title = "PACS"
host = "192.0.2.10"
port = 104
)";

std::string Shown(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    text += std::to_string(problem.line) + " " + problem.key_path + ": " + problem.message + "\n";
  }
  return text;
}

/// The only problem of `text`, as "line key: message".
std::string OnlyProblem(const std::string& text) {
  const Loaded loaded = ParseConfig(text);
  EXPECT_EQ(loaded.problems.size(), 1U) << Shown(loaded.problems);
  std::string shown = Shown(loaded.problems);
  if (!shown.empty())
    shown.pop_back();
  return shown;
}

TEST(Config, WorksWithoutAnyFile) {
  const Loaded loaded = ParseConfig("");
  EXPECT_TRUE(loaded.problems.empty()) << Shown(loaded.problems);
  EXPECT_EQ(loaded.config.port, 11112);
  EXPECT_EQ(loaded.config.BindAddress(), "127.0.0.1");
  EXPECT_EQ(loaded.config.device, "auto");
  EXPECT_EQ(loaded.config.ae[0].title, "NECKNODE");
  EXPECT_EQ(loaded.config.routes.size(), 1U);
}

TEST(Config, TheShippedFileSaysTheDefaults) {
  const Loaded shipped =
      LoadConfig(std::filesystem::path(NECKNODE_SOURCE_DIR) / "config/necknode.toml");
  EXPECT_TRUE(shipped.problems.empty()) << Shown(shipped.problems);
  const Config defaults;
  EXPECT_EQ(shipped.config.data, defaults.data);
  EXPECT_EQ(shipped.config.quiet_time, defaults.quiet_time);
  EXPECT_EQ(shipped.config.count_wait, defaults.count_wait);
  EXPECT_EQ(shipped.config.priors.peer, defaults.priors.peer);
  EXPECT_EQ(shipped.config.priors.description, defaults.priors.description);
  EXPECT_EQ(shipped.config.priors.wait, defaults.priors.wait);
  EXPECT_EQ(shipped.config.log_level, defaults.log_level);
  EXPECT_EQ(shipped.config.http.port, defaults.http.port);
  EXPECT_EQ(shipped.config.routes[0].package, defaults.routes[0].package);
  EXPECT_EQ(shipped.config.routes[0].compare_prior, defaults.routes[0].compare_prior);
  EXPECT_EQ(shipped.config.routes[0].min_slices, defaults.routes[0].min_slices);
  EXPECT_EQ(shipped.config.routes[0].max_slice_thickness_mm,
            defaults.routes[0].max_slice_thickness_mm);
}

TEST(Config, ARouteComparesWithEarlierStudiesUnlessToldOtherwise) {
  EXPECT_TRUE(ParseConfig("[[route]]\nname = \"a\"\n").config.routes.at(0).compare_prior);
  const std::string off = "[[route]]\nname = \"a\"\ncompare_prior = ";
  EXPECT_FALSE(ParseConfig(off + "false").config.routes.at(0).compare_prior);
  EXPECT_THAT(OnlyProblem(off + "\"no\""), HasSubstr("route[0].compare_prior"));
}

TEST(Config, APeerThatIsAskedForCountsNeedsARetriever) {
  EXPECT_FALSE(ParseConfig(kPeer).config.AsksArchives());
  const Loaded loaded =
      ParseConfig("[receiver]\ncount_wait_s = 90\n" + std::string(kPeer) + "verify_count = true\n");
  EXPECT_TRUE(loaded.problems.empty()) << Shown(loaded.problems);
  EXPECT_TRUE(loaded.config.AsksArchives());
  EXPECT_EQ(loaded.config.count_wait, std::chrono::seconds(90));
}

TEST(Config, PriorsNameAPeerThatCanServeThem) {
  const std::string priors = "[priors]\npeer = \"pacs\"\n";
  const Loaded loaded = ParseConfig(priors + "method = \"get\"\nprior_wait_s = 5\n" + kPeer);
  EXPECT_TRUE(loaded.problems.empty()) << Shown(loaded.problems);
  EXPECT_TRUE(loaded.config.AsksArchives());
  EXPECT_EQ(loaded.config.priors.wait, std::chrono::seconds(5));
  EXPECT_THAT(OnlyProblem(priors), HasSubstr("no peer named \"pacs\""));
  EXPECT_THAT(OnlyProblem(priors + "method = \"push\"\n" + kPeer), HasSubstr("none of"));
  constexpr const char* kSender =
      "[[peer]]\nname = \"scanner\"\nae_title = \"CT\"\nhost = \"192.0.2.11\"\nport = 104\n";
  EXPECT_THAT(OnlyProblem(priors + kPeer + "may_send = false\n" + kSender),
              HasSubstr("may not send"));
}

TEST(Config, PeersThatSendAreToldApartByAeTitleAndHost) {
  const std::string kSame = "[[peer]]\nname = \"b\"\nhost = \"192.0.2.10\"\nport = 105\n";
  EXPECT_THAT(OnlyProblem(kPeer + kSame + "ae_title = \"PACS\""),
              HasSubstr("peer[1].ae_title: \"pacs\" has the same AE title and host"));
  EXPECT_THAT(OnlyProblem(kPeer + kSame + "ae_title = \"pacs\"\ncase_insensitive = true"),
              HasSubstr("could not be told apart"));
  for (const char* apart :
       {"ae_title = \"pacs\"", "ae_title = \"PACS\"\nmay_send = false", "ae_title = \"B\""}) {
    const Loaded loaded = ParseConfig(kPeer + kSame + apart);
    EXPECT_TRUE(loaded.problems.empty()) << Shown(loaded.problems);
  }
}

TEST(Config, HostsAreNamesOrAddresses) {
  for (const char* good : {"localhost",
                           "pacs",
                           "pacs.example.org",
                           "pacs_1.example.",
                           "192.0.2.10",
                           "::1",
                           "1st.example"})
    EXPECT_EQ(HostProblem(good), "") << good;
  for (const std::string bad : {"bad host",
                                "-a",
                                "a-",
                                "a..b",
                                ".",
                                "256.1.1.1",
                                "1.2.3",
                                "http://a",
                                "a:104",
                                "h\xC3\xB4te"})
    EXPECT_THAT(HostProblem(bad), HasSubstr("neither a host name nor")) << bad;
  EXPECT_NE(HostProblem(std::string(64, 'a')), "");
  EXPECT_NE(HostProblem(std::string("127.0.0.1\0x", 11)), "");
  EXPECT_NE(HostProblem(""), "");
}

TEST(Config, TheShippedFilesCommentedOptionsAreReal) {
  std::ifstream file(std::filesystem::path(NECKNODE_SOURCE_DIR) / "config/necknode.toml");
  std::string text;
  const std::regex commented(R"(^# (\[\[|\[|[a-z_]+ = ).*)");
  for (std::string line; std::getline(file, line);) {
    text += (std::regex_match(line, commented) ? line.substr(2) : line) + "\n";
  }
  const Loaded loaded = ParseConfig(text);
  EXPECT_TRUE(loaded.problems.empty()) << Shown(loaded.problems);
  ASSERT_EQ(loaded.config.peers.size(), 2U);
  EXPECT_EQ(loaded.config.peers[1].url, "https://archive.example/dicom-web");
  EXPECT_EQ(loaded.config.peers[1].password_file, "archive.password");
  EXPECT_EQ(loaded.config.routes[0].outputs.at(0).peer, "pacs");
  EXPECT_EQ(loaded.config.BindAddress(), "0.0.0.0");
}

TEST(Config, ReadsEveryKey) {
  const Loaded loaded = ParseConfig(std::string(R"(
[node]
data = "/srv/necknode"
reserve_mib = 5
device = "cuda:1"
packages = "/srv/packages"
log_level = "debug"
[receiver]
bind = "127.0.0.2"
port = 104
quiet_time_s = 2.5
[http]
port = 9090
[[ae]]
title = "NECK"
description = "necks"
[[route]]
name = "necks"
called_ae = "NECK"
calling_ae = "PACS"
package = "mine/3"
intended_use = "warn"
on_not_eligible = "sr"
[route.series]
min_slices = 10
max_slices = 90
min_slice_thickness_mm = 1
max_slice_thickness_mm = 3.5
body_parts = ["NECK"]
exclude_description = ["BONE"]
preferred_kernels = ["B30f"]
[[route.output]]
peer = "pacs"
sc = false
)") + kPeer);
  EXPECT_TRUE(loaded.problems.empty()) << Shown(loaded.problems);
  const Config& config = loaded.config;
  EXPECT_EQ(config.data, "/srv/necknode");
  EXPECT_EQ(config.reserve_bytes, 5U << 20U);
  EXPECT_EQ(config.device, "cuda:1");
  EXPECT_EQ(config.port, 104);
  EXPECT_EQ(config.quiet_time.count(), 2500);
  const Route& route = config.routes.at(0);
  EXPECT_EQ(route.package, "mine/3");
  EXPECT_EQ(route.intended_use, "warn");
  EXPECT_EQ(route.on_not_eligible, "sr");
  EXPECT_EQ(route.max_slices, 90);
  EXPECT_EQ(route.min_slice_thickness_mm, 1.0);
  EXPECT_THAT(route.body_parts, testing::ElementsAre("NECK"));
  EXPECT_TRUE(route.outputs.at(0).sr);
  EXPECT_FALSE(route.outputs.at(0).sc);
  EXPECT_EQ(config.FindPeer("pacs")->ae_title, "PACS");
  EXPECT_EQ(config.FindPeer("nobody"), nullptr);
}

TEST(Config, ReportsEveryProblemWithLineAndKey) {
  const Loaded loaded =
      ParseConfig("[receiver]\nport = 99999\n\n[node]\ndevice = \"gpu\"\ncolour = 1\n");
  EXPECT_EQ(Shown(loaded.problems),
            "2 receiver.port: 99999 is outside 1 to 65535\n"
            "5 node.device: \"gpu\" is none of: auto, cpu, cuda:N\n"
            "6 node.colour: unknown key\n");
}

constexpr const char* kWebPeer = R"(
[[peer]]
name = "archive"
url = "https://archive.example/dicom-web"
)";

TEST(Config, APeerWithAUrlNeedsAnAeTitleOnlyToSend) {
  const std::string text = std::string(kPeer) + kWebPeer;
  const Loaded loaded = ParseConfig(text + "token_file = \"token\"\n");
  EXPECT_TRUE(loaded.problems.empty()) << Shown(loaded.problems);
  const Peer* archive = loaded.config.FindPeer("archive");
  EXPECT_EQ(archive->url, "https://archive.example/dicom-web");
  EXPECT_EQ(archive->token_file, "token");
  EXPECT_FALSE(archive->may_send);
  EXPECT_EQ(
      Shown(ParseConfig(text + "may_send = true\n").problems),
      "8 peer[1].ae_title: an AE title must not be blank\n8 peer[1].host: must not be empty\n");
  const Loaded both =
      ParseConfig(text + "may_send = true\nae_title = \"ARCHIVE\"\nhost = \"192.0.2.11\"\n");
  EXPECT_TRUE(both.problems.empty()) << Shown(both.problems);
}

TEST(UrlProblem, TakesTheBaseOfAWebServiceOnly) {
  for (const char* good : {"http://pacs",
                           "https://pacs.example:8443/dicom-web/",
                           "https://192.0.2.1/a/b",
                           "http://[::1]:8042/dicom-web"})
    EXPECT_EQ(UrlProblem(good), "") << good;
  for (const char* bad : {"",
                          "pacs.example/dicom-web",
                          "ftp://pacs.example",
                          "https://",
                          "https:///dicom-web",
                          "https://:443/",
                          "https://pacs:0/",
                          "https://pacs:65536/",
                          "https://pacs:http/",
                          "https://[::1]x/",
                          "https://pacs.example/a b",
                          "https://pacs.example/\xC3\xA4",
                          "https://pacs.example/studies?key=sesame",
                          "https://pacs.example/#top",
                          "https://user:sesame@pacs.example/",
                          "https://user@pacs.example/"}) {
    EXPECT_NE(UrlProblem(bad), "") << bad;
    EXPECT_THAT(UrlProblem(bad), testing::Not(HasSubstr("sesame"))) << bad;
  }
}

TEST(Config, NamesTheLineOfASyntaxError) {
  EXPECT_THAT(OnlyProblem("[node]\ndata = \n"), HasSubstr("2 : not TOML"));
}

TEST(Config, RefusesWhatWouldLetAnyoneSend) {
  EXPECT_THAT(OnlyProblem("[receiver]\nbind = \"0.0.0.0\"\n"),
              HasSubstr("2 receiver.bind: bound beyond loopback"));
}

struct Wrong {
  const char* name;
  std::string text;
  const char* problem;
};
void PrintTo(const Wrong& wrong, std::ostream* to) { *to << wrong.name; }

class ConfigRefuses : public testing::TestWithParam<Wrong> {};

TEST_P(ConfigRefuses, NamingKeyAndReason) {
  EXPECT_THAT(OnlyProblem(GetParam().text), HasSubstr(GetParam().problem));
}

INSTANTIATE_TEST_SUITE_P(
    Each,
    ConfigRefuses,
    testing::Values(
        Wrong{"Type",
              "[receiver]\nport = \"104\"",
              "receiver.port: must be a whole number, is a string"},
        Wrong{"Table", "receiver = 3", "receiver: must be a table"},
        Wrong{"BlankAe", "[[ae]]\ntitle = \"  \"", "ae[0].title: an AE title must not be blank"},
        Wrong{"LongAe", "[[ae]]\ntitle = \"ABCDEFGHIJKLMNOPQ\"", "at most 16 characters"},
        Wrong{"NoAe", "ae = []", "at least one own AE title"},
        Wrong{"TwiceAe",
              "[[ae]]\ntitle = \"A\"\n[[ae]]\ntitle = \"A\"",
              "4 ae[1].title: the AE title \"A\" stands twice"},
        Wrong{"MissingTitle",
              "[[ae]]\ntitle = \"A\"\n[[peer]]\nname = \"p\"\nae_title = \"P\"\nport = 1\nhost = "
              "\"\"",
              "peer[0].host: must not be empty"},
        Wrong{"PriorsModality",
              "[priors]\nmodality = \"ct\"",
              "2 priors.modality: \"ct\" is no modality: capital letters"},
        Wrong{"AuditServerName",
              "[audit]\nserver = \"bad host name\"\ntransport = \"udp\"",
              "2 audit.server: \"bad host name\" is neither a host name nor"},
        Wrong{"TlsPeerWithoutAuthorities",
              std::string(kPeer) + "tls = true",
              "peer[0].tls: needs the authorities"},
        Wrong{"AuditServerWithoutAuthorities",
              "[audit]\nserver = \"audit.example\"",
              "audit.transport: needs the authorities of the audit server"},
        Wrong{"AuditTransport",
              "[audit]\nserver = \"a\"\ntransport = \"tcp\"\n[tls]\ntrusted = \"ca.pem\"",
              "audit.transport: \"tcp\" is none of: tls, udp"},
        Wrong{
            "TlsPortWithoutCertificate", "[receiver]\ntls_port = 2762", "receiver.tls_port: needs"},
        Wrong{"TlsKeyWithoutCertificate",
              "[tls]\nprivate_key = \"a.key\"",
              "tls.certificate: certificate and private key belong together"},
        Wrong{"TlsOnThePlainPort",
              "[receiver]\ntls_port = 11112\n[tls]\ncertificate = \"a\"\nprivate_key = \"b\"",
              "receiver.tls_port: is the port of unprotected associations"},
        Wrong{"AeWithTlsWithoutPort",
              "[[ae]]\ntitle = \"A\"\ntls = \"required\"",
              "ae[0].tls: needs receiver.tls_port"},
        Wrong{"AeWithCertificateWithoutAuthorities",
              "[receiver]\ntls_port = 2762\n[tls]\ncertificate = \"a\"\nprivate_key = \"b\"\n"
              "[[ae]]\ntitle = \"A\"\ntls = \"certificate\"",
              "ae[0].tls: needs the authorities"},
        Wrong{"AeWithUnknownTls",
              "[[ae]]\ntitle = \"A\"\ntls = \"yes\"",
              "ae[0].tls: \"yes\" is none of: optional, required, certificate"},
        Wrong{
            "Choice", std::string(kPeer) + "sr_sop_class = \"best\"", "\"best\" is none of: auto"},
        Wrong{"UrlWithPassword",
              std::string(kPeer) + "[[peer]]\nname = \"w\"\nurl = \"https://u:p@h/\"",
              "9 peer[1].url: may hold no user or password"},
        Wrong{"UrlAndTls",
              std::string(kPeer) + kWebPeer + "tls = true\n[tls]\ntrusted = \"ca\"",
              "peer[1].tls: the url says"},
        Wrong{"UrlAndCommitment",
              std::string(kPeer) + kWebPeer + "storage_commitment = true",
              "peer[1].storage_commitment: is not to be had by web"},
        Wrong{"UrlAndCount",
              std::string(kPeer) + kWebPeer + "verify_count = true",
              "peer[1].verify_count: is not to be had by web"},
        Wrong{"PriorsByWeb",
              std::string(kPeer) + kWebPeer + "[priors]\npeer = \"archive\"",
              "priors.peer: is reached by web"},
        Wrong{"UserWithoutPassword",
              std::string(kPeer) + kWebPeer + "user = \"u\"",
              "peer[1].user: user and password_file belong together"},
        Wrong{"PasswordWithoutUser",
              std::string(kPeer) + kWebPeer + "password_file = \"p\"",
              "peer[1].password_file: user and password_file belong together"},
        Wrong{"UserWithColon",
              std::string(kPeer) + kWebPeer + "user = \"u:v\"\npassword_file = \"p\"",
              "peer[1].user: may hold no colon"},
        Wrong{"PasswordAndToken",
              std::string(kPeer) + kWebPeer +
                  "user = \"u\"\npassword_file = \"p\"\ntoken_file = \"t\"",
              "peer[1].token_file: a user with a password or a token, not both"},
        Wrong{"TokenInTheClear",
              std::string(kPeer) +
                  "[[peer]]\nname = \"w\"\nurl = \"http://127.example\"\ntoken_file = \"t\"",
              "peer[1].url: credentials go by https only"},
        Wrong{"TokenWithoutUrl",
              std::string(kPeer) + "token_file = \"t\"",
              "peer[0]: user, password_file and token_file need a url"},
        Wrong{"UnknownOutput",
              "[[route]]\nname = \"r\"\n[[route.output]]\npeer = \"x\"",
              "4 route[0].output[0].peer: there is no peer named \"x\""},
        Wrong{"UnknownCalled",
              "[[route]]\nname = \"r\"\ncalled_ae = \"X\"",
              "none of our own AE titles"},
        Wrong{"Package",
              "[[route]]\nname = \"r\"\npackage = \"../etc/1\"",
              "not of the form name/version"},
        Wrong{"Slices",
              "[[route]]\nname = \"r\"\n[route.series]\nmin_slices = 50\nmax_slices = 20",
              "greater than max_slices"},
        Wrong{"Bind",
              std::string(kPeer) + "[receiver]\nbind = \"not an address\"",
              "receiver.bind: \"not an address\" is not an IPv4 or IPv6 address"},
        Wrong{"NoSender", std::string(kPeer) + "may_send = false", "peer[0].may_send: no peer may"},
        Wrong{"NoSuchCaller",
              std::string(kPeer) + "[[route]]\nname = \"r\"\ncalling_ae = \"NOBODY\"",
              "route[0].calling_ae: no [[peer]] that may send has the AE title \"NOBODY\""},
        Wrong{"CallingAeBesideACaseInsensitivePeer",
              std::string(kPeer) +
                  "case_insensitive = true\n[[route]]\nname = \"r\"\ncalling_ae = \"NOBODY\"",
              "route[0].calling_ae: no [[peer]] that may send has the AE title \"NOBODY\""},
        Wrong{"LongCallingAe",
              "[[route]]\nname = \"r\"\ncalling_ae = \"ABCDEFGHIJKLMNOPQ\"",
              "3 route[0].calling_ae: an AE title has at most 16 characters"},
        Wrong{"BodyPart",
              "[[route]]\nname = \"r\"\n[route.series]\nbody_parts = [\"neck\\\\head\"]",
              "4 route[0].series.body_parts: \"neck\\head\" can be no Body Part Examined"},
        Wrong{"CountOfOneThatNeverSends",
              std::string(kPeer) +
                  "verify_count = true\nmay_send = false\n[[peer]]\nname = \"ct\"\n"
                  "ae_title = \"CT\"\nhost = \"a\"\nport = 1",
              "peer[0].verify_count: is asked only about studies that the peer sent"},
        Wrong{"NoOutput",
              std::string(kPeer) +
                  "[[route]]\nname = \"r\"\n[[route.output]]\npeer = \"pacs\"\nsr = "
                  "false\ngsps = false\nsc = false",
              "route[0].output[0]: sr, gsps and sc are all false"},
        Wrong{"NaN", "[receiver]\nquiet_time_s = nan", "outside"},
        Wrong{"Http", "[http]\nbind = \"0.0.0.0\"", "http.bind: beyond loopback (0.0.0.0)"},
        Wrong{"HttpAddress", "[http]\nbind = \"here\"", "http.bind: \"here\" is not an IPv4"},
        Wrong{"HttpPort", "[http]\nport = 11112", "http.port: is a port of [receiver]"},
        Wrong{"HttpTls", "[http]\ntls = true", "http.tls: needs certificate"},
        Wrong{"HttpKey", "[http]\ncertificate = \"a\"", "http.private_key: certificate and"}),
    [](const testing::TestParamInfo<Wrong>& tested) { return std::string(tested.param.name); });

TEST(Config, NamesTheAuditServer) {
  const Loaded loaded =
      ParseConfig("[audit]\nserver = \"192.0.2.20\"\nport = 6000\ntransport = \"udp\"");
  EXPECT_TRUE(loaded.problems.empty()) << Shown(loaded.problems);
  EXPECT_EQ(loaded.config.audit.host, "192.0.2.20");
  EXPECT_EQ(loaded.config.audit.port, 6000);
  EXPECT_EQ(loaded.config.audit.transport, "udp");
  EXPECT_EQ(ParseConfig("").config.audit.host, "") << "none unless configured";
}

TEST(Config, MissingFileIsAnError) {
  const tests::TempFolder folder;
  EXPECT_THROW((void)LoadConfig(folder.path() / "none.toml"), Error);
  EXPECT_THROW((void)LoadConfig(folder.path()), Error);
  std::ofstream(folder.path() / "empty.toml").flush();
  EXPECT_TRUE(LoadConfig(folder.path() / "empty.toml").problems.empty());
}

TEST(AeTitleProblem, AcceptsWhatPs35Allows) {
  for (const char* good : {"A", "ABCDEFGHIJKLMNOP", "My PACS-1_x", "store scp"})
    EXPECT_EQ(AeTitleProblem(good), "");
  for (const char* bad : {"", " A", "A ", "A\\B", "A\tB", "\xC3\x84"})
    EXPECT_NE(AeTitleProblem(bad), "");
}

}  // namespace
}  // namespace necknode::config
