#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace necknode::models {

inline constexpr const char* kDetectorArchitecture = "fasterrcnn_resnet50_fpn";
inline constexpr const char* kClassifierArchitecture = "a_resnet50_w";  ///< the paper's own

/// Parameters of the detector's architecture, one of detector_architectures.h, which also has the
/// published values of each. The defaults are the paper's own detector.
struct DetectorConfig {
  std::string architecture = kDetectorArchitecture;
  int in_channels = 1;  ///< neighbouring slices as channels, odd
  int base_width = 64;  ///< 64: as published; the backbone's channels are scaled by base_width / 64
  int fpn_channels = 256;      ///< Faster R-CNN: of the pyramid, of the RPN's 3x3 on a single level
  int head_channels = 1024;    ///< Faster R-CNN: of the two-layer head
  std::string norm = "batch";  ///< batch | frozen (batch norm with fixed statistics) | group
  int classes = 2;             ///< background and lymph node
  std::vector<double> anchor_sizes = {
      16, 24, 36, 40, 56};  ///< square root of the area in pixels, one per level from the finest
                            ///< (P2..P6); on a single level all of them at each place
  std::vector<double> anchor_ratios = {0.5, 1.0, 2.0};  ///< height / width
  int pre_nms_top_n = 1000;  ///< best boxes of each level (SSD, YOLOv3: class) that enter NMS
  int post_nms_top_n = 200;  ///< Faster R-CNN: proposals
  double rpn_nms = 0.7, box_nms = 0.5;
  int max_detections = 50;
  double image_scale = 1;  ///< the detector enlarges its images by this factor (a factor and not a
                           ///< size, so that a training crop is magnified as a whole image is)
};

/// Parameters of the classifier's architecture. `architecture` is one of ClassifierNames() and
/// decides width_factor and attention (see SetArchitecture); the paper's A-ResNet50-W by default.
struct ClassifierConfig {
  std::string architecture = kClassifierArchitecture;
  int in_channels = 1;
  int base_width = 64;    ///< 64: as published; channels are scaled by base_width / 64
  int width_factor = 2;   ///< inner channels of each ResNet50 bottleneck, times
  bool attention = true;  ///< coordinate attention in each ResNet50 bottleneck
  std::string norm = "batch";
  int roi_size = 224;        ///< pixels of the square RoI that the network sees
  double roi_context = 1.5;  ///< side of the RoI's square over the longer side of the box
};

/// How Hounsfield units become the networks' input.
struct Preprocessing {
  double window_center = 50, window_width = 350;  ///< mapped to -1..1, clipped
  double pixel_spacing_mm = 0.45;                 ///< slices are resampled to it
};

/// Limits of the intended use that the program checks.
struct IntendedUse {
  std::string text;
  double min_slice_thickness_mm = 0, max_slice_thickness_mm = 5;
  double min_pixel_spacing_mm = 0.3, max_pixel_spacing_mm = 1.0;
  bool needs_contrast = true;
  bool allows_lossy = false;
  int min_age_years = 18;
};

/// A package's manifest, `package.json`, validated.
struct Package {
  std::filesystem::path folder;
  std::string name, version, manufacturer;
  std::string digest;  ///< SHA-256 of the manifest, which names those of the weight files
  bool clinical = false;
  std::string warning;
  DetectorConfig detector;
  ClassifierConfig classifier;
  Preprocessing preprocessing;
  std::filesystem::path detector_weights, classifier_weights;
  std::string detector_sha256, classifier_sha256;  ///< of the weights, as LoadPackage found them
  double detection_score = 0.5;
  double malignant_probability = 0.5, indeterminate_low = 0, indeterminate_high = 0;
  double temperature = 1;  ///< of the classifier's logits
  IntendedUse intended_use;
  std::string figures_json;   ///< measured figures with their data
  std::string training_json;  ///< training record
};

/// Reads and validates `folder`/package.json and the digests of the weights. Throws Error(kModel)
/// naming what is wrong: a package that is not wholly valid is not used.
[[nodiscard]] Package LoadPackage(const std::filesystem::path& folder);

/// Text of `package.json` for a Package whose weight files lie in its folder; their SHA-256 are
/// computed here. Writes it to package.folder, through a temporary file that is renamed, and gives
/// what LoadPackage reads back. Throws Error(kModel) where the package would not load.
Package WritePackage(const Package& package);

/// SHA-256 of a file as manifests state it. Throws Error(kModel) where it cannot be read.
[[nodiscard]] std::string DigestOfFile(const std::filesystem::path& path);

/// File names inside a package's folder.
inline constexpr const char* kManifestFile = "package.json";
inline constexpr const char* kDetectorFile = "detector.safetensors";
inline constexpr const char* kClassifierFile = "classifier.safetensors";

/// The warnings that a package without clinical clearance must carry.
inline constexpr const char* kPhantomWarning = "PHANTOM MODEL, NOT FOR CLINICAL USE";
inline constexpr const char* kNonClinicalWarning = "NOT FOR CLINICAL USE";

/// One version under a packages folder, usable or not.
struct PackageState {
  std::string name, version;  ///< as the folders are called
  std::filesystem::path folder;
  std::optional<Package> package;  ///< absent: not usable
  std::string reason;              ///< why it is not usable
};

/// Every `root`/<name>/<version>/, by name and version. An absent root gives none; one bad package
/// does not hide the others.
[[nodiscard]] std::vector<PackageState> ListPackages(const std::filesystem::path& root);

/// Throws Error(kModel) naming the first field that is out of range.
void CheckConfig(const DetectorConfig& config);
void CheckConfig(const ClassifierConfig& config);

/// Calibrated probability of malignancy: sigmoid(logit / temperature).
[[nodiscard]] double CalibratedProbability(const Package& package, double logit);

}  // namespace necknode::models
