#include "training/data_source.h"

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "core/error.h"

namespace necknode::training {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNames[] = {"annotations.json", "truth.json"};

bool IsFolder(const std::string& path) {
  std::error_code unknown;
  return !path.empty() && fs::is_directory(path, unknown);
}

std::vector<fs::path> FindAnnotations(const fs::path& folder) {
  for (const char* name : kNames) {
    if (fs::is_regular_file(folder / name)) {
      return {folder / name};
    }
  }
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const auto name = entry.path().filename();
    if (entry.is_regular_file() && (name == kNames[0] || name == kNames[1])) {
      found.push_back(entry.path());
    }
  }
  if (found.empty()) {
    throw Error(ErrorCode::kNotFound,
                folder.string() + " holds no annotations.json and no truth.json");
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// What stands before #PART, and the part. A folder may itself be called so.
std::pair<std::string, std::optional<DataPart>> SplitPart(const std::string& text) {
  const auto hash = text.rfind('#');
  if (hash != std::string::npos && !IsFolder(text)) {
    for (const auto part :
         {DataPart::kTrain, DataPart::kValidation, DataPart::kTest, DataPart::kAll}) {
      if (text.substr(hash + 1) == ToString(part)) {
        return {text.substr(0, hash), part};
      }
    }
  }
  return {text, std::nullopt};
}

/// DIR or DIR:FILE; an empty folder where it is neither.
DataSource ParseFolder(const std::string& text) {
  DataSource source;
  source.phantom = false;
  if (IsFolder(text)) {
    source.folder = text;
    source.annotations = FindAnnotations(text);
    return source;
  }
  const auto colon = text.rfind(':');
  if (colon != std::string::npos && IsFolder(text.substr(0, colon))) {
    source.folder = text.substr(0, colon);
    // An absolute path replaces the folder.
    const fs::path file = source.folder / text.substr(colon + 1);
    if (!fs::is_regular_file(file)) {
      throw Error(ErrorCode::kNotFound, "no file " + file.string());
    }
    source.annotations = {file};
  }
  return source;
}

}  // namespace

DataSource ParseData(const std::string& text,
                     const SeedRange& seeds_of_command,
                     DataPart part_of_command) {
  DataSource source;
  if (text == "phantom" || text.starts_with("phantom:")) {
    source.seeds = ParsePhantomData(text, seeds_of_command);
    return source;
  }
  const auto [where, part] = SplitPart(text);
  source = ParseFolder(where);
  source.part = part.value_or(part_of_command);
  if (source.folder.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                "data '" + text + "': there is no folder '" + where + "'; expected " + kDataHelp);
  }
  return source;
}

}  // namespace necknode::training
