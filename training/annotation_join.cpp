#include "training/annotation_join.h"

#include <array>
#include <cstdio>
#include <map>
#include <set>
#include <utility>

namespace necknode::training {
namespace {

/// Written boxes carry rounding errors; an edge may lie so far outside.
constexpr double kEdgeTolerance = 1e-3;

std::string BoxText(const Box& box) {
  std::array<char, 160> text{};
  std::snprintf(text.data(),
                text.size(),
                "box from (%.6g, %.6g) to (%.6g, %.6g)",
                box.x0,
                box.y0,
                box.x1,
                box.y1);
  return text.data();
}

class Joiner {
 public:
  Joiner(const std::vector<IndexedSeries>& series, DataProblems& problems)
      : indexed_(series), problems_(problems), nodes_(series.size()), incomplete_(series.size()) {
    for (std::size_t s = 0; s < series.size(); ++s) {
      joined_.push_back({series[s].patient_id.Reveal(), series[s].name, {}, {}});
      for (std::size_t f = 0; f < series[s].files.size(); ++f) {
        joined_[s].files.push_back(series[s].files[f].path);
        place_.emplace(series[s].files[f].header.sop_instance_uid, Place{s, f, kNotAnnotated});
      }
    }
  }

  void Add(const NamedAnnotations& file) {
    std::map<std::int64_t, std::string> patient_of_image;
    for (const CocoBox& box : file.annotations.boxes) {
      patient_of_image.try_emplace(box.image_id, box.patient_id);
    }
    std::map<std::int64_t, Place> places;
    for (const CocoImage& image : file.annotations.images) {
      const std::string stated =
          image.patient_id.empty() ? patient_of_image[image.id] : image.patient_id;
      AddImage(file.name, image, stated, places);
    }
    for (const CocoBox& box : file.annotations.boxes) {
      AddBox(file.name, box, places);
    }
    for (const std::int64_t image : file.annotations.incomplete) {
      if (const auto found = places.find(image); found != places.end()) {
        MarkIncomplete(found->second);
      }
    }
  }

  std::vector<AnnotatedSeries> Take() {
    for (std::size_t s = 0; s < joined_.size(); ++s) {
      auto& images = joined_[s].images;
      std::vector<AnnotatedSeries::Image> kept;
      for (std::size_t i = 0; i < images.size(); ++i) {
        if (!incomplete_[s].contains(i)) {
          kept.push_back(std::move(images[i]));
        }
      }
      images = std::move(kept);
    }
    std::erase_if(joined_, [](const AnnotatedSeries& series) { return series.images.empty(); });
    return std::move(joined_);
  }

 private:
  static constexpr std::size_t kNotAnnotated = ~std::size_t{0};
  struct Place {
    std::size_t series = 0, file = 0, image = kNotAnnotated;
  };
  struct Node {
    int number = 0;
    bool malignant = false;
  };

  void MarkIncomplete(const Place& place) { incomplete_[place.series].insert(place.image); }

  void AddImage(const std::string& file,
                const CocoImage& image,
                const std::string& stated_patient,
                std::map<std::int64_t, Place>& places) {
    const std::string entry = "image " + std::to_string(image.id);
    const auto refuse = [&](const std::string& reason) {
      problems_.push_back({file, entry, reason});
    };
    const auto found = place_.find(image.sop_instance_uid);
    if (found == place_.end()) {
      return refuse("no CT file of its SOP Instance UID is in the folder");
    }
    Place& place = found->second;
    AnnotatedSeries& series = joined_[place.series];
    const InstanceHeader& header = indexed_[place.series].files[place.file].header;
    if (place.image != kNotAnnotated) {
      return refuse("annotated in " + series.images[place.image].file + " too");
    }
    const auto differs = [](const auto& stated, const std::optional<int>& actual) {
      return stated && actual && *stated != *actual;
    };
    if (differs(image.width, header.columns) || differs(image.height, header.rows)) {
      return refuse("is " + std::to_string(image.width.value_or(0)) + " x " +
                    std::to_string(image.height.value_or(0)) + " pixels, the DICOM file " +
                    std::to_string(*header.columns) + " x " + std::to_string(*header.rows));
    }
    if (series.patient.empty()) {
      // The DICOM files do not say: the first annotated image speaks for its series.
      series.patient = stated_patient;
    }
    if (series.patient.empty()) {
      return refuse("neither the DICOM file nor the annotations have a patient id");
    }
    if (!image.patient_id.empty() && image.patient_id != series.patient) {
      return refuse("its patient_id is not that of its DICOM series");
    }
    place.image = series.images.size();
    places.emplace(image.id, place);
    series.images.push_back({image.sop_instance_uid, file, entry, {}});
  }

  void AddBox(const std::string& file,
              const CocoBox& box,
              const std::map<std::int64_t, Place>& places) {
    const auto found = places.find(box.image_id);
    const auto refuse = [&](const std::string& reason) {
      const bool known = found != places.end();
      problems_.push_back({file,
                           "annotation " + std::to_string(box.id),
                           reason + (known ? LeftOut(box.image_id) : "")});
      if (known) {
        MarkIncomplete(found->second);
      }
    };
    if (found == places.end()) {
      return refuse("image " + std::to_string(box.image_id) + " was refused");
    }
    const Place& place = found->second;
    AnnotatedSeries& series = joined_[place.series];
    if (!box.patient_id.empty() && box.patient_id != series.patient) {
      return refuse("its patient_id is not that of its DICOM series");
    }
    const InstanceHeader& header = indexed_[place.series].files[place.file].header;
    const double columns = header.columns.value_or(0), rows = header.rows.value_or(0);
    if (box.box.x0 < -kEdgeTolerance || box.box.y0 < -kEdgeTolerance ||
        box.box.x1 > columns + kEdgeTolerance || box.box.y1 > rows + kEdgeTolerance) {
      return refuse(BoxText(box.box) + " reaches beyond the image of " +
                    std::to_string(header.columns.value_or(0)) + " x " +
                    std::to_string(header.rows.value_or(0)) + " pixels");
    }
    auto& nodes = nodes_[place.series];
    // A box without node id is a node of its own, whose key no id can be.
    const std::string key =
        file + "\n" + (box.node_id.empty() ? "box\n" + std::to_string(box.id) : box.node_id);
    const auto [node, is_new] =
        nodes.try_emplace(key, Node{static_cast<int>(nodes.size()), box.malignant});
    if (!is_new && node->second.malignant != box.malignant) {
      return refuse("node " + box.node_id + " is of the other class in an earlier annotation");
    }
    series.images[place.image].boxes.push_back({0, box.box, node->second.number, box.malignant});
  }

  const std::vector<IndexedSeries>& indexed_;
  DataProblems& problems_;
  std::vector<std::map<std::string, Node>> nodes_;  // of each series
  std::vector<std::set<std::size_t>> incomplete_;   // images of each series
  std::vector<AnnotatedSeries> joined_;             // one for each of indexed_
  std::map<Uid, Place> place_;
};

}  // namespace

std::vector<AnnotatedSeries> JoinAnnotations(const std::vector<IndexedSeries>& series,
                                             const std::vector<NamedAnnotations>& files,
                                             DataProblems& problems) {
  Joiner joiner(series, problems);
  for (const NamedAnnotations& file : files) {
    joiner.Add(file);
  }
  return joiner.Take();
}

}  // namespace necknode::training
