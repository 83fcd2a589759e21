#pragma once

#include <filesystem>

#include "models/package.h"

namespace necknode::models {

/// Copies the package in folder `source` to `root`/<name>/<version>/, all of it or nothing: into a
/// hidden folder beside its place, whose files are checked against the manifest's digests, loaded
/// and run once, made durable, and which is then renamed. Only manifest and weights are copied.
/// `clinical` is the one way by which a package becomes clinical = true (its warning goes, and with
/// it its digest changes); it is refused for the phantom's package. A source that says clinical =
/// true is refused without it. Gives the installed package. Throws Error(kModel) where the source
/// is not usable, Error(kConflict) where that version is installed or `clinical` does not fit,
/// Error(kNoSpace) or Error(kStorageFailed) where it cannot be written.
Package InstallPackage(const std::filesystem::path& source,
                       const std::filesystem::path& root,
                       bool clinical);

}  // namespace necknode::models
