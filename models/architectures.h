#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace necknode::models {

enum class ArchitectureKind { kDetector, kClassifier };
[[nodiscard]] const char* ToString(ArchitectureKind kind);  ///< "detector", "classifier"

/// A figure as the paper prints it: percent, or the AUC as a fraction.
struct PaperFigure {
  std::string name;
  double value = 0;
};

/// What one run of a network takes.
struct NetworkCost {
  std::vector<std::int64_t> input;  ///< channels, height, width
  std::int64_t parameters = 0;      ///< trained ones
  std::int64_t macs = 0;            ///< multiply-accumulates, see CountMacs
};

/// One of the systems that the paper (Wang et al., Front. Oncol. 2023, 13:1099104) compares.
struct Architecture {
  std::string name;   ///< as in a package's `architecture` and `train --architecture`
  std::string title;  ///< as the paper calls it
  ArchitectureKind kind = ArchitectureKind::kClassifier;
  std::string place;  ///< where its figures stand in the paper, e.g. "Table 4"
  std::vector<PaperFigure> figures;
  std::string description;
  /// Builds the network `name` at `base_width` (64: the published width) and runs it once on the
  /// paper's input with three channels.
  NetworkCost (*measure_cost)(const std::string& name, int base_width) = nullptr;
};

/// All systems, each kind in the paper's order. A name occurs once within its kind.
[[nodiscard]] std::vector<Architecture> Architectures();

}  // namespace necknode::models
