#include "models/faster_rcnn_losses.h"

#include "models/box_ops.h"
#include "models/losses.h"

namespace necknode::models {
namespace {

/// Loss of the proposal network over all images of a batch together.
DetectionLoss LossOfRpn(const RpnOutput& rpn,
                        const std::vector<torch::Tensor>& truths,
                        const DetectorLossOptions& options,
                        std::uint64_t seed) {
  std::vector<torch::Tensor> positive_scores;
  std::vector<torch::Tensor> negative_scores;
  std::vector<torch::Tensor> deltas;
  std::vector<torch::Tensor> wanted;
  for (std::size_t i = 0; i < truths.size(); ++i) {
    const auto image = static_cast<std::int64_t>(i);
    const auto matches = MatchCandidates(rpn.anchors, truths[i], options.rpn_match);
    const auto sampled = SampleCandidates(
        matches, options.rpn_samples, options.rpn_positive_fraction, SeedOfStep(seed, image));
    const auto objectness = rpn.objectness.select(0, image);
    positive_scores.push_back(objectness.index_select(0, sampled.positives));
    negative_scores.push_back(objectness.index_select(0, sampled.negatives));
    deltas.push_back(rpn.deltas.select(0, image).index_select(0, sampled.positives));
    if (sampled.positives.numel() > 0) {
      const auto of_positives = matches.index_select(0, sampled.positives);
      wanted.push_back(EncodeBoxes(truths[i].index_select(0, of_positives),
                                   rpn.anchors.index_select(0, sampled.positives),
                                   FasterRcnnImpl::kRpnWeights));
    }
  }
  positive_scores.insert(positive_scores.end(), negative_scores.begin(), negative_scores.end());
  const auto all_deltas = torch::cat(deltas);
  return RpnLoss(torch::cat(positive_scores),
                 all_deltas,
                 wanted.empty() ? torch::zeros_like(all_deltas) : torch::cat(wanted),
                 options.rpn_lambda);
}

/// Proposals of one image that the second stage learns from, with their class and wanted deltas.
struct HeadTargets {
  torch::Tensor proposals, labels, wanted;
};

HeadTargets TargetsOfHead(const torch::Tensor& proposals,
                          const torch::Tensor& truth,
                          const DetectorLossOptions& options,
                          std::uint64_t seed) {
  // The true boxes are proposals too, so that the head sees nodes before the RPN finds any.
  const auto candidates = torch::cat({proposals, truth});
  const auto matches = MatchCandidates(candidates, truth, options.head_match);
  const auto sampled =
      SampleCandidates(matches, options.head_samples, options.head_positive_fraction, seed);
  HeadTargets targets;
  const auto chosen = sampled.All();
  targets.proposals = candidates.index_select(0, chosen);
  targets.labels = (matches.index_select(0, chosen) >= 0).to(torch::kInt64);
  targets.wanted = torch::zeros_like(targets.proposals);
  const auto positives = sampled.positives.numel();
  if (positives > 0) {
    const auto of_positives = matches.index_select(0, sampled.positives);
    targets.wanted.slice(0, 0, positives)
        .copy_(EncodeBoxes(truth.index_select(0, of_positives),
                           targets.proposals.slice(0, 0, positives),
                           FasterRcnnImpl::kBoxWeights));
  }
  return targets;
}

DetectionLoss LossOfHead(FasterRcnnImpl& network,
                         const RpnOutput& rpn,
                         const std::vector<torch::Tensor>& truths,
                         const DetectorLossOptions& options,
                         std::uint64_t seed) {
  const auto proposals = network.Proposals(rpn);
  std::vector<torch::Tensor> chosen;
  std::vector<torch::Tensor> labels;
  std::vector<torch::Tensor> wanted;
  for (std::size_t i = 0; i < truths.size(); ++i) {
    auto targets = TargetsOfHead(proposals[i],
                                 truths[i],
                                 options,
                                 SeedOfStep(seed, static_cast<std::int64_t>(truths.size() + i)));
    chosen.push_back(targets.proposals);
    labels.push_back(targets.labels);
    wanted.push_back(targets.wanted);
  }
  const auto head = network.ForwardBoxHead(rpn.features, chosen);
  return HeadLoss(head.logits,
                  head.deltas,
                  torch::cat(labels),
                  torch::cat(wanted),
                  options.head_lambda,
                  options.head_beta);
}

}  // namespace

DetectorLossOptions LossOptionsOf(const DetectorConfig& config) {
  DetectorLossOptions options;
  if (config.architecture == "fasterrcnn_published") {
    options.rpn_samples = 256;
    options.head_samples = 512;
    options.head_beta = 1.0 / 9;
  }
  return options;
}

NamedLosses FasterRcnnLosses(FasterRcnnImpl& network,
                             const torch::Tensor& images,
                             const std::vector<torch::Tensor>& truths,
                             const DetectorLossOptions& options,
                             std::uint64_t seed) {
  const auto rpn = network.ForwardRpn(images);
  const auto first = LossOfRpn(rpn, truths, options, seed);
  const auto second = LossOfHead(network, rpn, truths, options, seed);
  return {{"rpn_class", first.classification},
          {"rpn_box", first.box},
          {"head_class", second.classification},
          {"head_box", second.box}};
}

}  // namespace necknode::models
