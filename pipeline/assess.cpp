#include "pipeline/assess.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "pipeline/link_nodes.h"
#include "pipeline/locate_node.h"
#include "pipeline/measure_node.h"

namespace necknode::pipeline {

ModelIdentity IdentityOf(const models::Package& package) {
  ModelIdentity model;
  model.package = package.name;
  model.version = package.version;
  model.digest = package.digest;
  model.manufacturer = package.manufacturer;
  model.detector = package.detector.architecture;
  model.classifier = package.classifier.architecture;
  model.clinical = package.clinical;
  model.warning = package.warning;
  return model;
}

Assessment StartAssessment(const models::Package& package, const VolumeGrid& grid) {
  Assessment assessment;
  assessment.model = IdentityOf(package);
  assessment.thresholds = {package.detection_score,
                           package.malignant_probability,
                           package.indeterminate_low,
                           package.indeterminate_high};
  assessment.grid = grid;
  return assessment;
}

Malignancy Judge(double probability, const Thresholds& thresholds) {
  // In whole percents, as they are printed: "P 0.44, benign" beside a threshold of 0.44 would be a
  // contradiction.
  const auto percent = [](double value) { return std::lround(value * 100); };
  const long low = percent(thresholds.indeterminate_low),
             high = percent(thresholds.indeterminate_high);
  if (low < high && percent(probability) >= low && percent(probability) <= high)
    return Malignancy::kIndeterminate;
  return percent(probability) >= percent(thresholds.malignant_probability) ? Malignancy::kMalignant
                                                                           : Malignancy::kBenign;
}

void NumberNodes(std::vector<LymphNode>& nodes, const std::string& job_key) {
  std::ranges::stable_sort(nodes, {}, [](const LymphNode& node) {
    const Box& box = node.KeyBox().box;
    return std::tuple(-node.probability, -node.detection_score, node.key_slice, box.y0, box.x0);
  });
  int number = 0;
  for (LymphNode& node : nodes) {
    node.number = ++number;
    node.tracking_uid =
        Uid::FromName("necknode/tracking/" + job_key + "/" + std::to_string(number));
  }
}

Assessment AssessDetections(const Volume& volume,
                            const BodyMask& body,
                            const std::vector<Detection>& detections,
                            const models::Package& package,
                            const std::string& job_key,
                            const std::function<void(int, int)>& on_node) {
  Assessment assessment = StartAssessment(package, volume.grid());
  assessment.first_slice = body.first_slice;
  assessment.last_slice = body.last_slice;
  assessment.nodes = LinkNodes(detections, volume.grid());
  int done = 0;
  for (LymphNode& node : assessment.nodes) {
    if (on_node)
      on_node(done++, static_cast<int>(assessment.nodes.size()));
    node.probability = models::CalibratedProbability(package, NodeLogit(node));
    node.side = SideOf(node, volume.grid(), body);
    MeasureNode(volume, node);
  }
  NumberNodes(assessment.nodes, job_key);
  for (LymphNode& node : assessment.nodes)
    node.malignancy = Judge(node.probability, assessment.thresholds);
  Round(assessment);
  return assessment;
}

}  // namespace necknode::pipeline
