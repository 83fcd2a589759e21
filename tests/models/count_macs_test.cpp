#include "models/count_macs.h"

#include "models/architectures.h"
#include "models/classifier.h"
#include "models/classifier_registry.h"
#include "tests/models/expect_tensor.h"

namespace necknode::models {
namespace {

std::int64_t MacsOf(const std::function<void()>& run) {
  const torch::NoGradGuard no_grad;
  return CountMacs(run);
}

TEST(CountMacs, CountsLayersWithKnownNumbers) {
  const auto x = torch::zeros({2, 8, 10, 12});
  EXPECT_EQ(MacsOf([&] {
              (void)torch::conv2d(x, torch::zeros({16, 8, 3, 3}), {}, 1, 1);
            }),
            2LL * 16 * 10 * 12 * 8 * 9);
  EXPECT_EQ(MacsOf([&] {
              (void)torch::conv2d(x, torch::zeros({16, 8, 3, 3}), {}, 2, 1);
            }),
            2LL * 16 * 5 * 6 * 8 * 9);
  EXPECT_EQ(MacsOf([&] {
              (void)torch::conv2d(x, torch::zeros({8, 1, 5, 5}), {}, 1, 2, 1, 8);
            }),
            2LL * 8 * 10 * 12 * 25);
  EXPECT_EQ(MacsOf([&] {
              (void)torch::conv_transpose2d(x, torch::zeros({8, 3, 2, 2}), {}, 2);
            }),
            2LL * 8 * 10 * 12 * 3 * 4);
  const auto rows = torch::zeros({5, 7});
  EXPECT_EQ(MacsOf([&] { (void)torch::nn::Linear(7, 3)(rows); }), 5 * 7 * 3);
  EXPECT_EQ(MacsOf([&] { (void)rows.matmul(torch::zeros({7, 4})); }), 5 * 7 * 4);
  EXPECT_EQ(MacsOf([&] {
              (void)torch::bmm(torch::zeros({2, 3, 4}), torch::zeros({2, 4, 5}));
            }),
            2 * 3 * 4 * 5);
  EXPECT_EQ(MacsOf([&] { (void)torch::relu(x + 1).mean(); }), 0);
}

TEST(CountMacs, CountsNothingOutsideAndStartsAnewAfterAnError) {
  const auto square = torch::zeros({4, 4});
  EXPECT_THROW((void)MacsOf([&] { (void)square.mm(torch::zeros({3, 3})); }), c10::Error);
  (void)square.mm(square);
  EXPECT_EQ(MacsOf([&] { (void)square.mm(square); }), 64);
}

struct Published {
  const char* architecture;
  std::int64_t parameters;
  double gmacs;
};

TEST(CountMacs, FindsThePublishedNumbersOfTheNetworks) {
  // torchvision's table of its classification weights: 1000 outputs, 3 channels of 224 x 224.
  for (const auto& [name, parameters, gmacs] : {Published{"resnet50", 25'557'032, 4.09},
                                                Published{"resnet50_w", 68'883'240, 11.40},
                                                Published{"resnet34", 21'797'672, 3.66},
                                                Published{"resnext50", 25'028'904, 4.23},
                                                Published{"mobilenet_v2", 3'504'872, 0.30},
                                                Published{"shufflenet_v2", 2'278'604, 0.145},
                                                Published{"densenet121", 7'978'856, 2.83},
                                                Published{"efficientnet_b0", 5'288'548, 0.39},
                                                Published{"regnet_y_400mf", 4'344'144, 0.40}}) {
    ClassifierConfig config;
    SetArchitecture(config, name);
    config.in_channels = 3;
    const auto network = MakeClassifier(config, 1000);
    network->eval();
    EXPECT_EQ(CountParameters(*network), parameters) << name;
    const auto roi = torch::zeros({1, 3, 224, 224});
    EXPECT_NEAR(
        static_cast<double>(MacsOf([&] { (void)network->forward(roi); })) / 1e9, gmacs, 0.006)
        << name;
  }
}

TEST(Architectures, AreThePapersSystemsWithWhatTheyCost) {
  std::map<std::string, Architecture> classifiers;
  for (const Architecture& architecture : Architectures()) {
    EXPECT_FALSE(architecture.title.empty() || architecture.description.empty() ||
                 architecture.place.empty() || architecture.figures.empty())
        << architecture.name;
    if (architecture.kind == ArchitectureKind::kClassifier) {
      EXPECT_TRUE(classifiers.emplace(architecture.name, architecture).second) << "twice";
    }
  }
  EXPECT_EQ(classifiers.size(), 11U);
  const Architecture& own = classifiers.at(kClassifierArchitecture);
  const NetworkCost cost = own.measure_cost(own.name, 8);
  EXPECT_THAT(cost.input, testing::ElementsAre(3, 224, 224));
  ClassifierConfig config;
  config.in_channels = 3;
  config.base_width = 8;
  EXPECT_EQ(cost.parameters, CountParameters(*MakeClassifier(config)));
  EXPECT_GT(cost.macs, 100'000'000);
  EXPECT_STREQ(ToString(own.kind), "classifier");
}

}  // namespace
}  // namespace necknode::models
