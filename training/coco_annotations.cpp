#include "training/coco_annotations.h"

#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <system_error>
#include <tuple>

#include <nlohmann/json.hpp>

#include "core/digest.h"
#include "core/error.h"

namespace necknode::training {
namespace {

using CocoJson = nlohmann::json;

constexpr std::uintmax_t kMaxBytes = 512 * 1024 * 1024;

std::string ReadText(const std::filesystem::path& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (!error && size > kMaxBytes) {
    throw Error(ErrorCode::kParse, path.string() + " is larger than 512 MiB");
  }
  std::string text(error ? 0 : static_cast<std::size_t>(size), '\0');
  std::ifstream file(path, std::ios::binary);
  if (error || !file.read(text.data(), static_cast<std::streamsize>(text.size()))) {
    throw Error(ErrorCode::kNotFound, "cannot read " + path.string());
  }
  return text;
}

/// Python writes NaN and Infinity, which JSON does not know: null then, so that one such number
/// costs one annotation and not the file.
std::string WithoutNonNumbers(std::string text) {
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      in_string = !in_string;
    } else if (in_string && text[i] == '\\') {
      ++i;
    } else if (!in_string) {
      for (const std::string_view word : {"-Infinity", "Infinity", "NaN"}) {
        if (text.compare(i, word.size(), word) == 0) {
          text.replace(i, word.size(), "null");
          i += 3;
          break;
        }
      }
    }
  }
  return text;
}

std::optional<std::int64_t> Integer(const CocoJson& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer()
             ? std::optional(found->get<std::int64_t>())
             : std::nullopt;
}

/// Text, or an integer as text; empty where there is neither.
std::string Text(const CocoJson& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) {
    return "";
  }
  if (found->is_number_integer()) {
    return std::to_string(found->get<std::int64_t>());
  }
  return found->is_string() ? found->get<std::string>() : "";
}

class Reader {
 public:
  Reader(const std::string& name, DataProblems& problems) : name_(name), problems_(problems) {}

  CocoAnnotations Read(const CocoJson& json) {
    for (const char* part : {"images", "annotations", "categories"}) {
      if (!json.is_object() || !json.contains(part) || !json[part].is_array()) {
        throw Error(ErrorCode::kParse, name_ + " has no list '" + part + "'");
      }
    }
    ReadCategories(json["categories"]);
    for (std::size_t i = 0; i < json["images"].size(); ++i) {
      ReadImage(json["images"][i], i);
    }
    for (std::size_t i = 0; i < json["annotations"].size(); ++i) {
      ReadAnnotation(json["annotations"][i], i);
    }
    if (json.contains("split")) {
      ReadSplit(json["split"]);
    }
    return std::move(result_);
  }

 private:
  void Refuse(const std::string& entry, const std::string& reason) {
    problems_.push_back({name_, entry, reason});
  }
  void RefuseBox(const std::string& entry, const CocoBox& box, const std::string& reason) {
    Refuse(entry, reason + LeftOut(box.image_id));
  }

  static std::string Called(const char* what, const CocoJson& object, std::size_t index) {
    const auto id = object.is_object() ? Integer(object, "id") : std::nullopt;
    return std::string(what) +
           (id ? " " + std::to_string(*id) : " at place " + std::to_string(index + 1));
  }

  void ReadCategories(const CocoJson& categories) {
    for (const CocoJson& category : categories) {
      if (category.is_object()) {
        if (const auto id = Integer(category, "id")) {
          categories_[*id] = Text(category, "name");
        }
      }
    }
  }

  void ReadImage(const CocoJson& object, std::size_t index) {
    const std::string entry = Called("image", object, index);
    const auto id = object.is_object() ? Integer(object, "id") : std::nullopt;
    if (!id) {
      return Refuse(entry, "has no integer id");
    }
    if (!seen_images_.insert(*id).second) {
      return Refuse(entry, "its id is that of an earlier image");
    }
    const Uid uid(Text(object, "sop_instance_uid"));
    CocoImage image{
        *id, uid, Integer(object, "width"), Integer(object, "height"), Text(object, "patient_id")};
    if (!image.sop_instance_uid.IsValid()) {
      return Refuse(entry, "has no valid sop_instance_uid");
    }
    if (!uids_.insert(image.sop_instance_uid).second) {
      return Refuse(entry, "its SOP Instance UID is that of an earlier image");
    }
    good_images_.insert(*id);
    result_.images.push_back(std::move(image));
  }

  void ReadAnnotation(const CocoJson& object, std::size_t index) {
    const std::string entry = Called("annotation", object, index);
    const auto id = object.is_object() ? Integer(object, "id") : std::nullopt;
    const auto image = object.is_object() ? Integer(object, "image_id") : std::nullopt;
    const bool known = image && good_images_.contains(*image);
    if (!id || !seen_boxes_.insert(*id).second) {
      if (known) {
        result_.incomplete.insert(*image);
      }
      return Refuse(
          entry,
          std::string(id ? "its id is that of an earlier annotation" : "has no integer id") +
              (known ? LeftOut(*image) : ""));
    }
    if (!image || !seen_images_.contains(*image)) {
      return Refuse(entry, "its image_id names no image");
    }
    if (!known) {
      return Refuse(entry, "image " + std::to_string(*image) + " was refused");
    }
    // What is wrong from here on leaves the image without a lymph node that is there.
    const bool bad = !result_.incomplete.insert(*image).second;
    CocoBox box{*id, *image, {}, false, Text(object, "patient_id"), Text(object, "node_id")};
    if (!ReadCategory(object, entry, box) || !ReadBox(object, entry, box)) {
      return;
    }
    if (Integer(object, "iscrowd").value_or(0) != 0) {
      return RefuseBox(entry, box, "iscrowd is not 0: a box must hold one lymph node");
    }
    const auto key = std::tuple(box.image_id, box.box.x0, box.box.y0, box.box.x1, box.box.y1);
    const auto [earlier, is_new] = boxes_.try_emplace(key, *id);
    if (!bad) {
      result_.incomplete.erase(*image);
    }
    if (!is_new) {
      return Refuse(entry, "the same box as annotation " + std::to_string(earlier->second));
    }
    result_.boxes.push_back(std::move(box));
  }

  bool ReadCategory(const CocoJson& object, const std::string& entry, CocoBox& box) {
    const auto id = Integer(object, "category_id");
    const auto category = id ? categories_.find(*id) : categories_.end();
    if (category == categories_.end()) {
      RefuseBox(entry, box, "its category_id names no category");
      return false;
    }
    box.malignant = category->second == "metastatic";
    if (!box.malignant && category->second != "benign") {
      RefuseBox(entry, box, "category '" + category->second + "' is neither benign nor metastatic");
      return false;
    }
    return true;
  }

  bool ReadBox(const CocoJson& object, const std::string& entry, CocoBox& box) {
    const auto bbox = object.find("bbox");
    std::vector<double> values;
    if (bbox != object.end() && bbox->is_array()) {
      for (const CocoJson& value : *bbox) {
        if (value.is_number() && std::isfinite(value.get<double>())) {
          values.push_back(value.get<double>());
        }
      }
    }
    if (values.size() != 4 || bbox->size() != 4) {
      RefuseBox(entry, box, "bbox is not four finite numbers: x, y, width, height");
      return false;
    }
    if (!(values[2] > 0 && values[3] > 0)) {
      RefuseBox(entry,
                box,
                "bbox has no area: " + (*bbox)[2].dump() + " x " + (*bbox)[3].dump() + " pixels");
      return false;
    }
    box.box = {values[0], values[1], values[0] + values[2], values[1] + values[3]};
    return true;
  }

  void ReadSplit(const CocoJson& split) {
    if (!split.is_object()) {
      throw Error(ErrorCode::kParse, name_ + ": 'split' is not an object of lists of patients");
    }
    result_.has_split = true;
    for (const auto& [side, patients] : split.items()) {
      const DataPart part = ParsePart(side);
      if (!patients.is_array() || part == DataPart::kAll) {
        throw Error(ErrorCode::kParse,
                    name_ + ": 'split' has lists of patients for train, validation and test");
      }
      for (const CocoJson& patient : patients) {
        const std::string id = patient.is_string() ? patient.get<std::string>() : "";
        if (id.empty() || result_.split.Has(id)) {
          throw Error(ErrorCode::kInvalidArgument,
                      name_ + ": 'split' names " +
                          (id.empty() ? "a patient that is no text" : "a patient twice") + " in '" +
                          side + "'");
        }
        result_.split.Add(id, part);
      }
    }
  }

  const std::string& name_;
  DataProblems& problems_;
  std::map<std::int64_t, std::string> categories_;
  std::set<std::int64_t> seen_images_, good_images_, seen_boxes_;
  std::set<Uid> uids_;
  std::map<std::tuple<std::int64_t, double, double, double, double>, std::int64_t> boxes_;
  CocoAnnotations result_;
};

}  // namespace

std::string LeftOut(std::int64_t image) {
  return "; image " + std::to_string(image) + " is left out, for what is on it is not known";
}

CocoAnnotations ReadCoco(const std::filesystem::path& file,
                         const std::string& name,
                         DataProblems& problems) {
  const std::string text = ReadText(file);
  CocoJson json;
  try {
    json = CocoJson::parse(WithoutNonNumbers(text));
  } catch (const CocoJson::exception& error) {
    throw Error(ErrorCode::kParse, file.string() + " is not JSON: " + error.what());
  }
  CocoAnnotations result = Reader(name, problems).Read(json);
  result.digest = Sha256Of(text);
  return result;
}

}  // namespace necknode::training
