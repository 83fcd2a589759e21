#include "phantom/phantom.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

#include "core/error.h"
#include "phantom/lymph_nodes.h"
#include "phantom/patient.h"
#include "phantom/render.h"
#include "phantom/truth.h"

namespace necknode::phantom {
namespace {

void Require(bool good, const std::string& what) {
  if (!good) {
    throw Error(ErrorCode::kInvalidArgument, "phantom: " + what);
  }
}

void Check(const PhantomOptions& options) {
  Require(options.slices >= 40 && options.slices <= 200,
          "slices are " + std::to_string(options.slices) + ", must be 40 to 200");
  Require(options.slice_spacing_mm >= 0.5 && options.slice_spacing_mm <= 5,
          "slice spacing is " + std::to_string(options.slice_spacing_mm) + " mm, must be 0.5 to 5");
  Require(options.pixel_spacing_mm == 0 ||
              (options.pixel_spacing_mm >= 0.3 && options.pixel_spacing_mm <= 1.5),
          "pixel spacing is " + std::to_string(options.pixel_spacing_mm) +
              " mm, must be 0.3 to 1.5, or 0 for one from the seed");
  Require(options.size >= 64 && options.size <= 1024,
          "size is " + std::to_string(options.size) + " pixels, must be 64 to 1024");
  Require(options.nodes >= -1 && options.nodes <= 40,
          "nodes are " + std::to_string(options.nodes) +
              ", must be 0 to 40, or -1 for a number from the seed");
}

/// The slice nearest to a landmark, -1 outside the volume.
int SliceOf(const Patient& patient, const Vec3& landmark) {
  const auto& grid = patient.grid();
  const double height = patient.ToPatient(landmark).z - grid.first.position.z;
  const int slice = static_cast<int>(std::floor(height / grid.slice_spacing_mm + 0.5));
  return slice >= 0 && slice < grid.slices ? slice : -1;
}

TrueNode TruthOf(const NodeModel& model) {
  TrueNode node;
  node.id = model.id;
  node.malignant = model.malignant;
  node.side = model.side;
  node.level = model.level;
  node.centre = model.centre;
  return node;
}

/// Keeps the boxes that follow one another without a gap around the one on slice `largest`.
void KeepOneRun(TrueNode& node, int largest) {
  auto& boxes = node.boxes;
  const auto middle = std::find_if(boxes.begin(), boxes.end(), [&](const TrueNode::SliceBox& box) {
    return box.slice == largest;
  });
  if (middle == boxes.end()) {
    return;
  }
  auto first = middle, last = middle;
  while (first != boxes.begin() && (first - 1)->slice == first->slice - 1) {
    --first;
  }
  while (last + 1 != boxes.end() && (last + 1)->slice == last->slice + 1) {
    ++last;
  }
  boxes = {first, last + 1};
}

constexpr std::string_view kPatientPrefix = "PHANTOM-";

}  // namespace

std::string PatientIdOf(std::uint64_t seed) {
  return std::string(kPatientPrefix) + std::to_string(seed);
}

std::optional<std::uint64_t> SeedOfPatientId(const std::string& patient_id) {
  if (!patient_id.starts_with(kPatientPrefix)) {
    return std::nullopt;
  }
  std::uint64_t seed = 0;
  const char* end = patient_id.data() + patient_id.size();
  const auto [rest, error] = std::from_chars(patient_id.data() + kPatientPrefix.size(), end, seed);
  return error == std::errc() && rest == end ? std::optional(seed) : std::nullopt;
}

Phantom MakePhantom(const PhantomOptions& options) {
  Check(options);
  const Patient patient(options);
  const auto models = PlaceNodes(options, patient);
  Phantom phantom;
  phantom.options = options;
  phantom.volume = Volume(patient.grid());
  phantom.hyoid_slice = SliceOf(patient, kHyoid);
  phantom.cricoid_slice = SliceOf(patient, kCricoid);
  phantom.manubrium_slice = SliceOf(patient, kManubrium);
  for (const NodeModel& model : models) {
    phantom.nodes.push_back(TruthOf(model));
  }
  std::vector<int> most_pixels(models.size()), largest(models.size());
  std::vector<std::vector<int>> visible;
  for (int z = 0; z < options.slices; ++z) {
    RenderSlice(patient, models, options.seed, z, phantom.volume, visible);
    for (std::size_t i = 0; i < models.size(); ++i) {
      const auto cut = MeasureCut(visible[i], options.size, patient.grid().column_spacing_mm);
      if (!cut) {
        continue;
      }
      TrueNode& node = phantom.nodes[i];
      node.boxes.push_back({z, cut->box});
      if (cut->pixels > most_pixels[i]) {
        most_pixels[i] = cut->pixels;
        largest[i] = z;
        node.short_axis_mm = cut->short_mm;
        node.long_axis_mm = cut->long_mm;
      }
    }
  }
  for (std::size_t i = 0; i < models.size(); ++i) {
    KeepOneRun(phantom.nodes[i], largest[i]);
  }
  std::erase_if(phantom.nodes, [](const TrueNode& node) { return node.boxes.empty(); });
  return phantom;
}

}  // namespace necknode::phantom
