#include "training/patient_set.h"

#include <fstream>

#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/temp_folder.h"

namespace necknode::training {
namespace {

TEST(RequireApart, FindsCommonSeedsAndPatientsWithoutNamingThem) {
  const PatientSet seeds{{{5, 9}}, {}}, later{{{10, 12}}, {}}, across{{{20, 30}, {9, 10}}, {}};
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
  WriteSeenPatients(weights, {{{}, {"A", "B"}}, {{{3, 4}, {8, 8}}, {}}});
  const auto seen = ReadSeenPatients(weights);
  EXPECT_EQ(seen.training.ids, (std::set<std::string>{"A", "B"}));
  ASSERT_EQ(seen.validation.seeds.size(), 2U);
  EXPECT_EQ(seen.validation.seeds[0].ToString(), "3-4");
  std::ofstream(folder.path() / "detector.patients.json")
      << R"({"training": {"phantom_seeds": "3-4"}, "validation": {"patients": ["C"]}})";
  EXPECT_EQ(ReadSeenPatients(weights).training.seeds.at(0).ToString(), "3-4") << "an older file";
  EXPECT_TRUE(ReadSeenPatients(weights).validation.ids.contains("C"));
  std::ofstream(folder.path() / "detector.patients.json") << R"({"training": 1})";
  EXPECT_THROW((void)ReadSeenPatients(weights), Error);
  EXPECT_THROW((void)ReadSeenPatients(folder.path() / "classifier.safetensors"), Error);
}

TEST(SeenPhantoms, StandInTheTrainingRecord) {
  using Json = nlohmann::ordered_json;
  const Json data = {{"kind", "phantom"}, {"seeds", "1-20"}, {"validation_seeds", "30-31"}};
  const auto seen = SeenPhantoms({{"data", data}});
  ASSERT_EQ(seen.training.seeds.size(), 1U);
  EXPECT_EQ(seen.training.seeds[0].ToString(), "1-20");
  EXPECT_EQ(seen.validation.seeds.at(0).ToString(), "30-31");
  const Json before = {{"kind", "phantom"}, {"seeds", "5-9"}, {"validation_seeds", "40-41"}};
  const auto both = SeenPhantoms(
      {{"data", data}, {"started_from", {{"sha256", "0"}, {"training", {{"data", before}}}}}});
  ASSERT_EQ(both.training.seeds.size(), 2U);
  EXPECT_EQ(both.training.seeds[0].ToString(), "5-9");
  for (const Json& other : {Json{{"data", {{"kind", "dicom"}}}, {"started_from", "random weights"}},
                            Json{{"imported_from", "resnet50.safetensors"}},
                            Json::object()}) {
    EXPECT_TRUE(SeenPhantoms(other).training.seeds.empty()) << other;
  }
  EXPECT_THROW((void)SeenPhantoms({{"data", {{"kind", "phantom"}, {"seeds", 3}}}}), Error);
  EXPECT_THROW((void)SeenPhantoms({{"data", {{"kind", "phantom"}, {"seeds", "9-3"}}}}), Error);
}

}  // namespace
}  // namespace necknode::training
