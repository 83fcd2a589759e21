#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/architectures.h"
#include "models/package.h"

namespace necknode::models {

class Classifier;

/// One row of the table of classifiers.
struct ClassifierArchitecture {
  Architecture about;
  int width_factor = 1;    ///< the value that ClassifierConfig must have
  bool attention = false;  ///< likewise
  std::shared_ptr<Classifier> (*make)(const ClassifierConfig& config,
                                      std::int64_t outputs) = nullptr;
};

/// The eleven, the paper's four ablations first.
[[nodiscard]] const std::vector<ClassifierArchitecture>& ClassifierArchitectures();

/// Their names, in that order.
[[nodiscard]] std::vector<std::string> ClassifierNames();

/// Throws Error(kModel) naming those that there are.
[[nodiscard]] const ClassifierArchitecture& FindClassifier(const std::string& name);

/// Sets config.architecture and what follows from it, width_factor and attention. Throws as
/// FindClassifier.
void SetArchitecture(ClassifierConfig& config, const std::string& name);

}  // namespace necknode::models
