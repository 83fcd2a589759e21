#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace necknode::training {

/// One entry of a data set that is not used, and why. Holds no patient data.
struct DataProblem {
  std::string file;    ///< relative to the data's folder: a DICOM file, a series' folder or JSON
  std::string entry;   ///< "annotation 17", "image 3", "series of 80 files", or empty
  std::string reason;  ///< what is wrong, with value and limit
};
using DataProblems = std::vector<DataProblem>;

inline constexpr const char* kProblemsFile = "data_problems.json";

[[nodiscard]] nlohmann::ordered_json ToJson(const DataProblems& problems);
/// One line each, the first `at_most`, and how many more there are.
[[nodiscard]] std::string ToText(const DataProblems& problems, std::size_t at_most);

}  // namespace necknode::training
