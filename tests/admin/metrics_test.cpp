#include <cstdio>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admin/exposition.h"
#include "admin/metric_families.h"
#include "admin/metrics_api.h"
#include "tests/storage/storage_fixture.h"

namespace necknode::admin {
namespace {

using namespace std::chrono_literals;

using testing::HasSubstr;
using testing::Not;

std::string ReadAll(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

class MetricsTest : public storage::StoreTest {
 protected:
  MetricsTest() {
    AddMetrics(router_,
               {*store_,
                clock_,
                "1.2",
                {"receiver", "worker"},
                [] {
                  return std::vector{std::pair<std::string, std::string>{"neck", "phantom/2"}};
                },
                [] { return std::optional<std::int64_t>(4); }});
  }
  void Report(const std::string& role, std::vector<CounterSample> counters) {
    storage::RoleStatus status;
    status.role = role;
    status.pid = 7;
    status.started = status.updated = clock_.Now();
    status.counters = std::move(counters);
    store_->ReportRole(status);
  }
  Response Get(const std::string& accept = "") {
    Request request;
    request.method = "GET";
    request.path = "/metrics";
    request.role = Role::kViewer;
    request.headers["accept"] = accept;
    return router_.Handle(request);
  }
  Router router_;
};

CounterSample Duration(const char* name, const Labels& labels, double seconds) {
  CounterSet counted;
  counted.Observe(name, labels, seconds);
  return counted.Snapshot().at(0);
}

TEST_F(MetricsTest, GatherWhatRolesCountAndWhatLiesInStorage) {
  Report("worker",
         {Duration("necknode_stage_duration_seconds", {{"stage", "detect"}}, 0.3),
          {"necknode_jobs_finished_total", {{"state", "done"}}, 2}});
  MakeJob(1);
  clock_.Advance(7s);
  const Response response = Get();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
  for (const char* line :
       {"# TYPE necknode_jobs gauge\n",
        "necknode_jobs{state=\"queued\"} 1\n",
        "necknode_job_queue_oldest_seconds 7\n",
        "necknode_jobs_finished_total{state=\"done\"} 2\n",
        "necknode_stage_duration_seconds_bucket{stage=\"detect\",le=\"0.25\"} 0\n",
        "necknode_stage_duration_seconds_bucket{stage=\"detect\",le=\"0.5\"} 1\n",
        "necknode_stage_duration_seconds_bucket{stage=\"detect\",le=\"+Inf\"} 1\n",
        "necknode_stage_duration_seconds_sum{stage=\"detect\"} 0.3\n",
        "necknode_stage_duration_seconds_count{stage=\"detect\"} 1\n",
        "necknode_role_up{role=\"worker\"} 1\n",
        "necknode_role_up{role=\"receiver\"} 0\n",
        "necknode_role_restarts_total{role=\"receiver\"} 0\n",
        "necknode_package_usable{package=\"phantom/2\",route=\"neck\"} 0\n",
        "necknode_config_generation 4\n",
        "necknode_build_info{version=\"1.2\"} 1\n",
        "necknode_disk_reserve_bytes 0\n"}) {
    EXPECT_THAT(response.body, HasSubstr(line));
  }
  EXPECT_THAT(response.body, HasSubstr("process_resident_memory_bytes "));
  clock_.Advance(1min);
  EXPECT_THAT(Get().body, HasSubstr("necknode_role_up{role=\"worker\"} 0\n")) << "silent";
}

TEST_F(MetricsTest, HoldNoPatientData) {
  MakeJob(1);
  const std::string text = Get().body;
  for (const char* secret : {"Anna", "P1", "1.2.1", "20261120"}) {
    EXPECT_THAT(text, Not(HasSubstr(secret))) << secret;
  }
}

TEST_F(MetricsTest, SpeakOpenMetricsToWhomAsksForIt) {
  Report("receiver", {{"necknode_received_bytes_total", {}, 5}});
  const Response response =
      Get("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5");
  EXPECT_THAT(response.content_type, HasSubstr("application/openmetrics-text; version=1.0.0"));
  EXPECT_THAT(response.body, HasSubstr("# TYPE necknode_received_bytes counter\n"));
  EXPECT_THAT(response.body, HasSubstr("\nnecknode_received_bytes_total 5\n"));
  EXPECT_TRUE(response.body.ends_with("# EOF\n"));
}

TEST_F(MetricsTest, PromtoolFindsNoFault) {
  if (std::system("command -v promtool >/dev/null") != 0) {
    GTEST_SKIP() << "promtool is absent: Debian's package prometheus, see tools/install-deps";
  }
  std::vector<CounterSample> all;
  for (const MetricFamily& family : MetricFamilies()) {
    if (std::string(family.type) == "histogram") {
      all.push_back(Duration(family.name, {{"destination", "a\"b\\c\nd"}}, 3));
    } else {
      all.push_back({family.name, {{"destination", "a\"b\\c\nd"}}, 1.5});
    }
  }
  Report("receiver", all);
  MakeJob(1);
  const auto file = folder_.path() / "metrics";
  std::ofstream(file) << Get().body;
  EXPECT_EQ(std::system(("promtool check metrics < " + file.string()).c_str()), 0);
}

TEST(AlertRules, HoldWhatTheirTestsExpect) {
  if (std::system("command -v promtool >/dev/null") != 0) {
    GTEST_SKIP() << "promtool is absent: Debian's package prometheus, see tools/install-deps";
  }
  const std::string folder = NECKNODE_SOURCE_DIR "/docker/prometheus/";
  EXPECT_EQ(std::system(("promtool check rules " + folder + "alerts.yml").c_str()), 0);
  EXPECT_EQ(std::system(("promtool test rules " + folder + "alerts_test.yml").c_str()), 0);
  EXPECT_EQ(std::system(("promtool check config " + folder + "prometheus.yml").c_str()), 0);
}

TEST(Expose, EscapesLabelsAddsDuplicatesAndLeavesOutWhatItDoesNotKnow) {
  const std::string text = Expose({{"necknode_echoes_total", {{"a", "x\"y\\z\n"}}, 1},
                                   {"necknode_echoes_total", {{"a", "x\"y\\z\n"}}, 2},
                                   {"necknode_unheard_of", {}, 1}},
                                  ExpositionFormat::kPrometheus);
  EXPECT_THAT(text, HasSubstr("necknode_echoes_total{a=\"x\\\"y\\\\z\\n\"} 3\n"));
  EXPECT_THAT(text, Not(HasSubstr("unheard")));
}

TEST(Expose, WritesWholeNumbersInFull) {
  EXPECT_THAT(Expose({{"necknode_received_bytes_total", {}, 12'345'678'901'234.0}},
                     ExpositionFormat::kPrometheus),
              HasSubstr("necknode_received_bytes_total 12345678901234\n"));
}

// Dashboard, alert rules and page name metrics that nothing else ties to the exporter.
TEST(MetricFamilies, HoldEveryMetricThatDashboardRulesAndPageName) {
  const std::filesystem::path root = NECKNODE_SOURCE_DIR;
  std::set<std::string> known;
  for (const MetricFamily& family : MetricFamilies()) {
    known.insert(family.name);
    if (std::string(family.type) == "histogram") {
      for (const char* suffix : {"_bucket", "_sum", "_count"}) {
        known.insert(family.name + std::string(suffix));
      }
    }
  }
  const std::regex name("necknode_[a-z_]+|process_[a-z_]+");
  for (const char* file : {"docker/grafana/necknode.json",
                           "docker/prometheus/alerts.yml",
                           "docker/prometheus/alerts_test.yml",
                           "docs/monitoring.md"}) {
    const std::string text = ReadAll(root / file);
    ASSERT_FALSE(text.empty()) << file;
    int found = 0;
    for (std::sregex_iterator at(text.begin(), text.end(), name), end; at != end; ++at, ++found) {
      EXPECT_TRUE(known.contains(at->str())) << file << ": " << at->str();
    }
    EXPECT_GT(found, 5) << file;
  }
  const std::string page = ReadAll(root / "docs/monitoring.md");
  for (const MetricFamily& family : MetricFamilies()) {
    EXPECT_THAT(page, HasSubstr("`" + std::string(family.name)));
  }
}

}  // namespace
}  // namespace necknode::admin
