#include "config/text_diff.h"

#include <algorithm>
#include <cstdint>
#include <sstream>
#include <vector>

namespace necknode::config {
namespace {

constexpr std::size_t kContext = 3;
// Longer texts than an administrator can want; the table of common lengths grows with the square.
constexpr std::size_t kMostLines = 4000;

using Lines = std::vector<std::string>;

struct Change {
  char kind = ' ';  // ' ', '-', '+'
  const std::string* line = nullptr;
};

Lines LinesOf(const std::string& text) {
  std::istringstream stream(text);
  Lines lines;
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(line);
  }
  return lines;
}

/// Along a longest common subsequence of lines; texts that are too long are replaced whole but for
/// what they begin and end with.
std::vector<Change> ChangesOf(const Lines& before, const Lines& after) {
  std::size_t start = 0;
  const std::size_t shorter = std::min(before.size(), after.size());
  while (start < shorter && before[start] == after[start]) {
    ++start;
  }
  std::size_t end = 0;
  while (end < shorter - start &&
         before[before.size() - 1 - end] == after[after.size() - 1 - end]) {
    ++end;
  }
  const std::size_t rows = before.size() - start - end, columns = after.size() - start - end;
  const bool compare = rows <= kMostLines && columns <= kMostLines;
  // common[i][j]: the longest common subsequence of what follows row i and column j.
  std::vector<std::vector<std::uint16_t>> common(compare ? rows + 1 : 0,
                                                 std::vector<std::uint16_t>(columns + 1, 0));
  for (std::size_t i = compare ? rows : 0; i-- > 0;) {
    for (std::size_t j = columns; j-- > 0;) {
      common[i][j] = before[start + i] == after[start + j]
                         ? static_cast<std::uint16_t>(common[i + 1][j + 1] + 1)
                         : std::max(common[i + 1][j], common[i][j + 1]);
    }
  }
  std::vector<Change> changes;
  for (std::size_t i = 0; i < start; ++i) {
    changes.push_back({' ', &before[i]});
  }
  for (std::size_t i = 0, j = 0; i < rows || j < columns;) {
    if (compare && i < rows && j < columns && before[start + i] == after[start + j]) {
      changes.push_back({' ', &before[start + i]});
      ++i, ++j;
    } else if (i < rows && (j == columns || !compare || common[i + 1][j] >= common[i][j + 1])) {
      changes.push_back({'-', &before[start + i++]});
    } else {
      changes.push_back({'+', &after[start + j++]});
    }
  }
  for (std::size_t i = before.size() - end; i < before.size(); ++i) {
    changes.push_back({' ', &before[i]});
  }
  return changes;
}

std::string Range(std::size_t first, std::size_t count) {
  return std::to_string(count == 0 ? first : first + 1) + "," + std::to_string(count);
}

}  // namespace

std::string UnifiedDiff(const std::string& before,
                        const std::string& after,
                        const std::string& before_name,
                        const std::string& after_name) {
  const Lines old_lines = LinesOf(before), new_lines = LinesOf(after);
  const std::vector<Change> changes = ChangesOf(old_lines, new_lines);
  const auto differs = [](const Change& change) { return change.kind != ' '; };
  std::string text;
  std::size_t old_line = 0, new_line = 0, at = 0;
  while (true) {
    const auto next =
        std::find_if(changes.begin() + static_cast<std::ptrdiff_t>(at), changes.end(), differs);
    if (next == changes.end()) {
      return text;
    }
    const auto first_change = static_cast<std::size_t>(next - changes.begin());
    const std::size_t first = first_change - std::min(first_change - at, kContext);
    old_line += first - at;
    new_line += first - at;
    // The hunk ends where more than twice the context is the same.
    std::size_t last_change = first_change;
    for (std::size_t i = first_change; i < changes.size() && i <= last_change + 2 * kContext; ++i) {
      last_change = differs(changes[i]) ? i : last_change;
    }
    const std::size_t end = std::min(changes.size(), last_change + 1 + kContext);
    std::string hunk;
    std::size_t old_count = 0, new_count = 0;
    for (std::size_t i = first; i < end; ++i) {
      hunk += changes[i].kind + *changes[i].line + "\n";
      old_count += changes[i].kind != '+' ? 1U : 0U;
      new_count += changes[i].kind != '-' ? 1U : 0U;
    }
    if (text.empty()) {
      text = "--- " + before_name + "\n+++ " + after_name + "\n";
    }
    text +=
        "@@ -" + Range(old_line, old_count) + " +" + Range(new_line, new_count) + " @@\n" + hunk;
    old_line += old_count;
    new_line += new_count;
    at = end;
  }
}

}  // namespace necknode::config
