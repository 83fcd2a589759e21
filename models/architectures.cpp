#include "models/architectures.h"

#include "models/classifier_registry.h"

namespace necknode::models {

const char* ToString(ArchitectureKind kind) {
  return kind == ArchitectureKind::kDetector ? "detector" : "classifier";
}

std::vector<Architecture> Architectures() {
  std::vector<Architecture> all;
  for (const ClassifierArchitecture& classifier : ClassifierArchitectures())
    all.push_back(classifier.about);
  return all;
}

}  // namespace necknode::models
