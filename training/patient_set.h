#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include "training/data_options.h"

namespace necknode::training {

/// The patients of one role in a run: a range of phantoms' seeds, or ids from DICOM.
struct PatientSet {
  std::optional<SeedRange> seeds;
  std::set<std::string> ids;
};

/// Throws Error(kInvalidArgument), naming the roles and no patient, where a patient is in both.
void RequireApart(const PatientSet& a,
                  const std::string& role,
                  const PatientSet& b,
                  const std::string& other_role);

/// The patients that a run trained on and validated with. Ids never go into a record or a package;
/// they stay in a file beside the weights, where `train package` looks for them.
struct SeenPatients {
  PatientSet training, validation;
};

/// The phantoms that a run saw, by its training record; nothing of other data, whose ids no record
/// holds. Throws Error(kModel) where the record has no readable seeds.
[[nodiscard]] std::optional<SeenPatients> SeenPhantoms(const nlohmann::ordered_json& training);

/// Writes "<stem of `weights`>.patients.json" beside `weights`. Throws Error(kStorageFailed).
void WriteSeenPatients(const std::filesystem::path& weights, const SeenPatients& seen);
/// Reads it. Throws Error(kNotFound | kModel).
[[nodiscard]] SeenPatients ReadSeenPatients(const std::filesystem::path& weights);

}  // namespace necknode::training
