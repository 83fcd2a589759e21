#include "training/data_problems.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace necknode::training {

nlohmann::ordered_json ToJson(const DataProblems& problems) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const DataProblem& problem : problems) {
    list.push_back({{"file", problem.file}, {"entry", problem.entry}, {"reason", problem.reason}});
  }
  return list;
}

std::string ToText(const DataProblems& problems, std::size_t at_most) {
  std::string text;
  const std::size_t shown = std::min(at_most, problems.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const DataProblem& problem = problems[i];
    text += "  " + problem.file + (problem.entry.empty() ? "" : ", " + problem.entry) + ": " +
            problem.reason + "\n";
  }
  if (shown < problems.size()) {
    text += "  and " + std::to_string(problems.size() - shown) + " more\n";
  }
  return text;
}

}  // namespace necknode::training
