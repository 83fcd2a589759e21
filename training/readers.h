#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "models/statistics.h"
#include "training/evaluation.h"

namespace necknode::training {

/// What a reader said of one lymph node.
struct ReaderCall {
  std::string patient;  ///< as the data name it; never for output
  int node = 0;         ///< its number in the study, from 1
  std::string reader;   ///< any name, "R1"
  bool malignant = false;
  std::optional<double> score;  ///< how sure of metastatic: any scale, the higher the surer
  int line = 0;                 ///< of the file
};

/// A row that does not count, and why; the reason is free of patient data.
struct BadRow {
  int line = 0;
  std::string reason;
};

struct ReaderFile {
  std::vector<ReaderCall> calls;
  std::vector<BadRow> bad;
};

/// Reads a CSV whose first line is patient,node,reader,call or patient,node,reader,call,score and
/// whose rows have one reader's call, benign or metastatic, of one node. Spaces about fields and
/// empty lines do not count. A row that is not so is listed in `bad`. Throws Error(kNotFound);
/// Error(kParse) where the first line is another.
[[nodiscard]] ReaderFile ReadReaders(const std::filesystem::path& path);

/// One reader against the model, on the nodes that the reader called.
struct ReaderFigures {
  std::string reader;
  models::ClassifierFigures figures;  ///< of the reader; its AUC where `has_scores`
  bool has_scores = false;            ///< of every call
  std::int64_t not_found = 0;         ///< nodes that the detector missed, so the model has no call
  models::ClassifierFigures model;    ///< on the others
  models::McNemarTest test;           ///< reader (first) and model (second) on those
  models::McNemarTest missed_as_benign;  ///< the same with the missed nodes as called benign
};

struct ReaderComparison {
  std::vector<ReaderFigures> readers;  ///< by name
  /// Over the readers who called nodes of that kind; NaN where there is none.
  double mean_accuracy = 0, mean_sensitivity = 0, mean_specificity = 0;
  std::vector<BadRow> bad;  ///< of the file, and rows of nodes that the data lack
};

/// Nodes and the model's calls come from `answers` at `thresholds`.
[[nodiscard]] ReaderComparison CompareWithReaders(const ReaderFile& file,
                                                  const Answers& answers,
                                                  const Thresholds& thresholds);

}  // namespace necknode::training
