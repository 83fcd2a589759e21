#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "models/training_options.h"

namespace necknode::models {

inline constexpr const char* kCurveFile = "curve.csv";

/// The curve of a run as CSV: step, learning_rate, loss, the loss' parts, validation figures as
/// name=value in the last column, since they come at some rows only. The file on the disk is whole
/// at every moment and holds no step twice, also after a kill and a resume.
class TrainingCurve {
 public:
  /// Takes over the rows of `path` up to `from_step`, the checkpoint's; later ones come again.
  TrainingCurve(std::filesystem::path path, std::int64_t from_step);
  /// Adds a row and replaces the file, which a kill leaves whole. Throws Error(kNoSpace),
  /// Error(kStorageFailed), as Sync().
  void Add(const TrainingReport& report);
  /// Makes the rows so far outlive a power failure. Not for each row: a sync may take a second.
  void Sync();

 private:
  std::filesystem::path path_;
  std::string text_;
};

/// Rows of a curve's file. Throws Error(kNotFound), or Error(kParse) naming the line.
[[nodiscard]] std::vector<TrainingReport> ReadCurve(const std::filesystem::path& path);

}  // namespace necknode::models
