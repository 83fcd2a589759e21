#include "tests/pipeline/tiny_package.h"

#include <torch/torch.h>

#include "models/classifier.h"
#include "models/faster_rcnn.h"
#include "models/safetensors.h"

namespace necknode::tests {

models::Package WriteTinyPackage(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  models::Package package;
  package.folder = folder;
  package.name = "tiny";
  package.version = "1";
  package.manufacturer = "necknode tests";
  package.warning = models::kPhantomWarning;
  package.detector.base_width = 8;
  package.detector.fpn_channels = 8;
  package.detector.head_channels = 16;
  package.detector.norm = "group";
  package.detector.post_nms_top_n = 50;
  package.detector.max_detections = 5;
  package.classifier.base_width = 8;
  package.classifier.norm = "group";
  package.classifier.roi_size = 32;
  package.preprocessing.pixel_spacing_mm = 1.0;
  package.detection_score = 0.3;
  package.intended_use.text = "Tests only.";
  package.intended_use.max_pixel_spacing_mm = 1.0;
  package.detector_weights = folder / models::kDetectorFile;
  package.classifier_weights = folder / models::kClassifierFile;
  torch::manual_seed(5);
  models::SaveModule(*models::FasterRcnn(package.detector), package.detector_weights);
  models::SaveModule(*models::MakeClassifier(package.classifier), package.classifier_weights);
  return models::WritePackage(package);
}

}  // namespace necknode::tests
