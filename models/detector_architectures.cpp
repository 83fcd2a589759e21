#include "models/detector_architectures.h"

#include "core/error.h"

namespace necknode::models {
namespace {

/// FPN's own anchors (Lin et al. 2017, section 4.1), which torchvision took over.
const std::vector<double> kUsualSizes = {32, 64, 128, 256, 512};
/// The paper's images are 512 x 512; torchvision enlarges them until the shorter side has 800.
constexpr double kTorchvisionScale = 800.0 / 512.0;

DetectorConfig Named(const char* name, const std::vector<double>& anchor_sizes) {
  DetectorConfig config;
  config.architecture = name;
  config.anchor_sizes = anchor_sizes;
  return config;
}

/// torchvision's fasterrcnn_resnet50_fpn with its defaults at test time.
DetectorConfig PublishedFasterRcnn(const char* name) {
  DetectorConfig config = Named(name, kUsualSizes);
  config.post_nms_top_n = 1000;
  config.max_detections = 100;
  config.image_scale = kTorchvisionScale;
  return config;
}

/// SSD300's scales (0.07 to 0.87 of the image's side) at 512 pixels.
DetectorConfig PublishedSsd(const char* name) {
  DetectorConfig config = Named(name, {35.84, 76.8, 168.96, 261.12, 353.28, 445.44});
  config.anchor_ratios = {1.0 / 3, 0.5, 1, 2, 3};
  config.pre_nms_top_n = 400;
  config.box_nms = 0.45;
  config.max_detections = 200;
  return config;
}

/// The geometric mean of each level's three published priors (Redmon and Farhadi 2018, 2.3).
DetectorConfig PublishedYoloV3(const char* name) {
  DetectorConfig config = Named(name, {19, 57, 184});
  config.box_nms = 0.45;
  config.max_detections = 100;
  return config;
}

std::vector<DetectorArchitecture> MakeTable() {
  using Family = DetectorFamily;
  const auto rcnn = [](const char* title,
                       int table,
                       double ap50,
                       bool pyramid,
                       bool roi_align,
                       const DetectorConfig& published) {
    DetectorArchitecture row{published.architecture,
                             title,
                             table,
                             ap50,
                             Family::kFasterRcnn,
                             pyramid,
                             roi_align,
                             5,
                             5,
                             published};
    if (!pyramid) {
      row.min_sizes = 1;
      row.max_sizes = 8;
    }
    return row;
  };
  DetectorConfig single = Named("fasterrcnn_resnet50", kUsualSizes);
  single.fpn_channels = 512;  // of the proposal network's 3x3 (Ren et al. 2015, 3.1)
  return {
      rcnn("ResNet50", 2, 72.0, false, false, single),
      rcnn("ResNet50 + FPN",
           2,
           74.5,
           true,
           false,
           Named("fasterrcnn_resnet50_fpn_roipool", kUsualSizes)),
      rcnn("ResNet50 + FPN + RoI Align",
           2,
           77.6,
           true,
           true,
           Named("fasterrcnn_resnet50_fpn_roialign", kUsualSizes)),
      rcnn("ResNet50 + FPN + RoI Align + designed anchors", 2, 80.3, true, true, DetectorConfig{}),
      rcnn("Faster R-CNN (ResNet50)",
           3,
           77.9,
           true,
           true,
           PublishedFasterRcnn("fasterrcnn_published")),
      {"ssd_resnet50",
       "SSD (ResNet50)",
       3,
       72.5,
       Family::kSsd,
       false,
       false,
       1,
       6,
       PublishedSsd("ssd_resnet50")},
      {"yolov3_darknet53",
       "YOLOv3 (DarkNet53)",
       3,
       76.2,
       Family::kYoloV3,
       false,
       false,
       3,
       3,
       PublishedYoloV3("yolov3_darknet53")},
  };
}

}  // namespace

const std::vector<DetectorArchitecture>& DetectorArchitectures() {
  static const std::vector<DetectorArchitecture> table = MakeTable();
  return table;
}

const DetectorArchitecture& FindDetector(const std::string& name) {
  for (const DetectorArchitecture& architecture : DetectorArchitectures()) {
    if (architecture.name == name)
      return architecture;
  }
  std::string names;
  for (const std::string& known : DetectorNames())
    names += (names.empty() ? "" : ", ") + known;
  throw Error(ErrorCode::kModel,
              "detector.architecture is '" + name + "', expected one of " + names);
}

std::vector<std::string> DetectorNames() {
  std::vector<std::string> names;
  for (const DetectorArchitecture& architecture : DetectorArchitectures())
    names.push_back(architecture.name);
  return names;
}

}  // namespace necknode::models
