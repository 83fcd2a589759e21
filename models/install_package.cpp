#include "models/install_package.h"

#include <string>
#include <system_error>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "models/inference.h"
#include "models/staged_folder.h"

namespace necknode::models {
namespace {

namespace fs = std::filesystem;

// By the training record of either network, whatever the warning says.
bool TrainedOnPhantoms(const Package& package) {
  const auto record = nlohmann::json::parse(package.training_json);
  for (const char* network : {"detector", "classifier"}) {
    const auto data =
        record.value(network, nlohmann::json::object()).value("data", nlohmann::json::object());
    if (data.value("kind", "") == "phantom" || data.value("phantoms", 0) > 0)
      return true;
  }
  return false;
}

void CheckClearance(const Package& package, bool clinical) {
  if (clinical && (package.warning == kPhantomWarning || TrainedOnPhantoms(package))) {
    throw Error(ErrorCode::kConflict,
                "a package that was trained on phantoms cannot become clinical");
  }
  if (!clinical && package.clinical) {
    throw Error(ErrorCode::kConflict,
                "its manifest says clinical = true, which only installing it as clinical can make "
                "so");
  }
}

}  // namespace

Package InstallPackage(const fs::path& source, const fs::path& root, bool clinical) {
  const Package offered = LoadPackage(source);
  CheckClearance(offered, clinical);
  const fs::path place = root / offered.name / offered.version;
  StagedFolder staging(place);
  std::error_code error;
  for (const char* name : {kManifestFile, kDetectorFile, kClassifierFile}) {
    if (!fs::copy_file(source / name, staging.folder() / name, error))
      throw Error(
          error == std::errc::no_space_on_device ? ErrorCode::kNoSpace : ErrorCode::kStorageFailed,
          (staging.folder() / name).string() + ": " + error.message());
  }
  // What was copied is what is checked: the source may change meanwhile.
  Package package = LoadPackage(staging.folder());
  CheckClearance(package, clinical);
  if (package.name != offered.name || package.version != offered.version)
    throw Error(ErrorCode::kConflict, "the package changed while it was copied");
  const Inference trial(package, "cpu");
  if (clinical && !package.clinical) {
    package.clinical = true;
    package.warning.clear();
    package = WritePackage(package);
  }
  staging.MoveToPlace();
  SyncPath(root);
  return LoadPackage(place);
}

}  // namespace necknode::models
