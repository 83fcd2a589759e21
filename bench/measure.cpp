// How well nodes are found, measured and placed, on phantoms against their truth: see bench/measure
// and docs/measurements.md.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "core/error.h"
#include "models/inference.h"
#include "models/package.h"
#include "phantom/phantom.h"
#include "pipeline/assess.h"

namespace {

using necknode::Detection;
using necknode::LymphNode;
using necknode::phantom::Phantom;
using necknode::phantom::TrueNode;

struct Pair {
  const TrueNode* truth;
  const LymphNode* node;
};

double Share(double part, double whole) { return whole > 0 ? 100 * part / whole : 0; }

double Quantile(std::vector<double> values, double share) {
  if (values.empty())
    return 0;
  std::ranges::sort(values);
  const double at = share * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const std::size_t high = std::min(low + 1, values.size() - 1);
  return std::lerp(values[low], values[high], at - static_cast<double>(low));
}

/// Everything counted over all studies.
class Tally {
 public:
  void AddStudy(const Phantom& phantom, const necknode::Assessment& assessment) {
    ++studies_;
    std::vector<bool> taken(assessment.nodes.size());
    for (const TrueNode& truth : phantom.nodes) {
      ++true_nodes_;
      if (const auto index = Match(truth, assessment.nodes, taken)) {
        taken[*index] = true;
        ++found_;
        Compare(truth, assessment.nodes[*index]);
      }
    }
    false_positives_ += static_cast<int>(std::ranges::count(taken, false));
  }

  void Print(const char* title) const {
    std::printf("%s\n", title);
    std::printf("  studies %d, true nodes %d\n", studies_, true_nodes_);
    std::printf("  found %d (%.1f%%), false positives %.2f a study\n",
                found_,
                Share(found_, true_nodes_),
                static_cast<double>(false_positives_) / std::max(1, studies_));
    std::printf("  judged rightly (indeterminate is wrong) %.1f%% of those found\n",
                Share(judged_, found_));
    std::printf("  short axis measured on %.1f%% of those found\n",
                Share(static_cast<double>(short_errors_.size()), found_));
    std::vector<double> absolute;
    double sum = 0;
    for (const double error : short_errors_) {
      absolute.push_back(std::abs(error));
      sum += error;
    }
    const double mean = short_errors_.empty() ? 0 : sum / static_cast<double>(short_errors_.size());
    std::printf(
        "  short axis error: mean %+.2f mm, absolute median %.2f mm, 95%% within %.2f mm, "
        "worst %.2f mm\n",
        mean,
        Quantile(absolute, 0.5),
        Quantile(absolute, 0.95),
        Quantile(absolute, 1));
    std::printf("  side: right %.1f%%, wrong %.1f%%, not determined %.1f%%\n",
                Share(side_right_, found_),
                Share(side_wrong_, found_),
                Share(found_ - side_right_ - side_wrong_, found_));
    std::printf(
        "  level: exact %.1f%%, merged with a neighbour %.1f%%, wrong %.1f%%, not "
        "determined %.1f%%\n",
        Share(level_exact_, found_),
        Share(level_merged_, found_),
        Share(level_wrong_, found_),
        Share(found_ - level_exact_ - level_merged_ - level_wrong_, found_));
    for (const auto& [truth, said] : levels_) {
      std::printf("    truth %-4s", truth.c_str());
      for (const auto& [level, count] : said)
        std::printf("  %s %d", level.empty() ? "-" : level.c_str(), count);
      std::printf("\n");
    }
  }

 private:
  // The node that shares most of its boxes with the truth, on slices where they overlap by a third.
  static std::optional<std::size_t> Match(const TrueNode& truth,
                                          const std::vector<LymphNode>& nodes,
                                          const std::vector<bool>& taken) {
    std::optional<std::size_t> best;
    double most = 0;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      double shared = 0;
      for (const auto& box : nodes[i].boxes) {
        for (const auto& true_box : truth.boxes) {
          const double iou = necknode::IntersectionOverUnion(box.box, true_box.box);
          if (box.slice == true_box.slice && iou >= 0.33)
            shared += iou;
        }
      }
      if (!taken[i] && shared > most) {
        most = shared;
        best = i;
      }
    }
    return best;
  }

  void Compare(const TrueNode& truth, const LymphNode& node) {
    judged_ += (node.malignancy == necknode::Malignancy::kMalignant && truth.malignant) ||
               (node.malignancy == necknode::Malignancy::kBenign && !truth.malignant);
    if (node.short_axis)
      short_errors_.push_back(node.short_axis->length_mm - truth.short_axis_mm);
    if (node.side != necknode::Side::kNotDetermined)
      ++(node.side == truth.side ? side_right_ : side_wrong_);
    ++levels_[truth.level][node.level];
    if (node.level.empty())
      return;
    if (node.level == truth.level)
      ++level_exact_;
    else if (Names(node.level, truth.level))
      ++level_merged_;
    else
      ++level_wrong_;
  }

  // "III/IV" names IV; "V or IIB" names V and, by its sublevel, II.
  static bool Names(const std::string& merged, const std::string& level) {
    std::size_t start = 0;
    while (start < merged.size()) {
      std::size_t end = merged.find_first_of("/ ", start);
      end = std::min(end, merged.size());
      std::string word = merged.substr(start, end - start);
      if (word == "IIB")
        word = "II";
      if (word == level)
        return true;
      start = end + 1;
    }
    return false;
  }

  int studies_ = 0, true_nodes_ = 0, found_ = 0, false_positives_ = 0, judged_ = 0;
  int side_right_ = 0, side_wrong_ = 0;
  int level_exact_ = 0, level_merged_ = 0, level_wrong_ = 0;
  std::vector<double> short_errors_;
  std::map<std::string, std::map<std::string, int>> levels_;
};

std::vector<Detection> TrueBoxes(const Phantom& phantom) {
  std::vector<Detection> boxes;
  for (const TrueNode& node : phantom.nodes) {
    for (const auto& box : node.boxes)
      boxes.push_back({box.slice, box.box, 1.0, node.malignant ? 5.0 : -5.0});
  }
  return boxes;
}

std::vector<Detection> Detect(const necknode::Volume& volume,
                              const necknode::pipeline::Surroundings& surroundings,
                              necknode::models::Inference& inference) {
  const necknode::Volume body = BodyOnly(volume, surroundings.body);
  std::vector<Detection> detections;
  for (int z = surroundings.neck.first; z <= surroundings.neck.last; ++z) {
    const auto found = inference.Analyse(body, z);
    detections.insert(detections.end(), found.begin(), found.end());
  }
  return detections;
}

void Measure(const std::string& package_folder, int studies, int networks, std::uint64_t seed) {
  const auto package = necknode::models::LoadPackage(package_folder);
  Tally given, whole;
  std::map<std::string, std::vector<double>> landmark_errors;
  std::map<std::string, int> landmarks_missed;
  std::optional<necknode::models::Inference> inference;
  if (networks > 0) {
    necknode::models::UseAllCpus();
    inference.emplace(package, "auto");
  }
  for (int study = 0; study < studies; ++study) {
    necknode::phantom::PhantomOptions options;
    options.seed = seed + static_cast<std::uint64_t>(study);
    const Phantom phantom = necknode::phantom::MakePhantom(options);
    const auto surroundings = necknode::pipeline::FindSurroundings(phantom.volume);
    const auto assess = [&](const std::vector<Detection>& detections) {
      return AssessDetections(
          phantom.volume, surroundings, detections, package, "bench", {}, nullptr);
    };
    const auto compare = [&](const char* name, const std::optional<double>& found, int slice) {
      if (slice < 0)
        return;
      const double truth = phantom.volume.grid().ToPatient(0, 0, slice).z;
      if (found)
        landmark_errors[name].push_back(std::abs(*found - truth));
      else
        ++landmarks_missed[name];
    };
    compare("hyoid", surroundings.landmarks.hyoid_z, phantom.hyoid_slice);
    compare("cricoid", surroundings.landmarks.cricoid_z, phantom.cricoid_slice);
    compare("manubrium", surroundings.landmarks.manubrium_z, phantom.manubrium_slice);
    given.AddStudy(phantom, assess(TrueBoxes(phantom)));
    if (study < networks)
      whole.AddStudy(phantom, assess(Detect(phantom.volume, surroundings, *inference)));
    std::fprintf(stderr, "\r%d of %d studies", study + 1, studies);
  }
  std::fprintf(stderr, "\n");
  std::printf("Phantoms of seeds %llu to %llu, 80 slices of 2 mm\n",
              static_cast<unsigned long long>(seed),
              static_cast<unsigned long long>(seed) + static_cast<unsigned long long>(studies) - 1);
  for (const auto& [name, errors] : landmark_errors) {
    std::printf(
        "  %s: found in %zu, missed in %d; absolute error median %.1f mm, 95%% within "
        "%.1f mm, worst %.1f mm\n",
        name.c_str(),
        errors.size(),
        landmarks_missed[name],
        Quantile(errors, 0.5),
        Quantile(errors, 0.95),
        Quantile(errors, 1));
  }
  given.Print("From the true boxes: linking, measuring and placing alone");
  if (networks > 0)
    whole.Print(("From the images, package " + package.name + "/" + package.version).c_str());
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App cli("Finds, measures and places the nodes of phantoms and compares with their truth");
  std::string package;
  int studies = 100, networks = 20;
  std::uint64_t seed = 400001;
  cli.add_option("--package", package, "Folder of the model package")->required();
  cli.add_option("--studies", studies, "Phantoms")->capture_default_str();
  cli.add_option("--networks", networks, "Of them through the networks")->capture_default_str();
  cli.add_option("--seed", seed, "Of the first; none of training or test")->capture_default_str();
  CLI11_PARSE(cli, argc, argv);
  try {
    Measure(package, studies, networks, seed);
  } catch (const necknode::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
