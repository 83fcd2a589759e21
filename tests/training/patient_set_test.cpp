#include "training/patient_set.h"

#include <fstream>

#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/temp_folder.h"

namespace necknode::training {
namespace {

TEST(RequireApart, FindsCommonSeedsAndPatientsWithoutNamingThem) {
  const PatientSet seeds{SeedRange{5, 9}, {}}, later{SeedRange{10, 12}, {}},
      across{SeedRange{9, 10}, {}};
  EXPECT_NO_THROW(RequireApart(seeds, "training", later, "test"));
  EXPECT_THROW(RequireApart(seeds, "training", across, "test"), Error);
  const PatientSet one{{}, {"ANNA", "BERTA"}}, two{{}, {"BERTA"}}, three{{}, {"7"}};
  EXPECT_NO_THROW(RequireApart(one, "training", three, "test"));
  EXPECT_NO_THROW(RequireApart(seeds, "training", three, "test")) << "seed 7 is no patient 7";
  try {
    RequireApart(one, "training", two, "test");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()), "1 patients are in both training and test");
  }
}

TEST(SeenPatients, ComeBackFromBesideTheWeights) {
  const tests::TempFolder folder;
  const auto weights = folder.path() / "detector.safetensors";
  WriteSeenPatients(weights, {{{}, {"A", "B"}}, {SeedRange{3, 4}, {}}});
  const auto seen = ReadSeenPatients(weights);
  EXPECT_EQ(seen.training.ids, (std::set<std::string>{"A", "B"}));
  ASSERT_TRUE(seen.validation.seeds.has_value());
  EXPECT_EQ(seen.validation.seeds->ToString(), "3-4");
  std::ofstream(folder.path() / "detector.patients.json") << R"({"training": 1})";
  EXPECT_THROW((void)ReadSeenPatients(weights), Error);
  EXPECT_THROW((void)ReadSeenPatients(folder.path() / "classifier.safetensors"), Error);
}

TEST(SeenPhantoms, StandInTheTrainingRecord) {
  using Json = nlohmann::ordered_json;
  const Json data = {{"kind", "phantom"}, {"seeds", "1-20"}, {"validation_seeds", "30-31"}};
  const auto seen = SeenPhantoms({{"data", data}});
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ(seen->training.seeds->ToString(), "1-20");
  EXPECT_EQ(seen->validation.seeds->ToString(), "30-31");
  EXPECT_FALSE(SeenPhantoms({{"data", {{"kind", "dicom"}}}}).has_value());
  EXPECT_FALSE(SeenPhantoms({{"imported_from", "resnet50.safetensors"}}).has_value());
  EXPECT_FALSE(SeenPhantoms(Json::object()).has_value());
  EXPECT_THROW((void)SeenPhantoms({{"data", {{"kind", "phantom"}, {"seeds", 3}}}}), Error);
  EXPECT_THROW((void)SeenPhantoms({{"data", {{"kind", "phantom"}, {"seeds", "9-3"}}}}), Error);
}

}  // namespace
}  // namespace necknode::training
