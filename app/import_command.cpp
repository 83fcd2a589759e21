#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "app/commands.h"
#include "core/error.h"
#include "models/classifier_registry.h"
#include "models/detector_architectures.h"
#include "models/import_package.h"

namespace necknode::app {
namespace {

namespace fs = std::filesystem;

struct ImportArguments {
  fs::path detector, classifier, out;
  std::string package;  // name/version
  models::DetectorConfig detector_config;
  models::ClassifierConfig classifier_config;
  std::string classifier_architecture = classifier_config.architecture;
  int channels = 3;
  std::uint64_t seed = 1;
};

void PrintNames(const char* what, const std::vector<std::string>& names) {
  std::printf("  %s %zu\n", what, names.size());
  for (const std::string& name : names)
    std::printf("    %s\n", name.c_str());
}

void Print(const fs::path& from, const models::ImportReport& report) {
  std::printf("%s\n  taken %zu\n", from.c_str(), report.taken.size());
  PrintNames("adapted", report.adapted);
  PrintNames("newly initialised", report.initialised);
  PrintNames("dropped", report.dropped);
}

void ImportToPackage(const ImportArguments& arguments) {
  const auto slash = arguments.package.find('/');
  if (slash == std::string::npos || arguments.detector.empty() || arguments.classifier.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                "a package <name>/<version> takes both a detector and a classifier");
  }
  models::Package package;
  package.name = arguments.package.substr(0, slash);
  package.version = arguments.package.substr(slash + 1);
  package.manufacturer = "necknode";
  package.folder = arguments.out / package.name / package.version;
  package.detector = arguments.detector_config;
  package.classifier = arguments.classifier_config;
  const models::ImportedPackage imported =
      models::ImportPackage(arguments.detector, arguments.classifier, arguments.seed, package);
  Print(arguments.detector, imported.detector);
  Print(arguments.classifier, imported.classifier);
  std::printf("%s\n", imported.package.folder.c_str());
}

void ImportToFiles(const ImportArguments& arguments) {
  fs::create_directories(arguments.out);
  const models::DetectorConfig& detector = arguments.detector_config;
  if (!arguments.detector.empty()) {
    const fs::path to = arguments.out / models::kDetectorFile;
    Print(arguments.detector,
          models::ImportDetector(arguments.detector, detector, arguments.seed, to));
    std::printf(
        "train detector --architecture %s --base-width %d --fpn-channels %d "
        "--head-channels %d --channels %d --norm %s --start-from %s\n",
        detector.architecture.c_str(),
        detector.base_width,
        detector.fpn_channels,
        detector.head_channels,
        detector.in_channels,
        detector.norm.c_str(),
        to.c_str());
  }
  const models::ClassifierConfig& classifier = arguments.classifier_config;
  if (!arguments.classifier.empty()) {
    const fs::path to = arguments.out / models::kClassifierFile;
    Print(arguments.classifier,
          models::ImportClassifier(arguments.classifier, classifier, arguments.seed, to));
    std::printf(
        "train classifier --architecture %s --base-width %d --channels %d --norm %s "
        "--start-from %s\n",
        classifier.architecture.c_str(),
        classifier.base_width,
        classifier.in_channels,
        classifier.norm.c_str(),
        to.c_str());
  }
}

void Import(ImportArguments& arguments) {
  if (arguments.detector.empty() && arguments.classifier.empty())
    throw Error(ErrorCode::kInvalidArgument, "--detector, --classifier or both are needed");
  models::DetectorConfig& detector = arguments.detector_config;
  const std::string norm = detector.norm;
  detector = models::FindDetector(detector.architecture).published;
  detector.norm = norm;
  detector.in_channels = arguments.channels;
  models::SetArchitecture(arguments.classifier_config, arguments.classifier_architecture);
  arguments.classifier_config.in_channels = arguments.channels;
  if (arguments.package.empty()) {
    ImportToFiles(arguments);
  } else {
    ImportToPackage(arguments);
  }
}

}  // namespace

void AddImport(CLI::App& packages) {
  auto arguments = std::make_shared<ImportArguments>();
  arguments->detector_config.norm = "frozen";
  auto* command = packages.add_subcommand(
      "import", "Weights of torchvision (safetensors) to begin a training with, or as a package");
  command
      ->add_option("--detector",
                   arguments->detector,
                   "fasterrcnn_resnet50_fpn, or resnet50 for the backbone alone")
      ->check(CLI::ExistingFile);
  command->add_option("--architecture", arguments->detector_config.architecture, "of the detector")
      ->capture_default_str()
      ->check(CLI::IsMember(models::DetectorNames()));
  command->add_option("--norm", arguments->detector_config.norm, "of the detector")
      ->capture_default_str()
      ->check(CLI::IsMember({"batch", "frozen"}));
  command
      ->add_option("--classifier",
                   arguments->classifier,
                   "the network of --classifier-architecture, for a_resnet50_w wide_resnet50_2")
      ->check(CLI::ExistingFile);
  command
      ->add_option("--classifier-architecture",
                   arguments->classifier_architecture,
                   "what the classifier's weights are for")
      ->capture_default_str()
      ->check(CLI::IsMember(models::ClassifierNames()));
  command->add_option("--channels", arguments->channels, "neighbouring slices, odd")
      ->capture_default_str();
  command->add_option("--seed", arguments->seed, "of what is newly initialised")
      ->capture_default_str();
  command->add_option("--out", arguments->out, "Folder of the weights, or of packages")->required();
  command->add_option("--package", arguments->package, "<name>/<version>: make a package");
  command->callback([arguments] { Import(*arguments); });
}

}  // namespace necknode::app
