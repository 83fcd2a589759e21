#include "admin/node_api.h"

#include <gmock/gmock.h>

#include "tests/admin/api_fixture.h"

namespace necknode::admin {
namespace {

using nlohmann::json;

class NodeApiTest : public ApiTest {
 protected:
  bool Asks(const std::string& kind) {
    const json node = Get("/node");
    for (const json& entry : node.at("attention")) {
      if (entry.at("kind") == kind) {
        return true;
      }
    }
    return false;
  }
};

TEST_F(NodeApiTest, CountsWhatTheNodeDoes) {
  MakeJob(1);
  FinishJob({"pacs"});
  MakeJob(2);
  clock_.Advance(90s);
  const json node = Get("/node");
  EXPECT_EQ(node.at("version"), "0.9");
  EXPECT_EQ(node.at("ae"), json({"NECKNODE"}));
  EXPECT_EQ(node.at("studies").at("total"), 2);
  EXPECT_EQ(node.at("queue").at("queued"), 1);
  EXPECT_EQ(node.at("queue").at("oldest_queued_s"), 90.0);
  EXPECT_EQ(node.at("outbox").at(0).at("destination"), "pacs");
  EXPECT_EQ(node.at("outbox").at(0).at("waiting"), 1);
  EXPECT_EQ(node.at("last_results").at(0).at("summary"), "2 lymph nodes, 1 suspicious");
  ASSERT_EQ(node.at("throughput").size(), 24U);
  EXPECT_EQ(node.at("throughput").at(23).at("instances"), 4);
  EXPECT_EQ(node.at("throughput").at(23).at("jobs_done"), 1);
  EXPECT_GT(node.at("disk").at("capacity_bytes"), node.at("disk").at("free_bytes"));
  EXPECT_TRUE(node.at("attention").empty());
  store_->outbox().MarkDelivered(1, "0x0000", Uid("1.9.1"));
  clock_.Advance(25h);
  EXPECT_EQ(Get("/node").at("throughput").at(23).at("instances"), 0);
  EXPECT_TRUE(Get("/node").at("outbox").empty()) << "delivered longer ago than a day";
}

TEST_F(NodeApiTest, SaysWhatAPersonMustLookAt) {
  MakeJob(1);
  FinishJob({"pacs"});
  store_->outbox().MarkParked(1, "0xA900", "not taken");
  EXPECT_TRUE(Asks("outbox"));
  MakeJob(2);
  store_->jobs().Park(Take(), "out of memory");
  EXPECT_TRUE(Asks("job"));
  EXPECT_FALSE(Asks("role"));
  store_->ReportRole({"sender", 0, clock_.Now(), clock_.Now(), "ended"});
  EXPECT_TRUE(Asks("role"));
  EXPECT_FALSE(Asks("model"));
  store_->ReportPackages({{"phantom/2", "", false, false, "not installed"},
                          {"other/1", "", false, false, "not installed"}});
  EXPECT_TRUE(Asks("model"));
  InstanceHeader other = CtHeader(2, 9);
  other.patient_id = PatientText("another");
  Add(other, 9);
  EXPECT_TRUE(Asks("study"));
}

TEST_F(NodeApiTest, ListsModelsWithTheirRoutes) {
  store_->ReportPackages({{"phantom/2",
                           "d1",
                           false,
                           true,
                           "",
                           R"({"max_slice_thickness_mm": 5})",
                           "PHANTOM MODEL, NOT FOR CLINICAL USE",
                           R"({"auc": 0.97})"},
                          {"phantom/3", "", false, false, "no weights"}});
  const json models = Get("/models").at("items");
  ASSERT_EQ(models.size(), 2U);
  EXPECT_EQ(models[0].at("name"), "phantom");
  EXPECT_EQ(models[0].at("version"), "2");
  EXPECT_EQ(models[0].at("limits").at("max_slice_thickness_mm"), 5);
  EXPECT_EQ(models[0].at("figures").at("auc"), 0.97);
  EXPECT_EQ(models[0].at("warning"), "PHANTOM MODEL, NOT FOR CLINICAL USE");
  EXPECT_EQ(models[0].at("routes"), json({"default"}));
  EXPECT_EQ(models[1].at("limits"), json::object());
  EXPECT_TRUE(models[1].at("routes").empty());
}

}  // namespace
}  // namespace necknode::admin
