#include "training/network_evaluation.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <memory>
#include <numeric>
#include <utility>

#include "core/error.h"
#include "models/classifier_trainer.h"
#include "models/compute.h"
#include "models/config_json.h"
#include "models/detector_trainer.h"
#include "models/safetensors.h"
#include "models/threshold_curve.h"
#include "phantom/random.h"
#include "training/figure_text.h"
#include "training/study_samples.h"
#include "training/training_record.h"

namespace necknode::training {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kRoiStream = 0x201;

std::int64_t ParametersOf(const torch::nn::Module& network) {
  std::int64_t count = 0;
  for (const auto& parameter : network.parameters()) {
    count += parameter.numel();
  }
  return count;
}

double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Whole slices drawn evenly from the studies, one after the other.
class DrawnSlices : public models::DetectorDataset {
 public:
  DrawnSlices(LabelledStudies& studies,
              int count,
              int channels,
              const models::Preprocessing& preprocessing,
              EvaluationProgress progress)
      : studies_(studies),
        channels_(channels),
        preprocessing_(preprocessing),
        progress_(std::move(progress)) {
    shares_ = ShareSlices(studies, count);
    count_ = std::accumulate(shares_.begin(), shares_.end(), std::int64_t{0});
  }
  [[nodiscard]] std::int64_t Count() const { return count_; }

  models::DetectorSample At(std::int64_t index) override {
    // AskDetector goes through them in order, so that each study is made once.
    while (index >= first_ + std::ssize(slices_)) {
      first_ += std::ssize(slices_);
      if (next_study_ >= shares_.size()) {
        throw Error(ErrorCode::kInternal, "asked for more slices than Count()");
      }
      study_ = studies_.Get(next_study_);
      slices_ = DrawSlices(study_->slices, next_study_, shares_[next_study_]);
      ++next_study_;
    }
    if (progress_) {
      progress_(static_cast<int>(index), static_cast<int>(count_));
    }
    const int z = slices_[static_cast<std::size_t>(index - first_)];
    return SampleOfSlice(*study_, z, channels_, preprocessing_);
  }

 private:
  LabelledStudies& studies_;
  int channels_;
  models::Preprocessing preprocessing_;
  EvaluationProgress progress_;
  std::vector<int> shares_;  // slices of each study
  std::int64_t count_ = 0;
  std::shared_ptr<const LabelledStudy> study_;
  std::vector<int> slices_;  // of `study_`
  std::int64_t first_ = 0;   // index of slices_.front()
  std::size_t next_study_ = 0;
};

/// RoIs of one study, to be asked about by each network.
class HeldRois : public models::ClassifierDataset {
 public:
  explicit HeldRois(std::vector<models::ClassifierSample> samples) : samples_(std::move(samples)) {}
  models::ClassifierSample At(std::int64_t index) override {
    return samples_.at(static_cast<std::size_t>(index));
  }

 private:
  std::vector<models::ClassifierSample> samples_;
};

/// `count` RoIs about boxes of the study, of either class equally often where it has both.
std::vector<models::ClassifierSample> DrawRois(const LabelledStudy& study,
                                               std::uint64_t seed,
                                               int count,
                                               const models::ClassifierConfig& config,
                                               const SampleOptions& options) {
  std::array<std::vector<const LabelledBox*>, 2> of_class;
  for (const LabelledBox& box : study.boxes) {
    of_class[box.malignant ? 1 : 0].push_back(&box);
  }
  std::vector<models::ClassifierSample> samples;
  phantom::Random random(seed, kRoiStream);
  for (int i = 0; i < count && !study.boxes.empty(); ++i) {
    const bool wanted = random.Chance(0.5);
    const auto& boxes =
        of_class[wanted ? 1 : 0].empty() ? of_class[wanted ? 0 : 1] : of_class[wanted ? 1 : 0];
    const LabelledBox& box = *boxes[IndexBelow(random, boxes.size())];
    samples.push_back(DrawClassifierSample(study, box, config, options, random));
  }
  return samples;
}

/// A network with its answers.
struct AskedClassifier {
  std::filesystem::path folder;
  models::ClassifierConfig config;
  std::shared_ptr<models::Classifier> network;
  std::vector<models::JudgedBox> judged, validation;
  double seconds = 0;
};

AskedClassifier LoadClassifier(const std::filesystem::path& folder,
                               const torch::Device& device,
                               SampleOptions& options) {
  const Json record = ReadJson(folder / "classifier.json");
  AskedClassifier loaded{folder, ClassifierConfigFrom(record.at("network")), nullptr, {}, {}, 0};
  options.preprocessing = PreprocessingFrom(record.at("preprocessing"));
  options.augment = false;
  loaded.network = models::MakeClassifier(loaded.config);
  models::LoadModule(*loaded.network, folder / "classifier.safetensors");
  loaded.network->to(device);
  loaded.network->eval();
  return loaded;
}

/// Everything that decides what a RoI looks like.
Json CutOf(const AskedClassifier& one, const SampleOptions& options) {
  return {one.config.roi_size,
          one.config.roi_context,
          one.config.in_channels,
          ToJson(options.preprocessing)};
}

/// Asks all networks about `count` RoIs of `studies`; gives how many each study had, in order.
std::vector<int> AskAll(std::vector<AskedClassifier>& networks,
                        std::vector<models::JudgedBox> AskedClassifier::*answers,
                        LabelledStudies& studies,
                        int count,
                        const SampleOptions& options,
                        const EvaluationProgress& progress) {
  std::vector<int> rois_of_studies;
  const auto all = static_cast<int>(studies.Count());
  int done = 0;
  for (int index = 0; index < all && done < count; ++index) {
    const auto study = studies.Get(static_cast<std::size_t>(index));
    // What studies without nodes cannot give falls to those that follow.
    const int share = (count - done + all - index - 1) / (all - index);
    auto rois = DrawRois(
        *study, static_cast<std::uint64_t>(index), share, networks.front().config, options);
    const auto found = std::ssize(rois);
    HeldRois held(std::move(rois));
    for (AskedClassifier& one : networks) {
      const auto start = std::chrono::steady_clock::now();
      for (auto& judged : models::AskClassifier(*one.network, held, found)) {
        judged.patient = index;
        (one.*answers).push_back(judged);
      }
      one.seconds += SecondsSince(start);
    }
    done += static_cast<int>(found);
    rois_of_studies.push_back(static_cast<int>(found));
    if (progress) {
      progress(done, count);
    }
  }
  if (done == 0) {
    throw Error(ErrorCode::kInvalidArgument, "no lymph node in " + studies.Description());
  }
  return rois_of_studies;
}

Json ResultOf(const AskedClassifier& one,
              const std::string& data,
              const std::string& chosen_on,
              const std::vector<int>& rois_of_studies) {
  const double temperature = models::FitTemperature(one.validation);
  const double threshold = models::BestProbabilityThreshold(one.validation, temperature);
  const auto figures = models::JudgeClassifier(one.judged, temperature, threshold);
  std::vector<bool> malignant;
  std::vector<bool> correct;
  for (const auto& judged : one.judged) {
    const double p = 1 / (1 + std::exp(-judged.logit / temperature));
    malignant.push_back(judged.malignant);
    correct.push_back((p >= threshold) == judged.malignant);
  }
  return {
      {"kind", "classifier"},
      {"network", ToJson(one.config)},
      {"parameters", ParametersOf(*one.network)},
      {"data", data},
      {"rois", one.judged.size()},
      {"patients",
       std::count_if(
           rois_of_studies.begin(), rois_of_studies.end(), [](int count) { return count > 0; })},
      {"threshold",
       {{"chosen_on", chosen_on},
        {"rois", one.validation.size()},
        {"temperature", Rounded(temperature)},
        {"malignant_probability", Rounded(threshold)}}},
      {"intervals", "95%, rates Wilson, AUC DeLong"},
      {"figures", ToJson(figures)},
      {"seconds_per_roi",
       one.seconds / static_cast<double>(
                         std::max<std::size_t>(one.judged.size() + one.validation.size(), 1))},
      {"answers",
       {{"rois_of_patients", rois_of_studies},
        {"malignant", HexOf(malignant)},
        {"correct", HexOf(correct)}}}};
}

}  // namespace

std::string HexOf(const std::vector<bool>& bits) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string hex;
  for (std::size_t i = 0; i < bits.size(); i += 4) {
    std::size_t digit = 0;
    for (std::size_t j = i; j < i + 4; ++j) {
      digit = 2 * digit + (j < bits.size() && bits[j] ? 1 : 0);
    }
    hex += kDigits[digit];
  }
  return hex;
}

nlohmann::ordered_json EvaluateDetector(const std::filesystem::path& folder,
                                        LabelledStudies& test,
                                        LabelledStudies& validation,
                                        const NetworkEvaluation& options) {
  const Json record = ReadJson(folder / "detector.json");
  const auto config = DetectorConfigFrom(record.at("network"));
  const auto preprocessing = PreprocessingFrom(record.at("preprocessing"));
  const auto network = models::MakeDetector(config);
  models::LoadModule(*network, folder / "detector.safetensors");
  network->to(models::SelectDevice(options.device));
  network->eval();

  DrawnSlices chosen_on(
      validation, options.validation_slices, config.in_channels, preprocessing, nullptr);
  const auto there = models::AskDetector(*network, chosen_on, chosen_on.Count(), kLowestScore);
  const double score =
      models::BestF1Point(models::MatchBoxesToTruth(there.scored, there.truths, kMatchIou),
                          std::ssize(there.truths))
          .score;

  DrawnSlices slices(test, options.slices, config.in_channels, preprocessing, options.progress);
  const auto start = std::chrono::steady_clock::now();
  const auto answers = models::AskDetector(*network, slices, slices.Count(), kLowestScore);
  const double seconds = SecondsSince(start);
  const auto truths = std::ssize(answers.truths);
  const auto matches = models::MatchBoxesToTruth(answers.scored, answers.truths, kMatchIou);
  const auto point = models::PointAt(matches, truths, score);
  const auto n = static_cast<double>(slices.Count());
  return {{"kind", "detector"},
          {"network", ToJson(config)},
          {"parameters", ParametersOf(*network)},
          {"data", test.Description()},
          {"slices", slices.Count()},
          {"boxes", truths},
          {"threshold",
           {{"chosen_on", validation.Description()},
            {"slices", chosen_on.Count()},
            {"score", Rounded(score)}}},
          {"intervals", "95%, AP50 bootstrap over patients, rates Wilson"},
          {"figures",
           {{"ap50",
             ToJson(models::AveragePrecisionWithInterval(
                 answers.scored, answers.truths, kMatchIou, kBootstrapRounds, kBootstrapSeed))},
            {"ap50_95", Rounded(models::AveragePrecision50To95(answers.scored, answers.truths))},
            {"recall", ToJson(models::WilsonInterval(point.found, truths))},
            {"precision",
             ToJson(models::WilsonInterval(point.found, point.found + point.false_positives))},
            {"false_positives_per_slice",
             Rounded(static_cast<double>(point.false_positives) / std::max(n, 1.0))}}},
          {"seconds_per_slice", seconds / std::max(n, 1.0)}};
}

std::vector<nlohmann::ordered_json> EvaluateClassifiers(
    const std::vector<std::filesystem::path>& folders,
    LabelledStudies& test,
    LabelledStudies& validation,
    const NetworkEvaluation& options) {
  const auto device = models::SelectDevice(options.device);
  std::vector<AskedClassifier> networks;
  SampleOptions cut;
  for (const auto& folder : folders) {
    SampleOptions own;
    networks.push_back(LoadClassifier(folder, device, own));
    if (networks.size() > 1 && CutOf(networks.back(), own) != CutOf(networks.front(), cut)) {
      throw Error(ErrorCode::kInvalidArgument,
                  folder.string() + " and " + folders.front().string() +
                      " need other RoIs: measure them apart");
    }
    cut = own;
  }
  if (networks.empty()) {
    return {};
  }
  (void)AskAll(
      networks, &AskedClassifier::validation, validation, options.validation_rois, cut, nullptr);
  const auto rois_of_studies =
      AskAll(networks, &AskedClassifier::judged, test, options.rois, cut, options.progress);
  std::vector<Json> results;
  for (const AskedClassifier& one : networks) {
    results.push_back(ResultOf(one, test.Description(), validation.Description(), rois_of_studies));
  }
  return results;
}

}  // namespace necknode::training
