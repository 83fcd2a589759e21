#include "models/detector_architectures.h"

#include <map>

#include "tests/models/expect_tensor.h"

namespace necknode::models {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(DetectorArchitectures, AreTheSevenOfThePaperWithItsFigures) {
  std::map<std::string, double> ap50;
  for (const DetectorArchitecture& architecture : DetectorArchitectures())
    ap50[std::to_string(architecture.paper_table) + " " + architecture.name] =
        architecture.paper_ap50;
  EXPECT_THAT(ap50,
              ElementsAre(testing::Pair("2 fasterrcnn_resnet50", 72.0),
                          testing::Pair("2 fasterrcnn_resnet50_fpn", 80.3),
                          testing::Pair("2 fasterrcnn_resnet50_fpn_roialign", 77.6),
                          testing::Pair("2 fasterrcnn_resnet50_fpn_roipool", 74.5),
                          testing::Pair("3 fasterrcnn_published", 77.9),
                          testing::Pair("3 ssd_resnet50", 72.5),
                          testing::Pair("3 yolov3_darknet53", 76.2)));
}

TEST(DetectorArchitectures, HaveConfigsThatHoldAtFullWidth) {
  for (const DetectorArchitecture& architecture : DetectorArchitectures()) {
    EXPECT_EQ(architecture.published.architecture, architecture.name);
    EXPECT_EQ(architecture.published.base_width, 64);
    EXPECT_EQ(ErrorOf([&] { CheckConfig(architecture.published); }), "") << architecture.name;
  }
}

TEST(DetectorArchitectures, DifferByOneThingFromRowToRowOfTable2) {
  const DetectorArchitecture pooled = FindDetector("fasterrcnn_resnet50_fpn_roipool");
  const DetectorArchitecture aligned = FindDetector("fasterrcnn_resnet50_fpn_roialign");
  const DetectorArchitecture designed = FindDetector("fasterrcnn_resnet50_fpn");
  EXPECT_EQ(FindDetector("fasterrcnn_resnet50").published.anchor_sizes,
            pooled.published.anchor_sizes);
  EXPECT_FALSE(pooled.roi_align);
  EXPECT_TRUE(aligned.roi_align);
  EXPECT_EQ(aligned.published.anchor_sizes, (std::vector<double>{32, 64, 128, 256, 512}));
  EXPECT_EQ(designed.published.anchor_sizes, (std::vector<double>{16, 24, 36, 40, 56}));
  EXPECT_EQ(aligned.published.post_nms_top_n, designed.published.post_nms_top_n);
}

TEST(DetectorArchitectures, NameThoseThatThereAre) {
  EXPECT_THAT(ErrorOf([] { (void)FindDetector("yolo"); }),
              HasSubstr("detector.architecture is 'yolo', expected one of fasterrcnn_resnet50, "));
  EXPECT_EQ(DetectorNames().size(), 7U);
}

}  // namespace
}  // namespace necknode::models
