#pragma once

#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "app/progress.h"
#include "training/opened_data.h"
#include "training/run_training.h"

namespace necknode::app {

/// Adds --split, --split-seed, --strict and --studies-in-memory to `command`: how a folder of DICOM
/// is taken. `folder` and `strict` must outlive the parsing.
void AddFolderOptions(CLI::App& command, training::FolderOptions& folder, bool& strict);

/// Adds what a training run asks of its data: --data, --validation, the folder's options, phantoms'
/// options, the augmentation that both networks have.
void AddTrainingData(CLI::App& command, training::TrainingRequest& request);
/// The detector's own augmentation: rotation and scale.
void AddImageAugmentation(CLI::App& command, training::TrainingRequest& request);
/// The classifier's: quarter turns, jitter and size of the RoI.
void AddRoiAugmentation(CLI::App& command, training::TrainingRequest& request);

/// Shows the reading of a folder as a progress bar and its report on standard error.
class FolderProgress {
 public:
  void Read(int done, int of);
  void Report(const std::string& text);

 private:
  std::unique_ptr<ProgressBar> bar_;
};

}  // namespace necknode::app
