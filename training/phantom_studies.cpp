#include "training/phantom_studies.h"

#include <algorithm>
#include <numeric>

namespace necknode::training {

std::shared_ptr<const LabelledStudy> AsLabelledStudy(
    const std::shared_ptr<const phantom::Phantom>& phantom) {
  auto study = std::make_shared<LabelledStudy>();
  study->patient = std::to_string(phantom->options.seed);
  study->name = "phantom " + study->patient;
  study->volume = std::shared_ptr<const Volume>(phantom, &phantom->volume);
  study->slices.resize(static_cast<std::size_t>(phantom->volume.grid().slices));
  std::iota(study->slices.begin(), study->slices.end(), 0);
  for (std::size_t node = 0; node < phantom->nodes.size(); ++node) {
    for (const auto& [slice, box] : phantom->nodes[node].boxes) {
      study->boxes.push_back({slice, box, static_cast<int>(node), phantom->nodes[node].malignant});
    }
  }
  std::stable_sort(study->boxes.begin(),
                   study->boxes.end(),
                   [](const LabelledBox& a, const LabelledBox& b) { return a.slice < b.slice; });
  return study;
}

std::shared_ptr<const LabelledStudy> PhantomStudies::Get(std::size_t index) {
  return AsLabelledStudy(pool_.Get(seeds_.first + index));
}

std::string PhantomStudies::PatientOf(std::size_t index) const {
  return std::to_string(seeds_.first + index);
}

std::string PhantomStudies::Description() const { return "phantom:seeds " + seeds_.ToString(); }

}  // namespace necknode::training
