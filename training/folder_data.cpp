#include "training/folder_data.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <span>
#include <utility>

#include <nlohmann/json.hpp>

#include "core/digest.h"
#include "core/error.h"
#include "dicom_io/volume_reader.h"
#include "phantom/phantom.h"
#include "training/annotation_join.h"
#include "training/shared_pool.h"

namespace necknode::training {
namespace {

namespace fs = std::filesystem;

std::vector<std::byte> ReadBytes(const fs::path& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  std::vector<char> bytes(error ? 0 : static_cast<std::size_t>(size));
  std::ifstream file(path, std::ios::binary);
  if (error || !file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) {
    throw Error(ErrorCode::kNotFound, "cannot be read");
  }
  const auto view = std::as_bytes(std::span(bytes));
  return {view.begin(), view.end()};
}

/// A study as it was read, and which of its images have no place in the volume.
struct ReadStudy {
  LabelledStudy study;
  DataProblems problems;
};

ReadStudy ReadAnnotated(const AnnotatedSeries& series, const fs::path& folder) {
  std::vector<dicom_io::SliceSource> sources;
  for (const fs::path& path : series.files) {
    sources.push_back(
        {path.lexically_relative(folder).generic_string(), [path] { return ReadBytes(path); }});
  }
  auto ct = dicom_io::ReadVolume(sources, nullptr);
  std::map<Uid, int> slice_of;
  for (std::size_t z = 0; z < ct.slices.size(); ++z) {
    slice_of.emplace(ct.slices[z].header.sop_instance_uid, static_cast<int>(z));
  }
  ReadStudy result;
  LabelledStudy& study = result.study;
  study.patient = series.patient;
  study.name = series.name;
  study.volume = std::make_shared<const Volume>(std::move(ct.volume));
  for (const AnnotatedSeries::Image& image : series.images) {
    const auto found = slice_of.find(image.sop_instance_uid);
    if (found == slice_of.end()) {
      result.problems.push_back({image.file,
                                 image.entry,
                                 "another file at the same position was acquired later, so that "
                                 "this one and its " +
                                     std::to_string(image.boxes.size()) + " boxes are not used"});
      continue;
    }
    study.slices.push_back(found->second);
    for (LabelledBox box : image.boxes) {
      box.slice = found->second;
      study.boxes.push_back(box);
    }
  }
  std::sort(study.slices.begin(), study.slices.end());
  std::stable_sort(study.boxes.begin(),
                   study.boxes.end(),
                   [](const LabelledBox& a, const LabelledBox& b) { return a.slice < b.slice; });
  return result;
}

std::string RefusedSeries(const AnnotatedSeries& series) {
  std::size_t boxes = 0;
  for (const auto& image : series.images) {
    boxes += image.boxes.size();
  }
  return "series of " + std::to_string(series.files.size()) + " files with " +
         std::to_string(series.images.size()) + " annotated images and " + std::to_string(boxes) +
         " boxes";
}

class OpenedFolder;

class PartOfFolder final : public FolderStudies {
 public:
  PartOfFolder(std::shared_ptr<OpenedFolder> folder,
               std::vector<std::size_t> series,
               std::vector<LabelledStudy> labels,
               std::string description)
      : folder_(std::move(folder)),
        series_(std::move(series)),
        labels_(std::move(labels)),
        description_(std::move(description)) {}
  [[nodiscard]] std::size_t Count() const override { return series_.size(); }
  [[nodiscard]] std::shared_ptr<const LabelledStudy> Get(std::size_t index) override;
  [[nodiscard]] std::string PatientOf(std::size_t index) const override {
    return labels_.at(index).patient;
  }
  [[nodiscard]] std::size_t SlicesOf(std::size_t index) const override {
    return labels_.at(index).slices.size();
  }
  [[nodiscard]] std::string Description() const override { return description_; }
  [[nodiscard]] const std::vector<LabelledStudy>& labels() const override { return labels_; }

 private:
  std::shared_ptr<OpenedFolder> folder_;
  std::vector<std::size_t> series_;  // in the folder
  std::vector<LabelledStudy> labels_;
  std::string description_;
};

class OpenedFolder final : public FolderData, public std::enable_shared_from_this<OpenedFolder> {
 public:
  OpenedFolder(const DataSource& source, const FolderOptions& options)
      : source_(source),
        options_(options),
        pool_(static_cast<std::size_t>(std::max(1, options.studies_in_memory)),
              [this](std::size_t series) {
                return std::make_shared<const ReadStudy>(
                    ReadAnnotated(series_[series], source_.folder));
              }) {}

  void Read(const Progress& progress) {
    const auto indexed = IndexSeries(source_.folder, problems_);
    std::vector<NamedAnnotations> files;
    Sha256 digest;
    for (const fs::path& path : source_.annotations) {
      const auto name = path.lexically_relative(source_.folder).generic_string();
      files.push_back({name.empty() ? path.string() : name, {}});
      files.back().annotations = ReadCoco(path, files.back().name, problems_);
      digest.Update(files.back().annotations.digest);
    }
    annotations_digest_ = digest.Finish();
    TakeSplitLists(files);
    series_ = JoinAnnotations(indexed, files, problems_);
    series_without_annotation_ = indexed.size() - series_.size();
    for (std::size_t i = 0; i < series_.size(); ++i) {
      if (progress) {
        progress(static_cast<int>(i), static_cast<int>(series_.size()));
      }
      Check(i);
    }
    if (progress) {
      progress(static_cast<int>(series_.size()), static_cast<int>(series_.size()));
    }
  }

  [[nodiscard]] const DataProblems& problems() const override { return problems_; }
  [[nodiscard]] const PatientSplit& split() const override { return split_; }

  [[nodiscard]] std::shared_ptr<FolderStudies> Studies(DataPart part) override {
    std::vector<std::size_t> series;
    std::vector<LabelledStudy> labels;
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      if (IsOf(labels_[i], part)) {
        series.push_back(usable_[i]);
        labels.push_back(labels_[i]);
      }
    }
    return std::make_shared<PartOfFolder>(
        shared_from_this(),
        std::move(series),
        std::move(labels),
        "folder of annotations " + annotations_digest_.substr(0, 12) + ", part " + ToString(part));
  }

  [[nodiscard]] DataCounts Count(DataPart part) const override {
    DataCounts counts;
    std::set<std::string> patients;
    for (const LabelledStudy& study : labels_) {
      if (!IsOf(study, part)) {
        continue;
      }
      patients.insert(study.patient);
      std::set<int> slices, nodes;
      for (const LabelledBox& box : study.boxes) {
        slices.insert(box.slice);
        nodes.insert(box.node);
        ++(box.malignant ? counts.metastatic : counts.benign);
      }
      ++counts.series;
      counts.slices += study.slices.size();
      counts.slices_with_nodes += slices.size();
      counts.nodes += nodes.size();
    }
    counts.patients = patients.size();
    return counts;
  }

  [[nodiscard]] nlohmann::ordered_json Record() const override {
    nlohmann::ordered_json split = {
        {"by", listed_ ? "list in the annotations" : "hash of patient"}};
    if (!listed_) {
      split["shares"] = ToString(options_.split);
      split["seed"] = options_.split.seed;
    }
    split["sha256"] = split_.Digest();
    nlohmann::ordered_json counts;
    for (const auto part : {DataPart::kTrain, DataPart::kValidation, DataPart::kTest}) {
      counts[ToString(part)] = ToJson(Count(part));
    }
    return {{"kind", "folder"},
            {"annotations_sha256", annotations_digest_},
            {"split", std::move(split)},
            {"counts", std::move(counts)},
            {"phantoms", Phantoms()},
            {"series_without_annotation", series_without_annotation_},
            {"refused_entries", problems_.size()}};
  }

  [[nodiscard]] std::shared_ptr<const LabelledStudy> StudyOf(std::size_t series) {
    const auto read = pool_.Get(series);
    return {read, &read->study};
  }

 private:
  [[nodiscard]] bool IsOf(const LabelledStudy& study, DataPart part) const {
    return part == DataPart::kAll || split_.Of(study.patient) == part;
  }

  /// Patients that are phantoms written as DICOM.
  [[nodiscard]] std::size_t Phantoms() const {
    std::set<std::string> phantoms;
    for (const LabelledStudy& study : labels_) {
      if (phantom::SeedOfPatientId(study.patient)) {
        phantoms.insert(study.patient);
      }
    }
    return phantoms.size();
  }

  void TakeSplitLists(const std::vector<NamedAnnotations>& files) {
    for (const NamedAnnotations& file : files) {
      listed_ = listed_ || file.annotations.has_split;
      for (const auto part : {DataPart::kTrain, DataPart::kValidation, DataPart::kTest}) {
        for (const std::string& patient : file.annotations.split.Patients(part)) {
          if (lists_.Has(patient) && lists_.Of(patient) != part) {
            throw Error(ErrorCode::kInvalidArgument,
                        file.name + ": 'split' puts a patient on another side than another file");
          }
          lists_.Add(patient, part);
        }
      }
    }
  }

  /// Reads a series once; it becomes usable or a problem.
  void Check(std::size_t series) {
    const AnnotatedSeries& annotated = series_[series];
    const auto refuse = [&](const std::string& reason) {
      problems_.push_back({annotated.name, RefusedSeries(annotated), reason});
    };
    if (listed_ && !lists_.Has(annotated.patient)) {
      return refuse("its patient is in no list of 'split'");
    }
    std::shared_ptr<const ReadStudy> read;
    try {
      read = pool_.Get(series);
    } catch (const Error& error) {
      return refuse(error.what());
    }
    problems_.insert(problems_.end(), read->problems.begin(), read->problems.end());
    if (read->study.slices.empty()) {
      return;
    }
    split_.Add(annotated.patient,
               listed_ ? lists_.Of(annotated.patient) : PartOf(annotated.patient, options_.split));
    usable_.push_back(series);
    labels_.push_back(read->study);
    labels_.back().volume.reset();
  }

  DataSource source_;
  FolderOptions options_;
  std::vector<AnnotatedSeries> series_;
  std::vector<std::size_t> usable_;    // of series_
  std::vector<LabelledStudy> labels_;  // one for each of usable_, without volume
  DataProblems problems_;
  PatientSplit split_, lists_;
  bool listed_ = false;
  std::string annotations_digest_;
  std::size_t series_without_annotation_ = 0;
  SharedPool<std::size_t, ReadStudy> pool_;
};

std::shared_ptr<const LabelledStudy> PartOfFolder::Get(std::size_t index) {
  return folder_->StudyOf(series_.at(index));
}

}  // namespace

std::shared_ptr<FolderData> FolderData::Open(const DataSource& source,
                                             const FolderOptions& options,
                                             const Progress& progress) {
  auto folder = std::make_shared<OpenedFolder>(source, options);
  folder->Read(progress);
  return folder;
}

}  // namespace necknode::training
