#include "models/import_weights.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "models/tensor_checks.h"

namespace necknode::models {
namespace {

constexpr std::string_view kBody = "backbone.body.";

/// torchvision's normalisation of 0..1.
const std::vector<double> kMeans = {0.485, 0.456, 0.406};
const std::vector<double> kDeviations = {0.229, 0.224, 0.225};

/// First convolutions of torchvision's networks and the norms behind them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kStems = {
    {{"conv1.weight", "bn1"},                      // ResNet
     {"conv1.0.weight", "conv1.1"},                // ShuffleNetV2
     {"features.0.0.weight", "features.0.1"},      // MobileNetV2, EfficientNet
     {"features.conv0.weight", "features.norm0"},  // DenseNet
     {"stem.0.weight", "stem.1"}}};                // RegNet

std::string WithoutBody(const std::string& name) {
  return name.starts_with(kBody) ? name.substr(kBody.size()) : name;
}

/// torchvision's older detection files name the convolutions of heads and pyramid without their
/// place in a block.
std::string PresentName(const std::string& name) {
  if (name == "rpn.head.conv.weight" || name == "rpn.head.conv.bias")
    return "rpn.head.conv.0.0." + name.substr(name.rfind('.') + 1);
  for (const std::string_view blocks :
       {"backbone.fpn.inner_blocks.", "backbone.fpn.layer_blocks."}) {
    // "<blocks>2.weight" -> "<blocks>2.0.weight"
    if (name.starts_with(blocks) && std::count(name.begin(), name.end(), '.') == 4)
      return name.substr(0, blocks.size() + 1) + ".0" + name.substr(blocks.size() + 1);
  }
  return name;
}

/// The head that a tensor belongs to, e.g. "roi_heads.box_predictor"; empty for all others.
std::string HeadOf(const std::string& name) {
  for (const std::string_view head : {"fc.", "classifier."}) {
    if (name.starts_with(head))
      return std::string(head);
  }
  for (const std::string_view head : {"rpn.", "roi_heads.", "head."}) {
    if (name.starts_with(head))
      return name.substr(0, name.find('.', head.size()));
  }
  return "";
}

bool MayBeAbsent(const std::string& name) {
  return name.starts_with("backbone.fpn.") || name.starts_with("extra.") ||
         name.find("attention.") != std::string::npos;
}

/// One run of ImportWeights.
class Importer {
 public:
  Importer(const torch::nn::Module& network, const SafetensorsFile& file)
      : state_(StateOf(network)), file_(file) {
    for (const std::string& name : file.Names()) {
      if (!name.ends_with("num_batches_tracked"))
        sources_.emplace(PresentName(name), name);
    }
  }

  ImportReport Run() {
    AdaptStem();
    const std::set<std::string> new_heads = HeadsThatDiffer();
    for (const auto& [name, target] : state_) {
      if (copies_.contains(name))
        continue;
      const std::string head = HeadOf(name);
      if (!head.empty() && new_heads.contains(head)) {
        report_.initialised.push_back(name);
        continue;
      }
      Take(name, target);
    }
    RequireFit(problems_);
    for (const auto& [present, name] : sources_) {
      if (!used_.contains(name))
        report_.dropped.push_back(name);
    }
    const torch::NoGradGuard no_grad;
    for (const auto& [name, value] : copies_)
      state_.at(name).copy_(value);
    return std::move(report_);
  }

 private:
  /// The file's name for a tensor of the network.
  [[nodiscard]] std::optional<std::string> SourceOf(const std::string& name) const {
    for (const std::string& candidate :
         {name, WithoutBody(name), std::string(kBody) + WithoutBody(name)}) {
      const auto found = sources_.find(candidate);
      if (found != sources_.end())
        return found->second;
    }
    return std::nullopt;
  }

  torch::Tensor Read(const std::string& source) {
    used_.insert(source);
    torch::Tensor value = file_.Tensor(source);
    if (!value.is_floating_point() || !torch::isfinite(value).all().item<bool>())
      problems_.push_back("'" + source + "' holds values that are not finite numbers");
    return value.to(torch::kFloat32);
  }

  void Take(const std::string& name, const torch::Tensor& target) {
    const auto source = SourceOf(name);
    if (!source) {
      if (MayBeAbsent(name)) {
        report_.initialised.push_back(name);
      } else {
        problems_.push_back("'" + name + "' is missing");
      }
      return;
    }
    const torch::Tensor value = Read(*source);
    if (value.sizes() != target.sizes()) {
      problems_.push_back("'" + *source + "' has shape " + ShapeText(value) + ", expected " +
                          ShapeText(target));
      return;
    }
    copies_.emplace(name, value);
    report_.taken.push_back(name);
  }

  void AdaptStem() {
    for (const auto& [name, target] : state_) {
      const std::string bare = WithoutBody(name);
      const auto* stem = std::find_if(
          kStems.begin(), kStems.end(), [&](const auto& s) { return s.first == bare; });
      const auto source = stem != kStems.end() ? SourceOf(name) : std::nullopt;
      if (!source)
        continue;
      const std::string prefix = name.substr(0, name.size() - bare.size());
      const std::string mean_name = prefix + std::string(stem->second) + ".running_mean";
      const auto mean_source = SourceOf(mean_name);
      if (!state_.contains(mean_name) || !mean_source) {
        throw Error(ErrorCode::kModel,
                    "'" + mean_name +
                        "' is missing: torchvision's weights are for batch norms (norm batch or "
                        "frozen)");
      }
      const torch::Tensor colours = Read(*source);
      std::vector<std::int64_t> wanted = target.sizes().vec();
      wanted[1] = 3;
      if (colours.sizes() == target.sizes() && target.size(1) != 3) {
        used_.erase(*source);  // made for slices already: taken like any other
        continue;
      }
      if (colours.sizes() != torch::IntArrayRef(wanted)) {
        problems_.push_back("'" + *source + "' has shape " + ShapeText(colours) + ", expected " +
                            ShapeText(torch::empty(wanted)));
        continue;
      }
      const torch::Tensor deviations = torch::tensor(kDeviations).view({1, 3, 1, 1});
      const torch::Tensor grey = (colours / (2 * deviations)).sum({1}, /*keepdim=*/true);
      copies_.emplace(name,
                      grey.expand(target.sizes()).clone() / static_cast<double>(target.size(1)));
      const torch::Tensor offsets = (0.5 - torch::tensor(kMeans).view({1, 3, 1, 1})) / deviations;
      copies_.emplace(mean_name, Read(*mean_source) - (colours * offsets).sum({1, 2, 3}));
      report_.adapted.insert(report_.adapted.end(), {name, mean_name});
      return;
    }
  }

  [[nodiscard]] std::set<std::string> HeadsThatDiffer() const {
    std::set<std::string> heads;
    for (const auto& [name, target] : state_) {
      const std::string head = HeadOf(name);
      if (head.empty())
        continue;
      const auto source = SourceOf(name);
      if (!source || file_.Tensor(*source).sizes() != target.sizes())
        heads.insert(head);
    }
    return heads;
  }

  std::map<std::string, torch::Tensor> state_;
  const SafetensorsFile& file_;
  std::map<std::string, std::string> sources_;  // present name -> name in the file
  std::set<std::string> used_;                  // names in the file
  std::map<std::string, torch::Tensor> copies_;
  std::vector<std::string> problems_;
  ImportReport report_;
};

}  // namespace

ImportReport ImportWeights(torch::nn::Module& network, const SafetensorsFile& file) {
  return Importer(network, file).Run();
}

}  // namespace necknode::models
