#include "training/evaluation_report.h"

#include <fstream>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "phantom/random.h"
#include "tests/support/temp_folder.h"
#include "tests/training/some_answers.h"
#include "training/training_record.h"

namespace necknode::training {
namespace {

models::Package SomePackage() {
  models::Package package;
  package.name = "trial";
  package.version = "3";
  package.detection_score = 0.5;
  package.temperature = 2;
  package.malignant_probability = 0.4;
  package.figures_json =
      R"({"thresholds_chosen_on": {"kind": "phantom", "seeds": "1-9", "slices": 40}})";
  return package;
}

/// Forty whole studies with what a fair detector and classifier would say.
Answers Many() {
  Answers answers;
  answers.data = "phantom:seeds 1-40";
  answers.whole_studies = true;
  phantom::Random random(3, 1);
  for (int study = 0; study < 40; ++study) {
    answers.patient_names.push_back(std::to_string(study + 1));
    answers.patient_of_study.push_back(study);
    const int nodes = random.Int(1, 4);
    for (int slice = 0; slice < 20; ++slice) {
      const int image = answers.images++;
      answers.places.push_back({study, slice});
      for (int node = 0; node < nodes; ++node) {
        if (slice < 4 * node || slice >= 4 * node + 3) {
          continue;
        }
        if (slice == 4 * node) {
          answers.nodes.push_back({study, study, node + 1, random.Chance(0.6)});
        }
        const bool malignant = answers.nodes.back().malignant;
        const Box box{10.0 + 30 * node, 10, 22.0 + 30 * node, 20};
        answers.truths.push_back({image, box, study});
        answers.malignant.push_back(malignant);
        answers.node.push_back(static_cast<int>(answers.nodes.size()) - 1);
        if (random.Chance(0.85)) {
          answers.scored.push_back({image, box, random.Uniform(0.3, 1), study});
          answers.logits.push_back(random.Normal(malignant ? 2 : -2, 2));
        }
      }
      if (random.Chance(0.3)) {
        const double x = random.Uniform(200, 300);
        answers.scored.push_back({image, {x, 100, x + 12, 112}, random.Uniform(0.02, 0.8), study});
        answers.logits.push_back(0);
      }
    }
  }
  answers.patients = answers.studies = 40;
  answers.images_with_nodes = answers.images / 2;
  return answers;
}

TEST(MakeReport, HasFiguresPerStudyOnlyOfWholeStudies) {
  const auto drawn = MakeReport(SomePackage(), SomeAnswers(), nullptr, nullptr);
  EXPECT_EQ(drawn.per_slice.size(), 7U);
  EXPECT_TRUE(drawn.per_study.empty());
  const auto whole = MakeReport(SomePackage(), Many(), nullptr, nullptr);
  ASSERT_EQ(whole.per_study.size(), 7U);
  EXPECT_LE(whole.per_study[0].sensitivity.value, whole.per_study[6].sensitivity.value);
  EXPECT_LT(whole.per_study[3].sensitivity.low, whole.per_study[3].sensitivity.value);
}

TEST(MakeReport, SaysWhereThresholdsWereChosen) {
  const auto own = MakeReport(SomePackage(), SomeAnswers(), nullptr, nullptr);
  EXPECT_EQ(own.thresholds_chosen_on, "phantom seeds 1-9, 40 slices");
  EXPECT_THAT(ToMarkdown(own), testing::HasSubstr("flatters"));
  const auto other = Many();
  const auto apart = MakeReport(SomePackage(), SomeAnswers(), &other, nullptr);
  EXPECT_EQ(ToJson(apart)["operating_point"]["alternatives_chosen_on"], "phantom:seeds 1-40");
  EXPECT_THAT(ToMarkdown(apart), testing::HasSubstr("chosen on phantom:seeds 1-40"));
  EXPECT_NE(*apart.detection_choices[0].choice.threshold,
            *own.detection_choices[0].choice.threshold);
}

TEST(WriteReport, WritesJsonMarkdownAndPictures) {
  const tests::TempFolder folder;
  ReaderFile readers;
  for (int node = 1; node <= 2; ++node) {
    readers.calls.push_back({"1", node, "R1", node == 1, std::nullopt, node + 1});
  }
  readers.bad.push_back({9, "call is neither benign nor metastatic"});
  const auto report = MakeReport(SomePackage(), Many(), nullptr, &readers);
  WriteReport(report, folder.path() / "new" / "folder");
  const auto out = folder.path() / "new" / "folder";
  const auto json = ReadJson(out / "report.json");
  EXPECT_EQ(json["package"], "trial 3");
  EXPECT_EQ(json["froc"]["per_study"].size(), 7U);
  EXPECT_EQ(json["calibration"]["bins"].size(), 10U);
  EXPECT_EQ(json["readers"]["rows_not_used"].back()["line"], 9);
  EXPECT_EQ(json["classification"]["temperature"], 2);
  std::ifstream file(out / "report.md");
  std::ostringstream text;
  text << file.rdbuf();
  for (const char* part : {"AP50",
                           "## FROC",
                           "## Operating point",
                           "## Calibration",
                           "## Readers",
                           "line 9",
                           "Wilson",
                           "DeLong",
                           "bootstrap"}) {
    EXPECT_THAT(text.str(), testing::HasSubstr(part));
  }
  EXPECT_THAT(ToText(report), testing::HasSubstr("nodes, per study"));
  for (const char* picture : {"roc.png", "froc.png", "reliability.png"}) {
    EXPECT_GT(std::filesystem::file_size(out / picture), 5000U) << picture;
  }
  // No patient of the data is named.
  EXPECT_EQ(json.dump().find("patient_names"), std::string::npos);
}

TEST(WriteReport, NamesAFolderThatCannotBe) {
  const tests::TempFolder folder;
  std::ofstream(folder.path() / "file") << "x";
  const auto report = MakeReport(SomePackage(), SomeAnswers(), nullptr, nullptr);
  EXPECT_THROW(WriteReport(report, folder.path() / "file" / "out"), Error);
}

}  // namespace
}  // namespace necknode::training
