#include "tests/models/tiny_package.h"

#include <torch/torch.h>

#include "models/classifier.h"
#include "models/faster_rcnn.h"
#include "models/safetensors.h"

namespace necknode::models {

Package WriteTinyPackage(const std::filesystem::path& folder, std::uint64_t seed) {
  Package package;
  package.folder = folder / "tiny" / "1";
  std::filesystem::create_directories(package.folder);
  package.name = "tiny";
  package.version = "1";
  package.manufacturer = "necknode tests";
  package.warning = kPhantomWarning;
  package.detector.in_channels = 3;
  package.detector.base_width = 8;
  package.detector.fpn_channels = 16;
  package.detector.head_channels = 32;
  package.detector.norm = "batch";
  package.detector.post_nms_top_n = 30;
  package.detector.max_detections = 10;
  package.classifier.base_width = 8;
  package.classifier.norm = "batch";
  package.classifier.roi_size = 64;
  package.detection_score = 0.3;
  package.temperature = 2;
  package.intended_use.text = "Tests of this program.";
  package.figures_json = R"({"ap50":0.5})";
  package.training_json = R"({"steps":0})";
  torch::manual_seed(seed);
  SaveModule(*FasterRcnn(package.detector), package.folder / kDetectorFile);
  SaveModule(
      *MakeClassifier(package.classifier), package.folder / kClassifierFile, torch::kFloat16);
  return WritePackage(package);
}

}  // namespace necknode::models
