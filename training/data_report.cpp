#include <array>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "training/folder_data.h"

namespace necknode::training {
namespace {

constexpr std::size_t kProblemsInError = 5;

std::string Line(const char* name, const DataCounts& counts) {
  std::array<char, 240> text{};
  std::snprintf(text.data(),
                text.size(),
                "  %-10s %4zu patients, %4zu series, %6zu slices (%zu with nodes), %6zu boxes (%zu "
                "benign, %zu metastatic) of %zu nodes\n",
                name,
                counts.patients,
                counts.series,
                counts.slices,
                counts.slices_with_nodes,
                counts.benign + counts.metastatic,
                counts.benign,
                counts.metastatic,
                counts.nodes);
  return text.data();
}

std::string ProblemsText(const FolderData& data, std::size_t shown) {
  const auto& problems = data.problems();
  return std::to_string(problems.size()) +
         (problems.size() == 1 ? " entry cannot be used:\n" : " entries cannot be used:\n") +
         ToText(problems, shown);
}

}  // namespace

nlohmann::ordered_json ToJson(const DataCounts& counts) {
  return {{"patients", counts.patients},
          {"series", counts.series},
          {"slices", counts.slices},
          {"slices_with_nodes", counts.slices_with_nodes},
          {"benign_boxes", counts.benign},
          {"metastatic_boxes", counts.metastatic},
          {"nodes", counts.nodes}};
}

std::string ReportOf(const FolderData& data, std::size_t problems_shown) {
  std::string text;
  for (const auto part :
       {DataPart::kAll, DataPart::kTrain, DataPart::kValidation, DataPart::kTest}) {
    text += Line(ToString(part), data.Count(part));
  }
  if (data.problems().empty()) {
    return text + "every entry can be used\n";
  }
  return text + ProblemsText(data, problems_shown);
}

nlohmann::ordered_json ReportAsJson(const FolderData& data) {
  auto json = data.Record();
  json["problems"] = ToJson(data.problems());
  return json;
}

void RequireUsable(const FolderData& data, bool strict) {
  const DataCounts all = data.Count(DataPart::kAll);
  const bool empty = all.benign + all.metastatic == 0;
  if (empty || (strict && !data.problems().empty())) {
    throw Error(
        ErrorCode::kInvalidArgument,
        (empty ? std::string("the data have no usable annotation; ") : std::string("strict: ")) +
            ProblemsText(data, kProblemsInError));
  }
}

}  // namespace necknode::training
