#include "training/ancestry.h"

#include <fstream>

#include <gtest/gtest.h>

#include "core/error.h"
#include "models/safetensors.h"
#include "tests/support/temp_folder.h"
#include "training/training_record.h"

namespace necknode::training {
namespace {

using Json = nlohmann::ordered_json;

const Json kPhantoms = {
    {"data", {{"kind", "phantom"}, {"seeds", "1-20"}, {"validation_seeds", "30-31"}}}};
const Json kHospital = {{"data", {{"kind", "dicom"}}}};

class AncestryTest : public testing::Test {
 protected:
  AncestryTest() { models::WriteSafetensors(weights_, {{"w", torch::zeros({1})}}); }
  tests::TempFolder folder_;
  std::filesystem::path weights_ = folder_.path() / "detector.safetensors";
};

TEST_F(AncestryTest, RandomWeightsHaveSeenNobody) {
  const Ancestor none = AncestorOf("", "detector");
  EXPECT_EQ(none.record, "random weights");
  EXPECT_TRUE(none.seen.training.seeds.empty());
}

TEST_F(AncestryTest, WeightsOfUnknownOriginAreNamedByTheirDigest) {
  const Ancestor unknown = AncestorOf(weights_, "detector");
  EXPECT_EQ(unknown.record["sha256"].get<std::string>().size(), 64U);
  EXPECT_FALSE(unknown.record.contains("training"));
}

TEST_F(AncestryTest, AnEarlierRunGivesItsRecordAndItsPatients) {
  WriteJson(folder_.path() / "detector.json", {{"training", kHospital}});
  WriteSeenPatients(weights_, {{{}, {"ANNA"}}, {{}, {"BERTA"}}});
  const Ancestor earlier = AncestorOf(weights_, "detector");
  EXPECT_EQ(earlier.record["training"], kHospital);
  EXPECT_TRUE(earlier.seen.training.ids.contains("ANNA"));
  EXPECT_TRUE(earlier.seen.validation.ids.contains("BERTA"));
}

TEST_F(AncestryTest, APackageGivesTheRecordOfTheNetwork) {
  WriteJson(folder_.path() / "package.json",
            {{"training", {{"detector", kPhantoms}, {"classifier", kHospital}}}});
  const Ancestor packaged = AncestorOf(weights_, "detector");
  EXPECT_EQ(packaged.record["training"], kPhantoms);
  EXPECT_EQ(packaged.seen.training.seeds.at(0).ToString(), "1-20");
}

TEST_F(AncestryTest, PhantomsAreKnownAgainAsDicom) {
  OpenedData data;
  data.source.phantom = true;
  data.source.seeds = {15, 40};
  EXPECT_THROW(RequireUnseen(kPhantoms, data, "it"), Error);
  data.source.seeds = {32, 40};
  EXPECT_NO_THROW(RequireUnseen(kPhantoms, data, "it"));
  EXPECT_NO_THROW(RequireUnseen(Json::object(), data, "it"));
}

TEST_F(AncestryTest, PatientsThatNobodyNamesAreAnError) {
  EXPECT_EQ(SeenBy(weights_, kPhantoms).training.seeds.size(), 1U);
  EXPECT_THROW((void)SeenBy(weights_, kHospital), Error);
}

}  // namespace
}  // namespace necknode::training
