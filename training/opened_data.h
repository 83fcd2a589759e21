#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "training/data_source.h"
#include "training/folder_data.h"
#include "training/labelled_study.h"
#include "training/patient_set.h"

namespace necknode::training {

/// One --data text opened: phantoms to be made, or one side of a folder.
struct OpenedData {
  DataSource source;
  std::shared_ptr<FolderData> folder;        ///< null of phantoms
  std::shared_ptr<FolderStudies> part;       ///< of `folder`: the wanted side; null of phantoms
  std::shared_ptr<LabelledStudies> studies;  ///< `part`, or the phantoms; at least one study
  [[nodiscard]] PatientSet Patients() const;
};

/// What opening data may need.
struct OpenOptions {
  FolderOptions folder;
  bool strict = false;                    ///< an entry that cannot be used ends the run
  std::filesystem::path problems_folder;  ///< receives data_problems.json; empty: not written
  int phantom_slices = 80;
  std::size_t phantoms_in_memory = 2;
  FolderData::Progress progress;
  /// Is told of what a folder holds and what of it cannot be used.
  std::function<void(const std::string& text)> report;
};

/// Opens data of a run. A folder that several texts name is read once. Not thread safe.
class DataOpener {
 public:
  explicit DataOpener(OpenOptions options) : options_(std::move(options)) {}
  /// Throws as ParseData, FolderData::Open and RequireUsable do, and Error(kInvalidArgument) where
  /// the wanted side has no study.
  [[nodiscard]] OpenedData Open(const std::string& text,
                                const SeedRange& seeds_of_command,
                                DataPart part_of_command);
  /// Another side of the same folder.
  [[nodiscard]] OpenedData OpenPart(const OpenedData& of, DataPart part) const;

 private:
  [[nodiscard]] std::shared_ptr<FolderData> FolderOf(const DataSource& source);
  OpenOptions options_;
  std::map<std::string, std::shared_ptr<FolderData>> folders_;  // by folder and annotations
};

}  // namespace necknode::training
