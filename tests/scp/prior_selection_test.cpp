#include "scp/prior_selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace necknode::scp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kToday = "20261124";

InstanceHeader CurrentStudy() {
  InstanceHeader header;
  header.study_instance_uid = Uid("1.2.9");
  header.patient_id = PatientText("P1 ");
  header.study_date = "20260301";
  header.study_time = "120000";
  return header;
}

ArchivedStudy StudyOf(const std::string& uid, const std::string& date, const std::string& time) {
  return {Uid(uid), PatientText("P1"), PatientText(), date, time, "CT Hals", {"CT", "SR"}};
}

std::vector<std::string> Earlier(const std::vector<ArchivedStudy>& answers,
                                 const InstanceHeader& current = CurrentStudy()) {
  std::vector<std::string> uids;
  for (const auto& study : EarlierStudies(answers, current, kToday, {})) {
    uids.push_back(study.study_instance_uid.value());
  }
  return uids;
}

TEST(PatientQueryProblem, FindsWhatWouldWidenAQuery) {
  for (const char* id : {"", "   ", "*", "P?", "P1\\P2", "12*", "P\xC4", "P\n"}) {
    EXPECT_NE(PatientQueryProblem(PatientText(id)), "") << id;
  }
  EXPECT_EQ(PatientQueryProblem(PatientText(" 4711-A/b ")), "");
}

TEST(EarlierStudies, ComeNewestFirstWithoutTheStudyItselfAndLaterOnes) {
  EXPECT_THAT(Earlier({StudyOf("1.2.1", "20240101", "080000"),
                       StudyOf("1.2.9", "20260301", "120000"),
                       StudyOf("1.2.3", "20260302", "080000"),
                       StudyOf("1.2.2", "20250101", "080000"),
                       StudyOf("1.2.2", "20250101", "080000")}),
              ElementsAre("1.2.2", "1.2.1"));
}

TEST(EarlierStudies, OfTheSameDayAreToldByTime) {
  EXPECT_THAT(Earlier({StudyOf("1.2.1", "20260301", "115959"),
                       StudyOf("1.2.2", "20260301", "120000.5"),
                       StudyOf("1.2.3", "20260301", "")}),
              ElementsAre("1.2.1"));
}

TEST(EarlierStudies, AreNotTooOldAndHaveADate) {
  EXPECT_THAT(Earlier({StudyOf("1.2.1", "20210301", ""),
                       StudyOf("1.2.2", "20210228", ""),
                       StudyOf("1.2.3", "", ""),
                       StudyOf("1.2.4", "2025.01.", "")}),
              ElementsAre("1.2.1"));
  InstanceHeader undated = CurrentStudy();
  undated.study_date.clear();
  EXPECT_THAT(Earlier({StudyOf("1.2.1", "20211123", ""),
                       StudyOf("1.2.2", "20211124", ""),
                       StudyOf("1.2.3", kToday, "080000")},
                      undated),
              ElementsAre("1.2.2"));
}

TEST(EarlierStudies, AreOfTheSamePatientWhateverTheArchiveAnswers) {
  ArchivedStudy other = StudyOf("1.2.1", "20250101", "");
  other.patient_id = PatientText("P12");
  ArchivedStudy nobody = StudyOf("1.2.2", "20250101", "");
  nobody.patient_id = PatientText();
  ArchivedStudy elsewhere = StudyOf("1.2.3", "20250101", "");
  elsewhere.issuer_of_patient_id = PatientText("OTHER HOSPITAL");
  EXPECT_THAT(Earlier({other, nobody}), IsEmpty());
  EXPECT_THAT(Earlier({elsewhere}), ElementsAre("1.2.3"));
  InstanceHeader issued = CurrentStudy();
  issued.issuer_of_patient_id = PatientText("OURS");
  EXPECT_THAT(Earlier({elsewhere}, issued), IsEmpty());
}

TEST(EarlierStudies, HoldTheModalityUnlessTheArchiveDoesNotSay) {
  ArchivedStudy magnetic = StudyOf("1.2.1", "20250101", "");
  magnetic.modalities = {"MR"};
  ArchivedStudy unsaid = StudyOf("1.2.2", "20250101", "");
  unsaid.modalities.clear();
  EXPECT_THAT(Earlier({magnetic, unsaid}), ElementsAre("1.2.2"));
}

TEST(SuitableSeries, HaveTheModalityAndAWordOfStudyOrSeries) {
  const std::vector<ArchivedSeries> series = {{Uid("1"), "CT", "Thorax", "CHEST", 10},
                                              {Uid("2"), "CT", "soft tissue neck 2.0", "", 10},
                                              {Uid("3"), "CT", "", "NECK", {}},
                                              {Uid("4"), "SR", "neck", "NECK", 1}};
  PriorRules rules;
  rules.words = {"Neck", "HALS"};
  const auto uids = [&](const std::string& description) {
    ArchivedStudy study = StudyOf("1.2.1", "20250101", "");
    study.description = description;
    std::vector<std::string> found;
    for (const auto& one : SuitableSeries(study, series, rules)) {
      found.push_back(one.series_instance_uid.value());
    }
    return found;
  };
  EXPECT_THAT(uids("CT Staging"), ElementsAre("2", "3"));
  EXPECT_THAT(uids("CT Hals mit KM"), ElementsAre("1", "2", "3"));
  rules.words.clear();
  EXPECT_THAT(uids("CT Staging"), ElementsAre("1", "2", "3"));
}

}  // namespace
}  // namespace necknode::scp
