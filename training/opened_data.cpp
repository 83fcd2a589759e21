#include "training/opened_data.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "training/phantom_studies.h"
#include "training/training_record.h"

namespace necknode::training {
namespace {

constexpr std::size_t kProblemsShown = 5;

}  // namespace

PatientSet OpenedData::Patients() const {
  if (source.phantom) {
    return {{source.seeds}, {}};
  }
  PatientSet set;
  for (const LabelledStudy& study : part->labels()) {
    set.ids.insert(study.patient);
    if (const auto seed = phantom::SeedOfPatientId(study.patient)) {
      set.seeds.push_back({*seed, *seed});
    }
  }
  return set;
}

OpenedData DataOpener::Open(const std::string& text,
                            const SeedRange& seeds_of_command,
                            DataPart part_of_command) {
  OpenedData opened;
  opened.source = ParseData(text, seeds_of_command, part_of_command);
  if (opened.source.phantom) {
    phantom::PhantomOptions base;
    base.slices = options_.phantom_slices;
    opened.studies =
        std::make_shared<PhantomStudies>(opened.source.seeds, base, options_.phantoms_in_memory);
    return opened;
  }
  opened.folder = FolderOf(opened.source);
  return OpenPart(opened, opened.source.part);
}

OpenedData DataOpener::OpenPart(const OpenedData& of, DataPart part) const {
  OpenedData opened = of;
  opened.source.part = part;
  opened.part = opened.folder->Studies(part);
  opened.studies = opened.part;
  if (opened.part->Count() == 0) {
    throw Error(ErrorCode::kInvalidArgument,
                "the " + std::string(ToString(part)) + " part of " + opened.source.folder.string() +
                    " has no patient: give other shares with --split, lists of patients as "
                    "\"split\" in the annotations, or another part, as DIR#all");
  }
  return opened;
}

std::shared_ptr<FolderData> DataOpener::FolderOf(const DataSource& source) {
  std::string key = source.folder.string();
  for (const auto& file : source.annotations) {
    key.append("\n").append(file.string());
  }
  auto& folder = folders_[key];
  if (!folder) {
    folder = FolderData::Open(source, options_.folder, options_.progress);
    if (!options_.problems_folder.empty()) {
      std::filesystem::create_directories(options_.problems_folder);
      // The file of a second folder, as for validation, must not take the place of the first.
      const std::string name =
          (folders_.size() > 1 ? std::to_string(folders_.size()) + "_" : "") + kProblemsFile;
      WriteJson(options_.problems_folder / name, ReportAsJson(*folder));
    }
    if (options_.report) {
      options_.report(ReportOf(*folder, kProblemsShown));
    }
    RequireUsable(*folder, options_.strict);
  }
  return folder;
}

}  // namespace necknode::training
