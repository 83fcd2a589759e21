#include "models/training_curve.h"

#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/temp_folder.h"

namespace necknode::models {
namespace {

TrainingReport Row(std::int64_t step) {
  TrainingReport report;
  report.step = step;
  report.learning_rate = 0.5;
  report.loss = 3;
  report.losses = {{"box", 1}, {"class", 2}};
  return report;
}

TEST(TrainingCurve, ComesBackAsItWasWritten) {
  const tests::TempFolder folder;
  const auto path = folder.path() / "curve.csv";
  TrainingCurve curve(path, 0);
  curve.Add(Row(20));
  auto validated = Row(40);
  validated.validation = {{"ap50", 0.25}, {"recall", 0.5}};
  curve.Add(validated);
  const auto rows = ReadCurve(path);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_TRUE(rows[0].validation.empty());
  EXPECT_EQ(rows[1].step, 40);
  EXPECT_EQ(rows[1].losses, validated.losses);
  EXPECT_EQ(rows[1].validation, validated.validation);
}

TEST(TrainingCurve, HoldsNoStepTwiceAfterAResume) {
  const tests::TempFolder folder;
  const auto path = folder.path() / "curve.csv";
  {
    TrainingCurve curve(path, 0);
    for (int step = 20; step <= 100; step += 20) {
      curve.Add(Row(step));
    }
  }
  TrainingCurve resumed(path, 40);
  resumed.Add(Row(60));
  const auto rows = ReadCurve(path);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[1].step, 40);
  EXPECT_EQ(rows[2].step, 60);
  TrainingCurve anew(path, 0);
  anew.Add(Row(20));
  EXPECT_EQ(ReadCurve(path).size(), 1U);
}

TEST(ReadCurve, NamesABadLine) {
  const tests::TempFolder folder;
  const auto path = folder.path() / "curve.csv";
  std::ofstream(path) << "step,learning_rate,loss,validation\n20,0.1,0.5,\n40,0.1,much,\n";
  try {
    (void)ReadCurve(path);
    FAIL() << "read";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kParse);
    EXPECT_THAT(error.what(), testing::EndsWith("line 3: 'much' is not a number"));
  }
  EXPECT_THROW((void)ReadCurve(folder.path() / "absent.csv"), Error);
}

}  // namespace
}  // namespace necknode::models
