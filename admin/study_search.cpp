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

// Letters of Latin-1 and Latin Extended-A and what they are without their marks, as many people
// type them.
struct Marked {
  std::uint32_t first, last;
  char plain;
};
constexpr Marked kMarked[] = {
    {0xE0, 0xE5, 'a'},   {0xE7, 0xE7, 'c'},   {0xE8, 0xEB, 'e'},   {0xEC, 0xEF, 'i'},
    {0xF1, 0xF1, 'n'},   {0xF2, 0xF6, 'o'},   {0xF8, 0xF8, 'o'},   {0xF9, 0xFC, 'u'},
    {0xFD, 0xFD, 'y'},   {0xFF, 0xFF, 'y'},   {0x100, 0x105, 'a'}, {0x106, 0x10D, 'c'},
    {0x10E, 0x111, 'd'}, {0x112, 0x11B, 'e'}, {0x11C, 0x123, 'g'}, {0x124, 0x127, 'h'},
    {0x128, 0x131, 'i'}, {0x134, 0x135, 'j'}, {0x136, 0x138, 'k'}, {0x139, 0x142, 'l'},
    {0x143, 0x14B, 'n'}, {0x14C, 0x151, 'o'}, {0x154, 0x159, 'r'}, {0x15A, 0x161, 's'},
    {0x162, 0x167, 't'}, {0x168, 0x173, 'u'}, {0x174, 0x175, 'w'}, {0x176, 0x178, 'y'},
    {0x179, 0x17E, 'z'}};
constexpr std::uint32_t kFirstCombining = 0x300, kLastCombining = 0x36F;

void AppendTwoBytes(std::uint32_t letter, std::string& folded) {
  if (letter >= kFirstCombining && letter <= kLastCombining) {
    return;
  }
  for (const Marked& marked : kMarked) {
    if (letter >= marked.first && letter <= marked.last) {
      folded += marked.plain;
      return;
    }
  }
  folded += static_cast<char>(0xC0U | letter >> 6U);
  folded += static_cast<char>(0x80U | (letter & 0x3FU));
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
      AppendTwoBytes(LowerCase((lead & 0x1FU) << 6U | (next & 0x3FU)), folded);
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
