#include "admin/study_search.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace necknode::admin {
namespace {

std::uint32_t LowerCase(std::uint32_t c) {
  if ((c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7) ||
      (c >= 0x391 && c <= 0x3A9) || (c >= 0x410 && c <= 0x42F)) {
    return c + 32;
  }
  if (c >= 0x400 && c <= 0x40F) {
    return c + 80;
  }
  const bool even_is_upper = (c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177);
  const bool odd_is_upper = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E);
  if ((even_is_upper && c % 2 == 0) || (odd_is_upper && c % 2 == 1)) {
    return c + 1;
  }
  return c;
}

}  // namespace

std::string Folded(const std::string& text) {
  std::string folded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead == '^' || lead == '=' || lead == ',') {
      folded += ' ';
    } else if (lead < 0x80) {
      folded += static_cast<char>(LowerCase(lead));
    } else if (lead >= 0xC3 && lead < 0xE0 && at + 1 < text.size()) {
      // Two bytes: everything with a case that is looked at.
      const auto next = static_cast<unsigned char>(text[++at]);
      const std::uint32_t lower = LowerCase((lead & 0x1FU) << 6U | (next & 0x3FU));
      folded += static_cast<char>(0xC0U | lower >> 6U);
      folded += static_cast<char>(0x80U | (lower & 0x3FU));
    } else {
      folded += text[at];
    }
  }
  return folded;
}

std::function<bool(const storage::StudyRow&)> StudyMatches(const std::string& search,
                                                           TextDecoder text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : Folded(search) + " ") {
    if (c != ' ') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, {}));
    }
  }
  return [words, text = std::move(text)](const storage::StudyRow& study) {
    const std::string& charset = study.specific_character_set;
    const std::string all =
        Folded(text(study.patient_name, charset) + "\n" + text(study.patient_id, charset) + "\n" +
               study.study_instance_uid.value() + "\n" +
               text(PatientText(study.study_description), charset));
    return std::all_of(words.begin(), words.end(), [&](const std::string& one) {
      return all.find(one) != std::string::npos;
    });
  };
}

}  // namespace necknode::admin
