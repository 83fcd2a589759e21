#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "models/metrics.h"
#include "models/package.h"
#include "models/threshold_curve.h"
#include "training/data_options.h"
#include "training/labelled_study.h"

namespace necknode::training {

/// Which phantoms a package is asked about.
struct EvaluationData {
  SeedRange seeds{200001, 200030};
  int slices = 500;         ///< in all, see EvaluationOptions
  int phantom_slices = 80;  ///< of each phantom
  std::string device = "auto";
  bool whole_studies = false;
};

/// Which slices of a set of studies a package is asked about.
struct EvaluationOptions {
  int slices = 500;            ///< in all, drawn evenly from the studies, with and without nodes
  bool whole_studies = false;  ///< every labelled slice of every study instead
  std::string device = "auto";
  std::uint64_t seed = 0;  ///< slices of study i are drawn by seed + i
};

/// Everything that a package answered about slices of studies, from score kLowestScore on, with
/// the truth. Patients, studies, images and nodes are numbered from 0 in the order of the data.
struct Answers {
  std::string data;  ///< LabelledStudies::Description
  bool whole_studies = false;
  int images = 0, images_with_nodes = 0, patients = 0, studies = 0;
  std::vector<models::ImagePlace> places;  ///< of the images
  std::vector<std::string> patient_names;  ///< to find a reader's rows, never for output
  std::vector<int> patient_of_study;
  std::vector<models::ScoredBox> scored;
  std::vector<double> logits;  ///< of `scored`
  std::vector<models::TrueBox> truths;
  std::vector<bool> malignant;  ///< of `truths`
  std::vector<int> node;        ///< of `truths`: a number for each node of each study
  struct Node {
    int patient = 0, study = 0;
    int number = 0;  ///< within the study, from 1
    bool malignant = false;
  };
  std::vector<Node> nodes;       ///< that have a box on an evaluated slice
  double seconds_per_slice = 0;  ///< of both networks with their preprocessing
};

/// Boxes below are not asked for: average precision needs the low ones too, but not all.
inline constexpr double kLowestScore = 0.02;
/// Boxes that overlap a true one by so much have found it.
inline constexpr double kMatchIou = 0.5;

using EvaluationProgress = std::function<void(int done, int of)>;

/// Runs the package as the node does (models::Inference) on slices of `studies`. Throws
/// Error(kInvalidArgument) where there is no labelled slice.
[[nodiscard]] Answers AskPackage(const models::Package& package,
                                 LabelledStudies& studies,
                                 const EvaluationOptions& options,
                                 const EvaluationProgress& progress);
/// The same on freshly made phantoms.
[[nodiscard]] Answers AskPackage(const models::Package& package,
                                 const EvaluationData& data,
                                 const EvaluationProgress& progress);

/// How many slices fall to each study so that they are `wanted` in all, spread evenly; fewer where
/// the studies do not have so many. Studies beyond `wanted` get none.
[[nodiscard]] std::vector<int> ShareSlices(const LabelledStudies& studies, int wanted);

/// `count` different ones of `slices`, ascending; the same for the same `seed`.
[[nodiscard]] std::vector<int> DrawSlices(const std::vector<int>& slices,
                                          std::uint64_t seed,
                                          int count);

/// What is chosen on validation data and stored in the package.
struct Thresholds {
  double detection_score = 0.5;
  double temperature = 1;
  double malignant_probability = 0.5;
};

/// Detection score of the highest F1 at IoU 0.5; temperature and Youden's threshold on the boxes
/// found at that score.
[[nodiscard]] Thresholds ChooseThresholds(const Answers& answers);

/// The classifier's answers about what was found at a detection score.
struct Judged {
  std::vector<models::JudgedBox> boxes;
  std::vector<models::JudgedBox> nodes;  ///< logits meaned by score x area over a node's slices
  std::vector<int> node_numbers;         ///< of `nodes`, indices of Answers::nodes
};
[[nodiscard]] Judged JudgedAt(const Answers& answers, double detection_score);

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
  models::ClassifierFigures per_box;   ///< on boxes found at the operating point
  models::ClassifierFigures per_node;  ///< Judged::nodes
};

[[nodiscard]] Figures Measure(const Answers& answers, const Thresholds& thresholds);
[[nodiscard]] nlohmann::ordered_json ToJson(const Figures& figures,
                                            const Answers& answers,
                                            const Thresholds& thresholds);
/// A short table for a terminal.
[[nodiscard]] std::string ToText(const Figures& figures,
                                 const Answers& answers,
                                 const Thresholds& thresholds);

inline constexpr int kBootstrapRounds = 1000;
inline constexpr std::uint64_t kBootstrapSeed = 1;

}  // namespace necknode::training
