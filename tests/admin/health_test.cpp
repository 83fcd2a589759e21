#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "admin/health_api.h"
#include "tests/storage/storage_fixture.h"

namespace necknode::admin {
namespace {

using namespace std::chrono_literals;

using nlohmann::json;

class HealthTest : public storage::StoreTest {
 protected:
  HealthTest() { Serve(); }
  void Serve() {
    router_ = Router();
    AddHealth(router_,
              {*store_, clock_, "1.2", {"receiver", "coordinator", "worker", "sender"}, [this] {
                 return routes_;
               }});
  }
  void Report(const std::string& role, int pid = 7) {
    storage::RoleStatus status;
    status.role = role;
    status.pid = pid;
    status.started = status.updated = clock_.Now();
    status.text = "so it says";
    store_->ReportRole(status);
  }
  void ReportAll() {
    for (const char* role : {"receiver", "coordinator", "worker", "sender"}) {
      Report(role);
    }
    store_->ReportPackages({{"phantom/2", "digest", false, true, "", ""}});
  }
  Response Get(const std::string& path = "/health/ready") {
    Request request;
    request.method = "GET";
    request.path = path;
    return router_.Handle(request);
  }
  json Check(const std::string& name) {
    const json body = json::parse(Get().body);
    for (const json& check : body.at("checks")) {
      if (check.at("name") == name) {
        return check;
      }
    }
    return nullptr;
  }
  std::vector<std::pair<std::string, std::string>> routes_ = {{"neck", "phantom/2"}};
  Router router_;
};

TEST_F(HealthTest, IsOkWhereEverythingRuns) {
  ReportAll();
  const Response response = Get();
  EXPECT_EQ(response.status, 200);
  const json body = json::parse(response.body);
  EXPECT_EQ(body.at("status"), "ok");
  EXPECT_EQ(body.at("checks").size(), 6U);
  for (const json& check : body.at("checks")) {
    EXPECT_TRUE(check.at("ok")) << check;
  }
  EXPECT_EQ(Check("receiver").at("detail"), "runs: so it says");
}

TEST_F(HealthTest, IsDegradedWithoutARoute) {
  ReportAll();
  routes_.clear();
  EXPECT_EQ(Get().status, 200) << "studies are taken all the same";
  EXPECT_EQ(json::parse(Get().body).at("status"), "degraded");
  EXPECT_FALSE(Check("routes").at("ok"));
}

TEST_F(HealthTest, IsUnavailableWithoutAReceiver) {
  EXPECT_EQ(Get().status, 503);
  EXPECT_EQ(Check("receiver").at("detail"), "has never run");
  ReportAll();
  Report("receiver", 0);
  EXPECT_EQ(Get().status, 503);
  EXPECT_EQ(json::parse(Get().body).at("status"), "unavailable");
  ReportAll();
  clock_.Advance(1min);
  EXPECT_EQ(Get().status, 503) << "silent";
}

TEST_F(HealthTest, IsDegradedButReadyWhereALaterStepStandsStill) {
  ReportAll();
  Report("worker", 0);
  EXPECT_EQ(Get().status, 200);
  EXPECT_EQ(json::parse(Get().body).at("status"), "degraded");
  EXPECT_FALSE(Check("worker").at("ok"));
  EXPECT_FALSE(Check("worker").at("needed"));
  ReportAll();
  store_->ReportPackages({{"phantom/2", "digest", false, false, "weights are damaged", ""}});
  EXPECT_EQ(json::parse(Get().body).at("status"), "degraded");
  EXPECT_EQ(Check("package of route neck").at("detail"), "phantom/2: weights are damaged");
}

TEST_F(HealthTest, IsUnavailableAtTheDisksReserve) {
  ReportAll();
  store_.reset();
  storage::StoreOptions options = Options();
  options.reserve_bytes = std::uint64_t{1} << 60U;
  store_ = storage::Store::Open(options, clock_);
  Serve();
  EXPECT_EQ(Get().status, 503);
  EXPECT_FALSE(Check("storage").at("ok"));
}

TEST_F(HealthTest, LivesWhateverTheNodeDoes) {
  EXPECT_EQ(Get("/health/live").status, 200);
  EXPECT_EQ(json::parse(Get("/health/live").body).at("status"), "ok");
}

}  // namespace
}  // namespace necknode::admin
