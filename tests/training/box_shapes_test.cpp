#include "training/box_shapes.h"

#include <cmath>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/training/tiny_studies.h"
#include "training/phantom_studies.h"

namespace necknode::training {
namespace {

/// One hand-made study.
class OneStudy : public LabelledStudies {
 public:
  [[nodiscard]] std::size_t Count() const override { return 1; }
  [[nodiscard]] std::shared_ptr<const LabelledStudy> Get(std::size_t) override {
    return AsLabelledStudy(std::make_shared<const phantom::Phantom>(tests::TinyPhantom(1)));
  }
  [[nodiscard]] std::string PatientOf(std::size_t) const override { return "1"; }
  [[nodiscard]] std::size_t SlicesOf(std::size_t) const override { return tests::kTinySlices; }
  [[nodiscard]] std::string Description() const override { return "one"; }
};

TEST(ShapesOf, MeasuresInPixelsMillimetresAndShareOfTheImage) {
  OneStudy studies;
  const auto shapes = ShapesOf(studies, nullptr);
  ASSERT_EQ(shapes.size(), 5U);
  const BoxShape& benign = shapes[0];
  EXPECT_FALSE(benign.malignant);
  EXPECT_DOUBLE_EQ(benign.width_px, 6);
  EXPECT_DOUBLE_EQ(benign.height_mm, 4);
  EXPECT_DOUBLE_EQ(benign.Aspect(), 1.5);
  EXPECT_DOUBLE_EQ(benign.image_percent, 100.0 * 24 / (32 * 24));
}

TEST(QuantileOf, IsLinearBetweenNeighbours) {
  EXPECT_DOUBLE_EQ(QuantileOf({4, 1, 3, 2}, 0), 1);
  EXPECT_DOUBLE_EQ(QuantileOf({4, 1, 3, 2}, 1), 4);
  EXPECT_DOUBLE_EQ(QuantileOf({4, 1, 3, 2}, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(QuantileOf({7}, 0.3), 7);
  EXPECT_TRUE(std::isnan(QuantileOf({}, 0.5)));
}

TEST(ShapesAsJson, HasPercentilesByClass) {
  OneStudy studies;
  const auto shapes = ShapesOf(studies, nullptr);
  const auto json = ShapesAsJson(shapes);
  EXPECT_EQ(json["all"]["boxes"], 5);
  EXPECT_EQ(json["benign"]["boxes"], 2);
  EXPECT_EQ(json["metastatic"]["width_mm"]["p50"], 6);
  EXPECT_EQ(json["metastatic"]["aspect_width_to_height"]["p5"], 0.75);
  const auto text = ShapesAsText(shapes);
  EXPECT_NE(text.find("metastatic: 3 boxes"), std::string::npos);
  EXPECT_NE(ShapesAsText({shapes[0]}).find("metastatic: 0 boxes"), std::string::npos);
}

}  // namespace
}  // namespace necknode::training
