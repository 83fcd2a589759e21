#include "pipeline/assess.h"

#include <algorithm>
#include <cmath>

#include "pipeline/link_nodes.h"
#include "pipeline/locate_node.h"
#include "pipeline/measure_node.h"

namespace necknode::pipeline {
namespace {

// The slice nearest to a height, where that lies within the volume.
std::optional<int> SliceAt(const std::optional<double>& z, const VolumeGrid& grid) {
  const double per_slice = grid.first.Normal().z * grid.slice_spacing_mm;
  if (!z || per_slice == 0)
    return std::nullopt;
  const double first = grid.ToPatient(grid.columns / 2.0, grid.rows / 2.0, 0).z;
  const auto slice = static_cast<int>(std::lround((*z - first) / per_slice));
  return std::clamp(slice, 0, grid.slices - 1);
}

std::vector<LevelLandmark> LevelLandmarks(const VolumeGrid& grid, const Landmarks& landmarks) {
  return {{"hyoid", SliceAt(landmarks.hyoid_z, grid)},
          {"cricoid", SliceAt(landmarks.cricoid_z, grid)},
          {"manubrium", SliceAt(landmarks.manubrium_z, grid)}};
}

}  // namespace

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

Surroundings FindSurroundings(const Volume& volume) {
  Surroundings found;
  found.body = FindBody(volume);
  found.landmarks = FindLandmarks(volume);
  found.neck = FindNeckRange(volume.grid(), found.body, found.landmarks);
  return found;
}

Assessment AssessDetections(const Volume& volume,
                            const Surroundings& surroundings,
                            const std::vector<Detection>& detections,
                            const models::Package& package,
                            const std::string& job_key,
                            const std::vector<FinishedRun>& earlier,
                            const std::function<void(int, int)>& on_node) {
  Assessment assessment = StartAssessment(package, volume.grid());
  assessment.first_slice = surroundings.neck.first;
  assessment.last_slice = surroundings.neck.last;
  if (surroundings.find_levels)
    assessment.landmarks = LevelLandmarks(volume.grid(), surroundings.landmarks);
  assessment.nodes = LinkNodes(detections, volume.grid());
  int done = 0;
  for (LymphNode& node : assessment.nodes) {
    if (on_node)
      on_node(done++, static_cast<int>(assessment.nodes.size()));
    node.probability = models::CalibratedProbability(package, NodeLogit(node));
    node.side = SideOf(node, volume.grid(), surroundings.body, surroundings.landmarks);
    if (surroundings.find_levels)
      node.level = LevelOf(node, volume.grid(), surroundings.landmarks);
    MeasureNode(volume, node);
  }
  NameNodes(assessment.nodes, volume.grid(), earlier, job_key);
  for (LymphNode& node : assessment.nodes)
    node.malignancy = Judge(node.probability, assessment.thresholds);
  Round(assessment);
  return assessment;
}

}  // namespace necknode::pipeline
