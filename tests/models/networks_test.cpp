#include "models/count_macs.h"
#include "models/faster_rcnn.h"
#include "models/resnet.h"
#include "models/safetensors.h"
#include "tests/models/expect_tensor.h"

namespace necknode::models {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using Shape = std::vector<std::int64_t>;

DetectorConfig TinyDetector() {
  DetectorConfig config;
  config.base_width = 8;
  config.fpn_channels = 16;
  config.head_channels = 32;
  config.norm = "group";
  config.post_nms_top_n = 40;
  return config;
}

TEST(FasterRcnn, HasTheParametersOfTorchvisionsModel) {
  DetectorConfig config;
  config.in_channels = 3;
  config.classes = 91;
  config.norm = "frozen";
  EXPECT_EQ(CountParameters(*FasterRcnn(config)), 41'755'286);  // fasterrcnn_resnet50_fpn, COCO
  config.norm = "batch";
  EXPECT_EQ(CountParameters(*FasterRcnn(config)), 41'755'286 + 2 * 26'560);
}

TEST(FasterRcnn, NamesItsParametersAsTorchvision) {
  DetectorConfig config = TinyDetector();
  config.norm = "batch";
  const auto state = StateOf(*FasterRcnn(config));
  for (const char* name : {"backbone.body.conv1.weight",
                           "backbone.body.bn1.running_mean",
                           "backbone.body.layer1.0.conv1.weight",
                           "backbone.body.layer1.0.downsample.0.weight",
                           "backbone.body.layer1.0.downsample.1.running_var",
                           "backbone.body.layer4.2.bn3.bias",
                           "backbone.fpn.inner_blocks.0.0.weight",
                           "backbone.fpn.layer_blocks.3.0.bias",
                           "rpn.head.conv.0.0.weight",
                           "rpn.head.cls_logits.weight",
                           "rpn.head.bbox_pred.bias",
                           "roi_heads.box_head.fc6.weight",
                           "roi_heads.box_head.fc7.bias",
                           "roi_heads.box_predictor.cls_score.weight",
                           "roi_heads.box_predictor.bbox_pred.weight"}) {
    EXPECT_TRUE(state.contains(name)) << name;
  }
  EXPECT_EQ(state.at("backbone.body.layer3.0.conv2.weight").sizes(), (Shape{32, 32, 3, 3}));
}

TEST(FasterRcnn, GivesFiveLevelsOfAnchorsAndFourOfFeatures) {
  torch::manual_seed(5);
  FasterRcnn network(TinyDetector());
  const RpnOutput rpn = network->ForwardRpn(torch::randn({2, 1, 128, 192}));
  EXPECT_EQ(rpn.features.size(), 4U);
  EXPECT_EQ(rpn.features[0].sizes(), (Shape{2, 16, 32, 48}));
  EXPECT_EQ(rpn.features[3].sizes(), (Shape{2, 16, 4, 6}));
  EXPECT_THAT(rpn.level_sizes, testing::ElementsAre(4608, 1152, 288, 72, 18));
  EXPECT_EQ(rpn.objectness.sizes(), (Shape{2, 6138}));
  EXPECT_EQ(rpn.deltas.sizes(), (Shape{2, 6138, 4}));
  EXPECT_EQ(rpn.anchors.sizes(), (Shape{6138, 4}));
  // The last level: 56 pixels at a stride of 64; its second cell.
  EXPECT_THAT(ValuesOf(rpn.anchors[6120 + 3 + 1]), testing::ElementsAre(36, -28, 92, 28));
}

TEST(FasterRcnn, ProposesBoxesInsideTheImage) {
  torch::manual_seed(5);
  FasterRcnn network(TinyDetector());
  const RpnOutput rpn = network->ForwardRpn(torch::randn({2, 1, 64, 128}));
  const auto proposals = network->Proposals(rpn);
  ASSERT_EQ(proposals.size(), 2U);
  for (const torch::Tensor& boxes : proposals) {
    EXPECT_GT(boxes.size(0), 0);
    EXPECT_LE(boxes.size(0), 40);
    EXPECT_FALSE(boxes.requires_grad());
    EXPECT_GE(boxes.min().item<double>(), 0);
    EXPECT_LE(boxes.select(1, 2).max().item<double>(), 128);
    EXPECT_LE(boxes.select(1, 3).max().item<double>(), 64);
  }
  EXPECT_EQ(network->Proposals(rpn, 7)[0].size(0), 7);
}

TEST(FasterRcnn, CarriesGradientsFromBothHeadsToTheStem) {
  torch::manual_seed(5);
  FasterRcnn network(TinyDetector());
  const RpnOutput rpn = network->ForwardRpn(torch::randn({1, 1, 64, 64}));
  const BoxHeadOutput head =
      network->ForwardBoxHead(rpn.features, {Boxes({{4, 4, 30, 40}, {8, 0, 20, 20}})});
  EXPECT_EQ(head.logits.sizes(), (Shape{2, 2}));
  EXPECT_EQ(head.deltas.sizes(), (Shape{2, 8}));
  (head.logits.sum() + head.deltas.sum() + rpn.objectness.sum() + rpn.deltas.sum()).backward();
  for (const auto& item : network->named_parameters()) {
    EXPECT_TRUE(item.value().grad().defined()) << item.key();
  }
  const torch::Tensor stem = network->named_parameters()["backbone.body.conv1.weight"].grad();
  EXPECT_GT(stem.abs().sum().item<double>(), 0);
}

TEST(FasterRcnn, PostprocessKeepsTheForegroundClassAboveTheThreshold) {
  const FasterRcnn network(TinyDetector());
  // Three proposals; logits of background and node. Zero deltas give the proposals back.
  const BoxHeadOutput head{torch::tensor({{0.F, 3.F}, {3.F, 0.F}, {0.F, 2.F}}),
                           torch::zeros({3, 8})};
  const auto found = network->Postprocess(
      head,
      {Boxes({{0, 0, 20, 20}, {40, 40, 60, 60}, {1, 0, 21, 20}}), torch::zeros({0, 4})},
      64,
      64,
      0.5);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_THAT(ValuesOf(found[0].boxes), testing::ElementsAre(0, 0, 20, 20));
  EXPECT_NEAR(found[0].scores[0].item<double>(), 1 / (1 + std::exp(-3.0)), 1e-6);
  EXPECT_THAT(ValuesOf(found[0].labels), testing::ElementsAre(1));
  EXPECT_EQ(found[1].boxes.sizes(), (Shape{0, 4}));
}

TEST(FasterRcnn, FoldingBatchNormsChangesNothing) {
  torch::manual_seed(5);
  DetectorConfig config = TinyDetector();
  config.norm = "batch";
  FasterRcnn network(config);
  const torch::Tensor images = torch::randn({2, 1, 64, 64});
  (void)network->ForwardRpn(images);  // in training mode: the running statistics move
  network->eval();
  const torch::NoGradGuard no_grad;
  const RpnOutput before = network->ForwardRpn(images);
  network->Fold();
  const RpnOutput after = network->ForwardRpn(images);
  EXPECT_LT((before.objectness - after.objectness).abs().max().item<double>(), 1e-4);
  EXPECT_LT((before.features[0] - after.features[0]).abs().max().item<double>(), 1e-4);
}

TEST(FasterRcnn, TheSeedDecidesTheInitialWeights) {
  const auto first_weight = [](std::uint64_t seed) {
    torch::manual_seed(seed);
    return FasterRcnn(TinyDetector())->parameters().front().clone();
  };
  EXPECT_TRUE(torch::equal(first_weight(1), first_weight(1)));
  EXPECT_FALSE(torch::equal(first_weight(1), first_weight(2)));
}

TEST(FasterRcnn, NamesTheImageShapeItRefuses) {
  FasterRcnn network(TinyDetector());
  EXPECT_THAT(ErrorOf([&] {
                (void)network->ForwardRpn(torch::zeros({1, 3, 64, 64}));
              }),
              HasSubstr("images have shape [1, 3, 64, 64], expected floating [N, 1, H, W]"));
  EXPECT_THAT(ErrorOf([&] {
                (void)network->ForwardRpn(torch::zeros({1, 1, 32, 64}));
              }),
              HasSubstr("at least 64"));
}

TEST(FasterRcnn, NamesTheFieldOfTheConfigItRefuses) {
  DetectorConfig config = TinyDetector();
  config.anchor_sizes = {16, 24};
  EXPECT_THAT(ErrorOf([&] { (void)FasterRcnn(config); }),
              HasSubstr("detector.anchor_sizes (their number) is 2"));
}

TEST(CoordinateAttention, GatesEachRowAndColumnOfAMap) {
  CoordinateAttention attention(16, "group");
  const torch::NoGradGuard no_grad;
  for (auto& item : attention->named_parameters()) {
    if (item.key().starts_with("conv_"))
      item.value().zero_();
  }
  // With zero gates' logits each gate is 1/2: a quarter of the input.
  const torch::Tensor x = torch::randn({2, 16, 5, 7});
  EXPECT_LT((attention(x) - x / 4).abs().max().item<double>(), 1e-6);
  auto parameters = attention->named_parameters();
  parameters["conv_h.bias"].fill_(100);
  EXPECT_LT((attention(x) - x / 2).abs().max().item<double>(), 1e-6);
}

TEST(Norm, GroupBlocksBeginAsTheIdentity) {
  ResNetOptions options;
  options.norm = "group";
  Bottleneck block(64, 16, 1, options);
  const torch::Tensor x = torch::randn({1, 64, 8, 8});
  EXPECT_LT((block(x) - torch::relu(x)).abs().max().item<double>(), 1e-6);
}

TEST(Norm, FrozenHasNothingToTrain) {
  Norm norm("frozen", 4);
  EXPECT_THAT(norm->parameters(), IsEmpty());
  const torch::Tensor x = torch::randn({2, 4, 3, 3});
  EXPECT_LT((norm(x) - x).abs().max().item<double>(), 1e-4);
  EXPECT_THAT(ErrorOf([] { (void)Norm("layer", 4); }), HasSubstr("norm is 'layer'"));
}

}  // namespace
}  // namespace necknode::models
