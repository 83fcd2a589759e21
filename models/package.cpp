#include "models/package.h"

#include <algorithm>
#include <cmath>
#include <fstream>

#include "core/digest.h"
#include "core/error.h"
#include "models/manifest.h"

namespace necknode::models {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxManifest = 4U << 20U;

std::string ReadText(const fs::path& path) {
  std::error_code error;
  const std::uintmax_t size = fs::is_regular_file(path, error) ? fs::file_size(path, error) : 0;
  if (error || size == 0)
    throw Error(ErrorCode::kModel, path.filename().string() + " is missing or empty");
  if (size > kMaxManifest) {
    throw Error(ErrorCode::kModel,
                path.filename().string() + " has " + std::to_string(size) + " bytes, limit " +
                    std::to_string(kMaxManifest));
  }
  std::ifstream in(path, std::ios::binary);
  std::string text(static_cast<std::size_t>(size), '\0');
  in.read(text.data(), static_cast<std::streamsize>(size));
  if (!in)
    throw Error(ErrorCode::kModel, path.filename().string() + " cannot be read");
  return text;
}

void CompareDigest(const fs::path& path, const std::string& stated, const std::string& actual) {
  if (stated == actual)
    return;
  throw Error(
      ErrorCode::kModel,
      path.filename().string() + " has SHA-256 " + actual + ", the manifest states " + stated);
}

void WriteText(const fs::path& path, const std::string& text) {
  const fs::path temporary = path.string() + ".part";
  std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  std::error_code error;
  if (out.good())
    fs::rename(temporary, path, error);
  if (!out.good() || error) {
    fs::remove(temporary, error);
    throw Error(ErrorCode::kStorageFailed, path.string() + ": could not be written");
  }
}

std::vector<fs::path> SubfoldersOf(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.is_directory() && !entry.path().filename().string().starts_with("."))
      found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

PackageState StateOfFolder(const fs::path& folder) {
  PackageState state{folder.parent_path().filename().string(),
                     folder.filename().string(),
                     folder,
                     std::nullopt,
                     ""};
  try {
    Package package = LoadPackage(folder);
    if (package.name != state.name || package.version != state.version) {
      state.reason = "the manifest says " + package.name + " " + package.version + ", the folder " +
                     state.name + " " + state.version;
    } else {
      state.package = std::move(package);
    }
  } catch (const Error& e) {
    state.reason = e.what();
  }
  return state;
}

}  // namespace

std::string DigestOfFile(const fs::path& path) {
  std::error_code error;
  std::ifstream in(path, std::ios::binary);
  if (!fs::is_regular_file(path, error) || !in) {
    throw Error(ErrorCode::kModel, path.filename().string() + " is missing or cannot be read");
  }
  Sha256 digest;
  std::vector<char> buffer(1U << 20U);
  while (in) {
    in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    digest.Update(std::string_view(buffer.data(), static_cast<std::size_t>(in.gcount())));
  }
  if (in.bad())
    throw Error(ErrorCode::kModel, path.filename().string() + " cannot be read");
  return digest.Finish();
}

Package LoadPackage(const fs::path& folder) {
  try {
    const std::string text = ReadText(folder / kManifestFile);
    WeightDigests stated;
    Package package = ParseManifest(text, stated);
    package.folder = folder;
    package.detector_weights = folder / kDetectorFile;
    package.classifier_weights = folder / kClassifierFile;
    CompareDigest(
        package.detector_weights, stated.detector, DigestOfFile(package.detector_weights));
    CompareDigest(
        package.classifier_weights, stated.classifier, DigestOfFile(package.classifier_weights));
    package.detector_sha256 = stated.detector;
    package.classifier_sha256 = stated.classifier;
    // The manifest names the weights' digests, so its own covers all three files.
    package.digest = Sha256Of(text);
    return package;
  } catch (const Error& e) {
    throw Error(ErrorCode::kModel, "package " + folder.string() + ": " + e.what());
  }
}

Package WritePackage(const Package& package) {
  const WeightDigests digests{DigestOfFile(package.folder / kDetectorFile),
                              DigestOfFile(package.folder / kClassifierFile)};
  const std::string text = ManifestText(package, digests);
  WeightDigests read_back;
  (void)ParseManifest(text, read_back);
  WriteText(package.folder / kManifestFile, text);
  return LoadPackage(package.folder);
}

std::vector<PackageState> ListPackages(const fs::path& root) {
  std::vector<PackageState> states;
  for (const fs::path& name : SubfoldersOf(root)) {
    for (const fs::path& version : SubfoldersOf(name))
      states.push_back(StateOfFolder(version));
  }
  return states;
}

double CalibratedProbability(const Package& package, double logit) {
  return 1.0 / (1.0 + std::exp(-logit / package.temperature));
}

}  // namespace necknode::models
