#pragma once

#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "models/metrics.h"
#include "models/package.h"
#include "training/data_options.h"
#include "training/labelled_study.h"

namespace necknode::training {

/// What a package is asked about.
struct EvaluationData {
  SeedRange seeds{200001, 200030};
  int slices = 500;         ///< in all, drawn evenly from the phantoms, with and without nodes
  int phantom_slices = 80;  ///< of each phantom
  std::string device = "auto";
};

/// Which slices of a set of studies a package is asked about.
struct EvaluationOptions {
  int slices = 500;  ///< in all, drawn evenly from the studies, with and without nodes
  std::string device = "auto";
};

/// Everything that a package answered about slices of studies, from score kLowestScore on, with
/// the truth.
struct Answers {
  EvaluationData data;
  std::string description;  ///< of other data than phantoms, else empty
  int images = 0, images_with_nodes = 0, patients = 0;
  std::vector<models::ScoredBox> scored;
  std::vector<double> logits;  ///< of `scored`
  std::vector<models::TrueBox> truths;
  std::vector<bool> malignant;   ///< of `truths`
  std::vector<int> node;         ///< of `truths`: a number for each node of each patient
  double seconds_per_slice = 0;  ///< of both networks with their preprocessing
};

/// Boxes below are not asked for: average precision needs the low ones too, but not all.
inline constexpr double kLowestScore = 0.02;

using EvaluationProgress = std::function<void(int done, int of)>;

/// Runs the package as the node does (models::Inference) on slices of `studies`.
[[nodiscard]] Answers AskPackage(const models::Package& package,
                                 LabelledStudies& studies,
                                 const EvaluationOptions& options,
                                 const EvaluationProgress& progress);
/// The same on freshly made phantoms.
[[nodiscard]] Answers AskPackage(const models::Package& package,
                                 const EvaluationData& data,
                                 const EvaluationProgress& progress);

/// What is chosen on validation data and stored in the package.
struct Thresholds {
  double detection_score = 0.5;
  double temperature = 1;
  double malignant_probability = 0.5;
};

/// Detection score of the highest F1 at IoU 0.5; temperature and Youden's threshold on the boxes
/// found at that score.
[[nodiscard]] Thresholds ChooseThresholds(const Answers& answers);

struct Figures {
  models::Interval ap50;  ///< interval by bootstrap over patients
  double ap50_95 = 0;
  models::OperatingPoint point;  ///< boxes at IoU 0.5
  models::Interval recall, precision;
  double false_positives_per_slice = 0;
  std::int64_t nodes = 0,
               nodes_found =
                   0;  ///< nodes with a box on an evaluated slice; found on at least one of them
  models::Interval node_recall;
  models::ClassifierFigures per_box;  ///< on boxes found at the operating point
  models::ClassifierFigures
      per_node;  ///< their logits meaned by score x area over a node's evaluated slices
};

[[nodiscard]] Figures Measure(const Answers& answers, const Thresholds& thresholds);
[[nodiscard]] nlohmann::ordered_json ToJson(const Figures& figures,
                                            const Answers& answers,
                                            const Thresholds& thresholds);
[[nodiscard]] std::string ToText(const Figures& figures,
                                 const Answers& answers,
                                 const Thresholds& thresholds);

}  // namespace necknode::training
