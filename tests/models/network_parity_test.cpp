#include <algorithm>

#include "models/faster_rcnn.h"
#include "models/faster_rcnn_losses.h"
#include "models/resnet_stride.h"
#include "models/roi_align.h"
#include "tests/models/detector_oracle.h"

namespace necknode::models {
namespace {

constexpr double kNetworkTolerance = 1e-4;
constexpr std::int64_t kHeight = 96, kWidth = 160;

torch::Tensor NetworkOracle(const std::string& name) { return DetectorOracle::Get().Network(name); }

/// The oracle's network: torchvision's fasterrcnn_resnet50_fpn at full width with three classes.
FasterRcnn MakeNetwork() {
  DetectorConfig config;
  config.architecture = "fasterrcnn_resnet50_fpn_roialign";
  config.in_channels = 3;
  config.classes = 3;
  config.anchor_sizes = {32, 64, 128, 256, 512};
  config.pre_nms_top_n = 30;
  config.post_nms_top_n = 70;
  config.max_detections = 25;
  FasterRcnn network(config);
  LoadModule(*network, DetectorOracle::Get().weights());
  network->eval();
  return network;
}

/// Made once: forty million weights.
FasterRcnn& Network() {
  static FasterRcnn network = MakeNetwork();
  return network;
}

void ExpectDetections(const std::vector<ImageDetections>& found, const std::string& stage) {
  ASSERT_EQ(found.size(), 2U);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const std::string image = std::string("/").append(std::to_string(i));
    EXPECT_EQ(ValuesOf(found[i].labels), ValuesOf(NetworkOracle(stage + "/labels" + image)));
    ExpectNear(found[i].boxes,
               NetworkOracle(stage + "/boxes" + image),
               kNetworkTolerance,
               stage + "/boxes");
    ExpectNear(found[i].scores,
               NetworkOracle(stage + "/scores" + image),
               kNetworkTolerance,
               stage + "/scores");
  }
}

TEST(FasterRcnnParity, FeaturesScoresAndOffsetsInSingle) {
  const torch::NoGradGuard no_grad;
  const RpnOutput rpn = Network()->ForwardRpn(NetworkOracle("images"));
  for (std::size_t i = 0; i < rpn.features.size(); ++i) {
    const std::string name = "stage/features/" + std::to_string(i);
    ExpectNear(rpn.features[i], NetworkOracle(name), kNetworkTolerance, name);
  }
  ExpectNear(rpn.objectness, NetworkOracle("stage/objectness"), kNetworkTolerance, "objectness");
  ExpectNear(rpn.deltas, NetworkOracle("stage/deltas"), kNetworkTolerance, "deltas");
}

TEST(FasterRcnnParity, ProposalsOfTheSameScoresAndOffsets) {
  RpnOutput rpn = Network()->ForwardRpn(NetworkOracle("images"));
  rpn.objectness = NetworkOracle("stage/objectness");
  rpn.deltas = NetworkOracle("stage/deltas");
  const auto proposals = Network()->Proposals(rpn);
  for (int i = 0; i < 2; ++i) {
    ExpectNear(proposals[static_cast<std::size_t>(i)],
               NetworkOracle("stage/proposals/" + std::to_string(i)),
               kNetworkTolerance,
               "proposals");
  }
}

TEST(FasterRcnnParity, RoiFeaturesHeadAndDetectionsOfTheSameProposals) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> levels;
  for (const char* level : {"0", "1", "2", "3"})
    levels.push_back(NetworkOracle(std::string("stage/features/") + level));
  const std::vector<torch::Tensor> proposals = {NetworkOracle("stage/proposals/0"),
                                                NetworkOracle("stage/proposals/1")};
  const auto rois = [&](std::size_t i) {
    return torch::cat(
        {torch::full({proposals[i].size(0), 1}, static_cast<double>(i)), proposals[i]}, 1);
  };
  ExpectNear(MultiScaleRoiAlign(levels, torch::cat({rois(0), rois(1)}), {4, 8, 16, 32}, 7, 2),
             NetworkOracle("stage/pooled"),
             kNetworkTolerance,
             "RoI features");
  const BoxHeadOutput head = Network()->ForwardBoxHead(levels, proposals);
  ExpectNear(head.logits, NetworkOracle("stage/logits"), kNetworkTolerance, "logits");
  ExpectNear(head.deltas, NetworkOracle("stage/regression"), kNetworkTolerance, "regression");
  const BoxHeadOutput same{NetworkOracle("stage/logits"), NetworkOracle("stage/regression")};
  ExpectDetections(Network()->Postprocess(same, proposals, kHeight, kWidth, 0.1), "stage");
  const auto threshold = NetworkOracle("strict/threshold").item<double>();
  const auto strict = Network()->Postprocess(same, proposals, kHeight, kWidth, threshold);
  EXPECT_LT(strict[0].scores.size(0), 25) << "the threshold decides, not the limit";
  ExpectDetections(strict, "strict");
}

TEST(FasterRcnnParity, BodiesOfTheSingleLevelAndOfSsd) {
  const torch::NoGradGuard no_grad;
  const SafetensorsFile file(DetectorOracle::Get().weights());
  struct Case {
    const char* name;
    int stage;
    bool dilate;
    std::array<int, 4> blocks;
  };
  for (const Case& c :
       {Case{"body/dilated", 4, true, {3, 4, 6, 3}}, Case{"body/fine", 3, false, {3, 4, 6, 0}}}) {
    ResNetOptions options;
    options.blocks = c.blocks;
    ResNetBody body(options);
    KeepResolution(*body, c.stage, c.dilate);
    for (auto& [name, tensor] : StateOf(*body))
      tensor.copy_(file.Tensor("backbone.body." + name));
    body->eval();
    ExpectNear(
        body(NetworkOracle("images")).back(), NetworkOracle(c.name), kNetworkTolerance, c.name);
  }
}

TEST(FasterRcnnParity, WholeInDouble) {
  Network()->to(torch::kDouble);
  ExpectDetections(Network()->Predict(NetworkOracle("images").to(torch::kDouble), 0.1), "whole");
  Network()->to(torch::kFloat32);
}

TEST(FasterRcnnParity, LossesAndTheirGradientsInDouble) {
  Network()->to(torch::kDouble);
  Network()->train();
  DetectorLossOptions options;  // every candidate counts
  options.rpn_samples = options.head_samples = 1'000'000;
  options.head_beta = 1.0 / 9;
  const NamedLosses losses = FasterRcnnLosses(*Network(),
                                              NetworkOracle("images").to(torch::kDouble),
                                              {NetworkOracle("loss/truth/0").to(torch::kDouble),
                                               NetworkOracle("loss/truth/1").to(torch::kDouble)},
                                              options,
                                              1);
  const std::map<std::string, std::string> names = {{"rpn_class", "loss_objectness"},
                                                    {"rpn_box", "loss_rpn_box_reg"},
                                                    {"head_class", "loss_classifier"},
                                                    {"head_box", "loss_box_reg"}};
  torch::Tensor sum = torch::zeros({}, torch::kDouble);
  for (const auto& [name, loss] : losses) {
    ExpectNear(loss, NetworkOracle("loss/" + names.at(name)), 1e-6, name);
    sum = sum + loss;
  }
  sum.backward();
  int compared = 0;
  for (const char* name : {"backbone.body.conv1.weight",
                           "backbone.body.layer2.3.bn2.weight",
                           "backbone.body.layer4.0.downsample.1.bias",
                           "backbone.fpn.inner_blocks.0.0.bias",
                           "rpn.head.conv.0.0.bias",
                           "rpn.head.cls_logits.weight",
                           "rpn.head.bbox_pred.weight",
                           "roi_heads.box_head.fc7.bias",
                           "roi_heads.box_predictor.cls_score.weight",
                           "roi_heads.box_predictor.bbox_pred.weight"}) {
    const torch::Tensor wanted = NetworkOracle(std::string("gradient/") + name);
    const double largest = wanted.abs().max().item<double>();
    EXPECT_GT(largest, 0) << name;
    ExpectNear(Network()->named_parameters()[name].grad(), wanted, 1e-5 * largest, name);
    ++compared;
  }
  EXPECT_EQ(compared, 10);
  Network()->to(torch::kFloat32);
  Network()->eval();
}

}  // namespace
}  // namespace necknode::models
