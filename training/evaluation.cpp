#include "training/evaluation.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <numeric>

#include "core/error.h"
#include "models/inference.h"
#include "phantom/random.h"
#include "training/phantom_studies.h"

namespace necknode::training {
namespace {

constexpr std::uint64_t kSliceStream = 0x51c3;

class Questioner {
 public:
  Questioner(models::Inference& inference, Answers& answers)
      : inference_(inference), answers_(answers) {}

  void BeginStudy(const LabelledStudy& study) {
    const auto [patient, is_new] =
        number_of_patient_.try_emplace(study.patient, std::ssize(answers_.patient_names));
    if (is_new) {
      answers_.patient_names.push_back(study.patient);
      answers_.patients = static_cast<int>(answers_.patient_names.size());
    }
    patient_ = static_cast<int>(patient->second);
    answers_.patient_of_study.push_back(patient_);
    number_of_node_.clear();
    study_ = answers_.studies++;
  }

  void Ask(const LabelledStudy& study, int z) {
    const int image = answers_.images++;
    answers_.places.push_back({study_, z});
    const auto start = std::chrono::steady_clock::now();
    for (const Detection& found : inference_.Analyse(*study.volume, z)) {
      answers_.scored.push_back({image, found.box, found.score, patient_});
      answers_.logits.push_back(found.malignant_logit);
    }
    answers_.seconds_per_slice +=
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const auto truth = study.BoxesOf(z);
    answers_.images_with_nodes += truth.empty() ? 0 : 1;
    for (const LabelledBox& box : truth) {
      const auto [node, is_new] =
          number_of_node_.try_emplace(box.node, static_cast<int>(answers_.nodes.size()));
      if (is_new) {
        answers_.nodes.push_back({patient_, study_, box.node + 1, box.malignant});
      }
      answers_.truths.push_back({image, box.box, patient_});
      answers_.malignant.push_back(box.malignant);
      answers_.node.push_back(node->second);
    }
  }

 private:
  models::Inference& inference_;
  Answers& answers_;
  std::map<std::string, std::ptrdiff_t> number_of_patient_;
  std::map<int, int> number_of_node_;  // of the study at hand
  int patient_ = 0, study_ = 0;
};

}  // namespace

std::vector<int> ShareSlices(const LabelledStudies& studies, int wanted) {
  std::vector<int> shares(studies.Count(), 0);
  bool more = true;
  while (wanted > 0 && more) {
    more = false;
    for (std::size_t i = 0; i < shares.size() && wanted > 0; ++i) {
      if (static_cast<std::size_t>(shares[i]) < studies.SlicesOf(i)) {
        ++shares[i];
        --wanted;
        more = true;
      }
    }
  }
  return shares;
}

std::vector<int> DrawSlices(const std::vector<int>& slices, std::uint64_t seed, int count) {
  std::vector<int> drawn = slices;
  phantom::Random random(seed, kSliceStream);
  const int last = static_cast<int>(drawn.size()) - 1;
  const int wanted = std::min(last + 1, count);
  for (int i = 0; i < wanted; ++i) {
    std::swap(drawn[static_cast<std::size_t>(i)],
              drawn[static_cast<std::size_t>(random.Int(i, last))]);
  }
  drawn.resize(static_cast<std::size_t>(wanted));
  std::sort(drawn.begin(), drawn.end());
  return drawn;
}

Answers AskPackage(const models::Package& package,
                   LabelledStudies& studies,
                   const EvaluationOptions& options,
                   const EvaluationProgress& progress) {
  models::Package asked = package;
  asked.detection_score = kLowestScore;
  models::Inference inference(asked, options.device);
  Answers answers;
  answers.data = studies.Description();
  answers.whole_studies = options.whole_studies;
  Questioner questioner(inference, answers);
  const auto all = static_cast<int>(studies.Count());
  const auto shares = ShareSlices(studies, options.slices);
  for (int index = 0; index < all; ++index) {
    const int share = shares[static_cast<std::size_t>(index)];
    if (!options.whole_studies && share == 0) {
      continue;
    }
    const auto study = studies.Get(static_cast<std::size_t>(index));
    const auto slices =
        options.whole_studies
            ? study->slices
            : DrawSlices(study->slices, options.seed + static_cast<std::uint64_t>(index), share);
    questioner.BeginStudy(*study);
    int done = 0;
    for (const int z : slices) {
      questioner.Ask(*study, z);
      ++done;
      if (progress && options.whole_studies) {
        // Studies differ in length: each is a hundred steps.
        progress(100 * index + 100 * done / static_cast<int>(slices.size()), 100 * all);
      } else if (progress) {
        progress(answers.images, std::accumulate(shares.begin(), shares.end(), 0));
      }
    }
  }
  if (answers.images == 0) {
    throw Error(ErrorCode::kInvalidArgument, "no labelled slice in " + answers.data);
  }
  answers.seconds_per_slice /= answers.images;
  return answers;
}

Answers AskPackage(const models::Package& package,
                   const EvaluationData& data,
                   const EvaluationProgress& progress) {
  phantom::PhantomOptions base;
  base.slices = data.phantom_slices;
  PhantomStudies studies(data.seeds, base);
  return AskPackage(
      package, studies, {data.slices, data.whole_studies, data.device, data.seeds.first}, progress);
}

Judged JudgedAt(const Answers& answers, double detection_score) {
  struct Sum {
    double logit = 0, weight = 0;
  };
  std::map<int, Sum> of_node;
  Judged judged;
  for (const auto& match : models::MatchBoxesToTruth(answers.scored, answers.truths, kMatchIou)) {
    if (match.truth < 0 || match.score < detection_score) {
      continue;
    }
    const auto truth = static_cast<std::size_t>(match.truth);
    const auto scored = static_cast<std::size_t>(match.scored);
    const double logit = answers.logits[scored];
    judged.boxes.push_back({logit, answers.malignant[truth], match.patient});
    Sum& sum = of_node[answers.node[truth]];
    const double weight = match.score * answers.scored[scored].box.Area();
    sum.logit += weight * logit;
    sum.weight += weight;
  }
  for (const auto& [number, sum] : of_node) {
    const auto& node = answers.nodes[static_cast<std::size_t>(number)];
    judged.nodes.push_back({sum.logit / sum.weight, node.malignant, node.patient});
    judged.node_numbers.push_back(number);
  }
  return judged;
}

Thresholds ChooseThresholds(const Answers& answers) {
  Thresholds chosen;
  const auto matches = models::MatchBoxesToTruth(answers.scored, answers.truths, kMatchIou);
  chosen.detection_score = models::BestF1Point(matches, std::ssize(answers.truths)).score;
  const auto judged = JudgedAt(answers, chosen.detection_score);
  chosen.temperature = models::FitTemperature(judged.boxes);
  chosen.malignant_probability = models::BestProbabilityThreshold(judged.boxes, chosen.temperature);
  return chosen;
}

Figures Measure(const Answers& answers, const Thresholds& thresholds) {
  Figures figures;
  const auto truths = std::ssize(answers.truths);
  const auto matches = models::MatchBoxesToTruth(answers.scored, answers.truths, kMatchIou);
  figures.ap50 = models::AveragePrecisionWithInterval(
      answers.scored, answers.truths, kMatchIou, kBootstrapRounds, kBootstrapSeed);
  figures.ap50_95 = models::AveragePrecision50To95(answers.scored, answers.truths);
  figures.point = models::PointAt(matches, truths, thresholds.detection_score);
  figures.recall = models::WilsonInterval(figures.point.found, truths);
  figures.precision = models::WilsonInterval(figures.point.found,
                                             figures.point.found + figures.point.false_positives);
  figures.false_positives_per_slice =
      static_cast<double>(figures.point.false_positives) / std::max(1, answers.images);
  const auto judged = JudgedAt(answers, thresholds.detection_score);
  figures.nodes = std::ssize(answers.nodes);
  figures.nodes_found = std::ssize(judged.nodes);
  figures.node_recall = models::WilsonInterval(figures.nodes_found, figures.nodes);
  figures.per_box = models::JudgeClassifier(
      judged.boxes, thresholds.temperature, thresholds.malignant_probability);
  figures.per_node = models::JudgeClassifier(
      judged.nodes, thresholds.temperature, thresholds.malignant_probability);
  return figures;
}

}  // namespace necknode::training
