#include "models/inference.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <torch/nn.h>

#include "core/error.h"
#include "models/classifier.h"
#include "models/compute.h"
#include "models/detector.h"
#include "models/preprocess.h"
#include "models/safetensors.h"

namespace necknode::models {
namespace {

/// RoIs that go through the classifier at once: bounds the memory on slices with many candidates.
constexpr std::size_t kRoiBatch = 16;
constexpr std::int64_t kWarmUpSide = 256;

/// Frozen for inference: weights laid out as convolutions read them fastest.
void Freeze(torch::nn::Module& module, const torch::Device& device) {
  module.eval();
  module.to(device);
  for (torch::Tensor& parameter : module.parameters()) {
    parameter.set_requires_grad(false);
    if (parameter.dim() == 4) {
      parameter.set_data(parameter.contiguous(at::MemoryFormat::ChannelsLast));
    }
  }
}

torch::Tensor ToDevice(const torch::Tensor& images, const torch::Device& device) {
  return images.to(device).contiguous(at::MemoryFormat::ChannelsLast);
}

Box BoxOf(const float* corners) { return {corners[0], corners[1], corners[2], corners[3]}; }

Box Clipped(const Box& box, const VolumeGrid& grid) {
  const double columns = grid.columns, rows = grid.rows;
  return {std::clamp(box.x0, 0.0, columns),
          std::clamp(box.y0, 0.0, rows),
          std::clamp(box.x1, 0.0, columns),
          std::clamp(box.y1, 0.0, rows)};
}

}  // namespace

struct Inference::State {
  State(const Package& loaded, const std::string& device_name)
      : package(loaded),
        device(SelectDevice(device_name)),
        name(DeviceText(device)),
        detector(MakeDetector(loaded.detector)),
        classifier(MakeClassifier(loaded.classifier)) {
    const torch::NoGradGuard no_grad;
    LoadModule(*detector, package.detector_weights);
    LoadModule(*classifier, package.classifier_weights);
    // Folding last: what it makes would not follow its module to the device.
    Freeze(*detector, device);
    Freeze(*classifier, device);
    detector->Fold();
    classifier->Fold();
    WarmUp();
  }

  /// The first run allocates and chooses kernels: seconds on a GPU that no study should wait for.
  void WarmUp() {
    const torch::InferenceMode inference;
    const auto zeros = [&](int channels, std::int64_t side) {
      return ToDevice(torch::zeros({1, channels, side, side}), device);
    };
    (void)detector->Predict(zeros(package.detector.in_channels, kWarmUpSide),
                            package.detection_score);
    (void)classifier->MalignantLogit(
        zeros(package.classifier.in_channels, package.classifier.roi_size));
  }

  std::vector<Detection> Detect(const Volume& volume, int z) {
    const Box region = BodyRegion(volume, z);
    if (region.Area() <= 0)
      return {};
    const SliceImage cut =
        CutSlice(volume, z, package.detector.in_channels, package.preprocessing, region);
    const auto found =
        detector->Predict(ToDevice(cut.image.unsqueeze(0), device), package.detection_score)
            .front();
    const torch::Tensor boxes = found.boxes.to(torch::kCPU, torch::kFloat32).contiguous();
    const torch::Tensor scores = found.scores.to(torch::kCPU, torch::kFloat32).contiguous();
    std::vector<Detection> detections;
    for (std::int64_t i = 0; i < scores.size(0); ++i) {
      Detection detection;
      detection.slice = z;
      // The image may reach beyond the slice, where it was filled with air.
      detection.box =
          Clipped(cut.placement.ToSlice(BoxOf(boxes.data_ptr<float>() + 4 * i)), volume.grid());
      detection.score = scores.data_ptr<float>()[i];
      if (detection.box.Area() > 0)
        detections.push_back(detection);
    }
    return detections;
  }

  void Classify(const Volume& volume, std::vector<Detection>& detections) {
    for (std::size_t begin = 0; begin < detections.size(); begin += kRoiBatch) {
      const std::size_t end = std::min(detections.size(), begin + kRoiBatch);
      std::vector<torch::Tensor> rois;
      for (std::size_t i = begin; i < end; ++i) {
        rois.push_back(CutRoi(volume,
                              detections[i].slice,
                              detections[i].box,
                              package.classifier,
                              package.preprocessing));
      }
      const torch::Tensor logits = classifier->MalignantLogit(ToDevice(torch::stack(rois), device))
                                       .to(torch::kCPU, torch::kFloat32)
                                       .contiguous();
      for (std::size_t i = begin; i < end; ++i) {
        detections[i].malignant_logit = logits.data_ptr<float>()[i - begin];
      }
    }
  }

  Package package;
  torch::Device device;
  std::string name;
  std::shared_ptr<Detector> detector;
  std::shared_ptr<Classifier> classifier;
};

Inference::Inference(const Package& package, const std::string& device) {
  try {
    state_ = std::make_unique<State>(package, device);
  } catch (const c10::Error& e) {
    throw Error(ErrorCode::kModel,
                "package " + package.name + " " + package.version + " on " + device + ": " +
                    e.what_without_backtrace());
  }
}

Inference::~Inference() = default;

std::vector<Detection> Inference::Analyse(const Volume& volume, int z) {
  const torch::InferenceMode inference;
  try {
    std::vector<Detection> detections = state_->Detect(volume, z);
    state_->Classify(volume, detections);
    return detections;
  } catch (const c10::Error& e) {
    throw Error(ErrorCode::kInternal, std::string("LibTorch: ") + e.what_without_backtrace());
  }
}

const std::string& Inference::device() const { return state_->name; }

}  // namespace necknode::models
