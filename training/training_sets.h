#pragma once

#include <memory>

#include <nlohmann/json_fwd.hpp>

#include "models/dataset.h"
#include "training/opened_data.h"
#include "training/run_training.h"

namespace necknode::training {

/// Training and validation data of one run, opened, with no patient in both.
class TrainingSets {
 public:
  /// Throws as RunDetectorTraining does.
  explicit TrainingSets(const TrainingRequest& request);

  template <typename Dataset>
  struct Pair {
    std::unique_ptr<Dataset> training, validation;
    int validation_samples = 0;
  };
  [[nodiscard]] Pair<models::DetectorDataset> ForDetector(int channels) const;
  [[nodiscard]] Pair<models::ClassifierDataset> ForClassifier(
      const models::ClassifierConfig& config) const;

  [[nodiscard]] const OpenedData& training() const { return training_; }
  [[nodiscard]] SeenPatients Seen() const { return {training_.Patients(), validation_.Patients()}; }
  /// What the training record says of the data. No patient data.
  [[nodiscard]] nlohmann::ordered_json Record() const;

 private:
  TrainingRequest request_;
  OpenedData training_, validation_;
  PhantomDataOptions validation_options_;
};

}  // namespace necknode::training
