#include "training/readers.h"

#include <cmath>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/temp_folder.h"
#include "tests/training/some_answers.h"

namespace necknode::training {
namespace {

ReaderFile Read(const std::string& text) {
  const tests::TempFolder folder;
  std::ofstream(folder.path() / "readers.csv") << text;
  return ReadReaders(folder.path() / "readers.csv");
}

std::string Refused(const std::string& text) {
  try {
    (void)Read(text);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

/// Twelve nodes of one patient, found with certainty, the first six malignant, `wrong` of which the
/// model calls benign; the last two are not found.
Answers Twelve(int wrong) {
  Answers answers;
  answers.data = "phantom:seeds 7-7";
  answers.patients = answers.studies = 1;
  answers.patient_names = {"7"};
  answers.patient_of_study = {0};
  for (int i = 0; i < 12; ++i) {
    answers.places.push_back({0, i});
    answers.truths.push_back({i, {0, 0, 10, 10}, 0});
    answers.malignant.push_back(i < 6);
    answers.node.push_back(i);
    answers.nodes.push_back({0, 0, i + 1, i < 6});
    if (i < 10) {
      answers.scored.push_back({i, {0, 0, 10, 10}, 0.9, 0});
      answers.logits.push_back(i < 6 && i >= wrong ? 2 : -2);
    }
  }
  answers.images = 12;
  return answers;
}

TEST(ReadReaders, TakesRowsWithAndWithoutScore) {
  const auto file = Read(
      "\xEF\xBB\xBFpatient,node,reader,call,score\r\n 7 "
      ",1,R1,metastatic,0.9\r\n\r\n7,2,R1,benign,\n");
  ASSERT_EQ(file.calls.size(), 2U);
  EXPECT_TRUE(file.bad.empty());
  EXPECT_EQ(file.calls[0].patient, "7");
  EXPECT_TRUE(file.calls[0].malignant);
  EXPECT_DOUBLE_EQ(*file.calls[0].score, 0.9);
  EXPECT_FALSE(file.calls[1].score.has_value());
  EXPECT_EQ(file.calls[1].line, 4);
}

TEST(ReadReaders, NamesBadRowsByLineAndReasonWithoutTheirFields) {
  const auto file = Read(
      "patient,node,reader,call\nDoe,1,R1,metastatic\nDoe,0,R1,benign\nDoe,2,R1,Doe\n"
      "Doe,R1,benign\n,3,R1,benign\nDoe,4x,R1,benign\n");
  EXPECT_EQ(file.calls.size(), 1U);
  ASSERT_EQ(file.bad.size(), 5U);
  EXPECT_EQ(file.bad[0].line, 3);
  EXPECT_EQ(file.bad[1].line, 4);
  EXPECT_EQ(file.bad[1].reason, "call is neither benign nor metastatic");
  EXPECT_EQ(file.bad[2].reason, "3 fields, the first line has 4");
  EXPECT_EQ(file.bad[3].reason, "no patient or no reader");
  EXPECT_EQ(file.bad[4].line, 7);
  for (const auto& bad : file.bad) {
    EXPECT_EQ(bad.reason.find("Doe"), std::string::npos);
  }
}

TEST(ReadReaders, TakesQuotedFieldsAndRefusesNamesThatNoReportCanHold) {
  const auto file = Read(
      "patient,node,reader,call\n\"P-7\", 1 ,\"Lee, \"\"Ann\"\"\",benign\n7,1,M\xFCller,benign\n"
      "7,1,a\tb,benign\n7,1,M\xC3\xBCller,benign\n");
  ASSERT_EQ(file.calls.size(), 2U);
  EXPECT_EQ(file.calls[0].patient, "P-7");
  EXPECT_EQ(file.calls[0].reader, "Lee, \"Ann\"");
  ASSERT_EQ(file.bad.size(), 2U);
  EXPECT_EQ(file.bad[0].reason, "the reader's name is not UTF-8, or has a control character");
  EXPECT_EQ(file.bad[1].line, 4);
}

TEST(ReadReaders, RefusesAnotherTable) {
  EXPECT_THAT(Refused("case,reader,verdict\n"),
              testing::EndsWith("the first line is not patient,node,reader,call[,score]"));
  EXPECT_THAT(Refused(""), testing::EndsWith("is empty"));
  EXPECT_THROW((void)ReadReaders("/no/such/file.csv"), Error);
}

TEST(CompareWithReaders, PairsReaderAndModelOnTheSameNodes) {
  std::string text = "patient,node,reader,call,score\n";
  for (int node = 1; node <= 12; ++node) {
    // R2 is always right; R1 calls everything benign.
    text += "7," + std::to_string(node) + ",R1,benign,0.1\n";
    text +=
        "7," + std::to_string(node) + ",R2," + (node <= 6 ? "metastatic,0.8\n" : "benign,0.2\n");
  }
  const auto comparison = CompareWithReaders(Read(text), Twelve(2), {0.5, 1, 0.5});
  ASSERT_EQ(comparison.readers.size(), 2U);
  const auto& benign = comparison.readers[0];
  EXPECT_EQ(benign.reader, "R1");
  EXPECT_DOUBLE_EQ(benign.figures.accuracy.value, 0.5);
  EXPECT_DOUBLE_EQ(benign.figures.sensitivity.value, 0);
  EXPECT_DOUBLE_EQ(benign.figures.auc.value, 0.5) << "all scores equal";
  EXPECT_EQ(benign.not_found, 2);
  // The model is right in four where R1 is wrong, never the other way: 2 / 2^4.
  EXPECT_EQ(benign.test.only_first, 0);
  EXPECT_EQ(benign.test.only_second, 4);
  EXPECT_DOUBLE_EQ(benign.test.p, 0.125);
  const auto& right = comparison.readers[1];
  EXPECT_DOUBLE_EQ(right.figures.auc.value, 1);
  EXPECT_DOUBLE_EQ(right.figures.accuracy.low, models::WilsonInterval(12, 12).low);
  EXPECT_DOUBLE_EQ(right.model.accuracy.value, 0.8);
  EXPECT_EQ(right.test.only_first, 2);
  EXPECT_DOUBLE_EQ(right.test.p, 0.5);
  EXPECT_EQ(right.missed_as_benign.only_first, 2) << "the missed nodes are benign indeed";
  EXPECT_DOUBLE_EQ(comparison.mean_accuracy, 0.75);
  EXPECT_DOUBLE_EQ(comparison.mean_specificity, 1);
}

TEST(CompareWithReaders, ListsRowsThatTheDataLack) {
  const auto file = Read(
      "patient,node,reader,call\n7,1,R1,benign\n7,1,R1,benign\n7,99,R1,benign\n8,1,R1,benign\n"
      "7,2,R1,maybe\n");
  const auto comparison = CompareWithReaders(file, Twelve(0), {0.5, 1, 0.5});
  ASSERT_EQ(comparison.bad.size(), 4U);
  EXPECT_EQ(comparison.bad[0].line, 3);
  EXPECT_EQ(comparison.bad[0].reason, "this reader has called this node before");
  EXPECT_EQ(comparison.bad[1].reason, "no slice that was measured has such a node of this patient");
  EXPECT_EQ(comparison.bad[3].line, 6);
  EXPECT_FALSE(comparison.readers[0].has_scores);
  EXPECT_DOUBLE_EQ(comparison.mean_sensitivity, 0);
  EXPECT_TRUE(std::isnan(comparison.mean_specificity)) << "no benign node was called";
}

TEST(CompareWithReaders, NodesOfTwoStudiesOfOnePatientAreNotMixedUp) {
  auto answers = SomeAnswers();
  answers.patients = 1;
  answers.patient_names = {"1"};
  answers.patient_of_study = {0, 0};
  answers.nodes = {{0, 0, 1, true}, {0, 1, 1, false}};
  const auto comparison =
      CompareWithReaders(Read("patient,node,reader,call\n1,1,R1,benign\n"), answers, {0.5, 1, 0.5});
  EXPECT_TRUE(comparison.readers.empty());
  EXPECT_THAT(comparison.bad.at(0).reason, testing::HasSubstr("several studies"));
}

}  // namespace
}  // namespace necknode::training
