#include "models/anchors.h"
#include "models/box_ops.h"
#include "models/nms.h"
#include "models/roi_align.h"
#include "models/roi_pool.h"
#include "models/ssd.h"
#include "models/ssd_losses.h"
#include "tests/models/detector_oracle.h"

namespace necknode::models {
namespace {

constexpr double kTolerance = 1e-5;

torch::Tensor Oracle(const std::string& name) { return DetectorOracle::Get().Operator(name); }

struct PoolingCase {
  const char* scale;
  int size, sampling;
};
const std::vector<PoolingCase> kPoolingCases = {
    {"0.25", 7, 2}, {"1.0", 3, 2}, {"0.5", 1, 1}, {"0.125", 2, 3}};

using Pooling = std::function<torch::Tensor(
    const torch::Tensor&, const torch::Tensor&, double scale, int size, int sampling)>;

/// Values and gradient of a pooling on every kind of RoI.
void ExpectPooling(const std::string& name, const Pooling& pool) {
  const torch::Tensor rois = Oracle("pool/rois").to(torch::kDouble);
  for (const PoolingCase& c : kPoolingCases) {
    const std::string key = "pool/" + name + "/" + c.scale + "/" + std::to_string(c.size) + "/" +
                            std::to_string(c.sampling) + "/";
    torch::Tensor features = Oracle("pool/features").to(torch::kDouble).requires_grad_();
    const torch::Tensor out = pool(features, rois, std::stod(c.scale), c.size, c.sampling);
    ExpectNear(out, Oracle(key + "out"), kTolerance, key + "out");
    (out * Oracle(key + "weight")).sum().backward();
    ExpectNear(features.grad(), Oracle(key + "grad"), kTolerance, key + "grad");
  }
}

TEST(OperatorParity, RoiAlign) {
  ExpectPooling("align",
                [](const auto& features, const auto& rois, double scale, int size, int sampling) {
                  return RoiAlign(features, rois, scale, size, sampling);
                });
}

TEST(OperatorParity, RoiPool) {
  ExpectPooling("max",
                [](const auto& features, const auto& rois, double scale, int size, int /*none*/) {
                  return RoiPool(features, rois, scale, size);
                });
}

TEST(OperatorParity, RoiAlignOverLevels) {
  std::vector<torch::Tensor> levels;
  for (const char* level : {"0", "1", "2", "3"})
    levels.push_back(Oracle(std::string("levels/features/") + level));
  const torch::Tensor boxes = Oracle("levels/boxes");
  const auto of_image = [](const torch::Tensor& b, double image) {
    return torch::cat({torch::full({b.size(0), 1}, image), b}, 1);
  };
  const torch::Tensor rois = torch::cat({of_image(boxes, 0), of_image(boxes.slice(0, 0, 4), 1)});
  ExpectNear(MultiScaleRoiAlign(levels, rois, {4, 8, 16, 32}, 7, 2),
             Oracle("levels/out"),
             kTolerance,
             "levels");
}

TEST(OperatorParity, Nms) {
  const torch::Tensor boxes = Oracle("nms/boxes"), scores = Oracle("nms/scores");
  const torch::Tensor groups = Oracle("nms/groups");
  for (const auto& [key, threshold] : std::vector<std::pair<std::string, double>>{
           {"0.300", 0.3}, {"0.333", 1.0 / 3}, {"0.500", 0.5}, {"0.700", 0.7}}) {
    EXPECT_EQ(ValuesOf(Nms(boxes, scores, threshold)), ValuesOf(Oracle("nms/kept/" + key))) << key;
    EXPECT_EQ(ValuesOf(Nms(boxes, scores, threshold, groups)),
              ValuesOf(Oracle("nms/grouped/" + key)))
        << key;
  }
  const auto first = [](const torch::Tensor& all) { return all.slice(0, 0, 90); };
  EXPECT_EQ(ValuesOf(Nms(first(boxes), first(scores), 0.5, first(groups))),
            ValuesOf(Oracle("nms/trick")));
  EXPECT_EQ(Nms(torch::zeros({0, 4}), torch::zeros({0}), 0.5).sizes(), Oracle("nms/empty").sizes());
}

TEST(OperatorParity, BoxCoder) {
  const torch::Tensor anchors = Oracle("coder/anchors"), deltas = Oracle("coder/deltas");
  for (const auto& [name, weights] : std::vector<std::pair<std::string, std::array<double, 4>>>{
           {"box", {10, 10, 5, 5}}, {"rpn", {1, 1, 1, 1}}}) {
    const std::string key = "coder/" + name + "/";
    ExpectNear(EncodeBoxes(Oracle("coder/truths"), anchors, weights),
               Oracle(key + "encoded"),
               1e-3,  // up to 1e4 where the anchor has hardly any area
               key + "encoded");
    const torch::Tensor decoded = DecodeBoxes(deltas, anchors, weights);
    ExpectNear(decoded, Oracle(key + "decoded"), 1e-3, key + "decoded");
    ExpectNear(ClipBoxes(decoded.reshape({-1, 4}), 47, 61),
               Oracle(key + "clipped"),
               kTolerance,
               key + "clipped");
  }
  EXPECT_EQ(DecodeBoxes(torch::zeros({0, 8}), torch::zeros({0, 4}), {10, 10, 5, 5}).sizes(),
            Oracle("coder/empty").sizes());
  ExpectNear(BoxIou(anchors.slice(0, 3), Oracle("coder/truths").slice(0, 4)),
             Oracle("coder/iou"),
             kTolerance,
             "iou");
  EXPECT_EQ(ValuesOf(IndicesOfLargeBoxes(Oracle("coder/sides"), 1e-2)),
            ValuesOf(Oracle("coder/large")));
}

TEST(OperatorParity, Anchors) {
  const std::vector<double> ratios = {0.5, 1, 2};
  struct Level {
    std::vector<double> sizes;
    std::int64_t rows, columns;
  };
  struct Grid {
    const char* name;
    std::int64_t height, width;
    std::vector<Level> levels;
  };
  const std::vector<Grid> grids = {
      {"usual",
       96,
       160,
       {{{32}, 24, 40}, {{64}, 12, 20}, {{128}, 6, 10}, {{256}, 3, 5}, {{512}, 2, 3}}},
      {"designed",
       64,
       128,
       {{{16}, 16, 32}, {{24}, 8, 16}, {{36}, 4, 8}, {{40}, 2, 4}, {{56}, 1, 2}}},
      {"halves", 96, 160, {{{3, 5, 7, 9, 10.5}, 5, 6}}},
      {"single", 96, 160, {{{16, 24, 36, 40, 56}, 6, 10}}}};
  for (const Grid& grid : grids) {
    std::vector<torch::Tensor> anchors;
    for (const Level& level : grid.levels) {
      anchors.push_back(GridAnchors(CellAnchors(level.sizes, ratios),
                                    level.rows,
                                    level.columns,
                                    grid.height / level.rows,
                                    grid.width / level.columns));
    }
    ExpectNear(torch::cat(anchors), Oracle(std::string("anchors/") + grid.name), 0, grid.name);
  }
  const torch::Tensor defaults =
      torch::cat({DefaultBoxes(16, {1, 0.5, 2}, 8, 8, 8), DefaultBoxes(32, {1, 0.5, 2}, 4, 4, 16)});
  ExpectNear(defaults, Oracle("anchors/ssd"), 1e-5, "ssd");
}

TEST(OperatorParity, SsdLossAndItsGradients) {
  torch::Tensor logits = Oracle("ssd/logits").to(torch::kDouble).requires_grad_();
  torch::Tensor deltas = Oracle("ssd/deltas").to(torch::kDouble).requires_grad_();
  const torch::Tensor anchors = Oracle("ssd/anchors").to(torch::kDouble);
  const std::vector<torch::Tensor> truths = {Oracle("ssd/truth/0").to(torch::kDouble),
                                             Oracle("ssd/truth/1").to(torch::kDouble),
                                             torch::zeros({0, 4}, torch::kDouble)};
  std::vector<torch::Tensor> matches;
  for (const torch::Tensor& truth : truths)
    matches.push_back(MatchDefaultBoxes(anchors, truth));
  EXPECT_EQ(ValuesOf(torch::stack(matches)), ValuesOf(Oracle("ssd/matches")));
  const DetectionLoss loss = SsdLoss({logits, deltas, anchors}, truths);
  ExpectNear(loss.classification, Oracle("ssd/class"), kTolerance, "class");
  ExpectNear(loss.box, Oracle("ssd/box"), kTolerance, "box");
  (loss.classification + 2 * loss.box).backward();
  ExpectNear(logits.grad(), Oracle("ssd/logits_grad"), 1e-7, "gradient of logits");
  ExpectNear(deltas.grad(), Oracle("ssd/deltas_grad"), 1e-7, "gradient of deltas");
}

TEST(OperatorParity, SsdPostprocessing) {
  DetectorConfig config;
  config.architecture = "ssd_resnet50";
  config.base_width = 4;
  config.pre_nms_top_n = 60;
  config.box_nms = 0.45;
  config.max_detections = 15;
  const Ssd network(config);
  const auto found = network->Postprocess({Oracle("ssd/logits").to(torch::kDouble),
                                           Oracle("ssd/deltas").to(torch::kDouble),
                                           Oracle("ssd/anchors").to(torch::kDouble)},
                                          90,
                                          100,
                                          0.3);
  ExpectNear(found[0].boxes, Oracle("ssd/boxes"), 1e-4, "boxes");
  ExpectNear(found[0].scores, Oracle("ssd/scores"), kTolerance, "scores");
}

}  // namespace
}  // namespace necknode::models
