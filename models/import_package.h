#pragma once

#include <filesystem>

#include "models/import_weights.h"
#include "models/package.h"

namespace necknode::models {

/// Fills a new network of `config` from torchvision's weights `from` (see ImportWeights) and writes
/// it to `to` as float32, for `train ... --start-from`. What the file lacks is drawn with `seed`.
/// Throws Error(kNotFound), Error(kModel), Error(kStorageFailed).
ImportReport ImportDetector(const std::filesystem::path& from,
                            const DetectorConfig& config,
                            std::uint64_t seed,
                            const std::filesystem::path& to);
ImportReport ImportClassifier(const std::filesystem::path& from,
                              const ClassifierConfig& config,
                              std::uint64_t seed,
                              const std::filesystem::path& to);

/// What both networks of an imported package took.
struct ImportedPackage {
  Package package;
  ImportReport detector, classifier;
};

/// Makes a package of two imported networks in `package`.folder, which is not to exist yet:
/// `package` has name, version and both configs; it becomes clinical = false with the warning
/// NOT FOR CLINICAL USE, and its training record names the files and their digests. It finds no
/// nodes before it is trained, which its intended use says. Throws as above, Error(kConflict) where
/// the folder exists.
ImportedPackage ImportPackage(const std::filesystem::path& detector,
                              const std::filesystem::path& classifier,
                              std::uint64_t seed,
                              Package package);

}  // namespace necknode::models
