#include "training/evaluation.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <numeric>
#include <set>

#include "models/inference.h"
#include "phantom/random.h"
#include "training/phantom_studies.h"

namespace necknode::training {
namespace {

constexpr double kIou = 0.5;
constexpr int kBootstrapRounds = 1000;
constexpr std::uint64_t kSliceStream = 0x51c3;

/// `count` different ones of `slices`, ascending; the same for the same seed.
std::vector<int> DrawSlices(std::uint64_t seed, std::vector<int> slices, int count) {
  phantom::Random random(seed, kSliceStream);
  const int of = static_cast<int>(slices.size());
  const int wanted = std::min(of, count);
  for (int i = 0; i < wanted; ++i) {
    std::swap(slices[static_cast<std::size_t>(i)],
              slices[static_cast<std::size_t>(random.Int(i, of - 1))]);
  }
  slices.resize(static_cast<std::size_t>(wanted));
  std::sort(slices.begin(), slices.end());
  return slices;
}

/// Slices that fall to patient `index` of `patients`, so that they sum up to `slices`.
int ShareOf(int slices, int patients, int index) {
  return slices / patients + (index < slices % patients ? 1 : 0);
}

void AskAboutSlice(models::Inference& inference,
                   const LabelledStudy& study,
                   int z,
                   std::map<int, int>& number_of_node,
                   Answers& answers) {
  const int image = answers.images++;
  const int patient = answers.patients;
  const auto start = std::chrono::steady_clock::now();
  for (const Detection& found : inference.Analyse(*study.volume, z)) {
    answers.scored.push_back({image, found.box, found.score, patient});
    answers.logits.push_back(found.malignant_logit);
  }
  answers.seconds_per_slice +=
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const auto truth = study.BoxesOf(z);
  answers.images_with_nodes += truth.empty() ? 0 : 1;
  for (const LabelledBox& box : truth) {
    const int next =
        answers.node.empty() ? 0 : *std::max_element(answers.node.begin(), answers.node.end()) + 1;
    answers.truths.push_back({image, box.box, patient});
    answers.malignant.push_back(box.malignant);
    answers.node.push_back(number_of_node.try_emplace(box.node, next).first->second);
  }
}

/// Asks about slices of each study, drawn by `seed_of` it.
template <typename SeedOf>
void AskAboutStudies(const models::Package& package,
                     LabelledStudies& studies,
                     const EvaluationOptions& options,
                     SeedOf seed_of,
                     const EvaluationProgress& progress,
                     Answers& answers) {
  models::Package asked = package;
  asked.detection_score = kLowestScore;
  models::Inference inference(asked, options.device);
  const int count = std::min(static_cast<int>(studies.Count()), std::max(1, options.slices));
  std::map<std::string, int> patients;
  for (int i = 0; i < count; ++i) {
    const auto study = studies.Get(static_cast<std::size_t>(i));
    answers.patients =
        patients.try_emplace(study->patient, static_cast<int>(patients.size())).first->second;
    std::map<int, int> number_of_node;
    for (const int z : DrawSlices(seed_of(i), study->slices, ShareOf(options.slices, count, i))) {
      AskAboutSlice(inference, *study, z, number_of_node, answers);
      if (progress) {
        progress(answers.images, options.slices);
      }
    }
  }
  answers.patients = static_cast<int>(patients.size());
  answers.seconds_per_slice /= std::max(1, answers.images);
}

/// Judged boxes that were found at `score`, and the same by node.
struct Judged {
  std::vector<models::JudgedBox> boxes, nodes;
};

Judged JudgedAt(const Answers& answers, double score) {
  struct Sum {
    double logit = 0, weight = 0;
    bool malignant = false;
  };
  std::map<int, Sum> of_node;
  Judged judged;
  for (const auto& match : models::MatchBoxesToTruth(answers.scored, answers.truths, kIou)) {
    if (match.truth < 0 || match.score < score) {
      continue;
    }
    const auto truth = static_cast<std::size_t>(match.truth);
    const auto scored = static_cast<std::size_t>(match.scored);
    const double logit = answers.logits[scored];
    const bool malignant = answers.malignant[truth];
    judged.boxes.push_back({logit, malignant});
    Sum& sum = of_node[answers.node[truth]];
    const double weight = match.score * answers.scored[scored].box.Area();
    sum.logit += weight * logit;
    sum.weight += weight;
    sum.malignant = malignant;
  }
  for (const auto& [number, sum] : of_node) {
    judged.nodes.push_back({sum.logit / sum.weight, sum.malignant});
  }
  return judged;
}

}  // namespace

Answers AskPackage(const models::Package& package,
                   LabelledStudies& studies,
                   const EvaluationOptions& options,
                   const EvaluationProgress& progress) {
  Answers answers;
  answers.description = studies.Description();
  const auto seed_of = [](int index) { return static_cast<std::uint64_t>(index); };
  AskAboutStudies(package, studies, options, seed_of, progress, answers);
  return answers;
}

Answers AskPackage(const models::Package& package,
                   const EvaluationData& data,
                   const EvaluationProgress& progress) {
  phantom::PhantomOptions base;
  base.slices = data.phantom_slices;
  PhantomStudies studies(data.seeds, base);
  Answers answers;
  answers.data = data;
  const auto seed_of = [&](int index) {
    return data.seeds.first + static_cast<std::uint64_t>(index);
  };
  AskAboutStudies(package, studies, {data.slices, data.device}, seed_of, progress, answers);
  return answers;
}

Thresholds ChooseThresholds(const Answers& answers) {
  Thresholds chosen;
  const auto matches = models::MatchBoxesToTruth(answers.scored, answers.truths, kIou);
  chosen.detection_score = models::BestF1Point(matches, std::ssize(answers.truths)).score;
  const auto judged = JudgedAt(answers, chosen.detection_score);
  chosen.temperature = models::FitTemperature(judged.boxes);
  chosen.malignant_probability = models::BestProbabilityThreshold(judged.boxes, chosen.temperature);
  return chosen;
}

Figures Measure(const Answers& answers, const Thresholds& thresholds) {
  Figures figures;
  const auto truths = std::ssize(answers.truths);
  const auto matches = models::MatchBoxesToTruth(answers.scored, answers.truths, kIou);
  figures.ap50 = models::AveragePrecisionWithInterval(
      answers.scored, answers.truths, kIou, kBootstrapRounds, answers.data.seeds.first);
  figures.ap50_95 = models::AveragePrecision50To95(answers.scored, answers.truths);
  figures.point = models::PointAt(matches, truths, thresholds.detection_score);
  figures.recall = models::WilsonInterval(figures.point.found, truths);
  figures.precision = models::WilsonInterval(figures.point.found,
                                             figures.point.found + figures.point.false_positives);
  figures.false_positives_per_slice =
      static_cast<double>(figures.point.false_positives) / std::max(1, answers.images);
  const auto judged = JudgedAt(answers, thresholds.detection_score);
  figures.nodes = std::ssize(std::set<int>(answers.node.begin(), answers.node.end()));
  figures.nodes_found = std::ssize(judged.nodes);
  figures.node_recall = models::WilsonInterval(figures.nodes_found, figures.nodes);
  figures.per_box = models::JudgeClassifier(
      judged.boxes, thresholds.temperature, thresholds.malignant_probability);
  figures.per_node = models::JudgeClassifier(
      judged.nodes, thresholds.temperature, thresholds.malignant_probability);
  return figures;
}

}  // namespace necknode::training
