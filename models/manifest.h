#pragma once

#include <string>

#include "models/package.h"

namespace necknode::models {

/// SHA-256 of the weight files as a manifest states them, 64 hex digits.
struct WeightDigests {
  std::string detector, classifier;
};

/// Reads a manifest's text: every key with type and range, none unknown, none missing. Fills
/// everything of Package but folder, digest and the weights' paths. Throws Error(kModel) naming the
/// key, its value and what is expected.
[[nodiscard]] Package ParseManifest(const std::string& text, WeightDigests& digests);

/// The manifest's text, which ParseManifest reads back to the same Package.
[[nodiscard]] std::string ManifestText(const Package& package, const WeightDigests& digests);

}  // namespace necknode::models
