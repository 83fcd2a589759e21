#include "scp/prior_selection.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "scp/bytes.h"
#include "storage/study_rows.h"

namespace necknode::scp {
namespace {

std::string Upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
    return static_cast<char>(std::toupper(c));
  });
  return text;
}

bool HasWord(const std::string& text, const std::vector<std::string>& words) {
  const std::string upper = Upper(text);
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return upper.find(Upper(word)) != std::string::npos;
  });
}

bool IsDate(const std::string& text) {
  return text.size() == 8 && text.find_first_not_of("0123456789") == std::string::npos;
}

// The same day so many years before. A February 29 that there is not compares as it should.
std::string YearsBefore(const std::string& date, int years) {
  const int year = std::max(std::stoi(date.substr(0, 4)) - years, 0);
  std::string text = std::to_string(year);
  text.insert(0, 4 - text.size(), '0');
  return text + date.substr(4);
}

}  // namespace

std::string PatientQueryProblem(const PatientText& patient_id) {
  const std::string_view id = Trimmed(patient_id.Reveal());
  if (id.empty()) {
    return "the study has no Patient ID";
  }
  const bool plain = std::all_of(id.begin(), id.end(), [](char c) {
    return c >= 0x20 && c < 0x7F && c != '*' && c != '?' && c != '\\';
  });
  return plain ? "" : "the Patient ID holds characters that a query would not take literally";
}

std::vector<ArchivedStudy> EarlierStudies(const std::vector<ArchivedStudy>& answers,
                                          const InstanceHeader& current,
                                          const std::string& today,
                                          const PriorRules& rules) {
  const bool dated = IsDate(current.study_date);
  const std::string& date = dated ? current.study_date : today;
  const std::string oldest = YearsBefore(date, rules.max_age_years);
  const auto is_earlier = [&](const ArchivedStudy& study) {
    if (study.date != date) {
      return study.date < date;
    }
    return dated && !study.time.empty() && study.time < current.study_time;
  };
  std::vector<ArchivedStudy> earlier;
  for (const ArchivedStudy& study : answers) {
    const bool known = std::any_of(earlier.begin(), earlier.end(), [&](const ArchivedStudy& other) {
      return other.study_instance_uid == study.study_instance_uid;
    });
    const bool holds_modality =
        study.modalities.empty() ||
        std::find(study.modalities.begin(), study.modalities.end(), rules.modality) !=
            study.modalities.end();
    if (!known && holds_modality && study.study_instance_uid != current.study_instance_uid &&
        storage::SamePatient(study.patient_id,
                             study.issuer_of_patient_id,
                             current.patient_id,
                             current.issuer_of_patient_id) &&
        IsDate(study.date) && study.date >= oldest && is_earlier(study)) {
      earlier.push_back(study);
    }
  }
  std::stable_sort(earlier.begin(), earlier.end(), [](const auto& one, const auto& other) {
    return std::pair(one.date, one.time) > std::pair(other.date, other.time);
  });
  return earlier;
}

std::vector<ArchivedSeries> SuitableSeries(const ArchivedStudy& study,
                                           const std::vector<ArchivedSeries>& series,
                                           const PriorRules& rules) {
  const bool any = rules.words.empty() || HasWord(study.description, rules.words);
  std::vector<ArchivedSeries> suitable;
  std::copy_if(
      series.begin(), series.end(), std::back_inserter(suitable), [&](const ArchivedSeries& one) {
        return one.modality == rules.modality && (any || HasWord(one.description, rules.words) ||
                                                  HasWord(one.body_part, rules.words));
      });
  return suitable;
}

}  // namespace necknode::scp
