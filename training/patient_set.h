#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "training/data_options.h"

namespace necknode::training {

/// The patients of one role in a run: phantoms by their seeds, others by the ids from DICOM.
struct PatientSet {
  std::vector<SeedRange> seeds;
  std::set<std::string> ids;
  void Add(const PatientSet& others);
};

/// Throws Error(kInvalidArgument), naming the roles and no patient, where a patient is in both.
void RequireApart(const PatientSet& a,
                  const std::string& role,
                  const PatientSet& b,
                  const std::string& other_role);

/// The patients that weights were trained on and validated with, those of the weights that the
/// training started from included. Ids never go into a record or a package; they stay in a file
/// beside the weights, where `train package` looks for them.
struct SeenPatients {
  PatientSet training, validation;
  void Add(const SeenPatients& others);
};

/// The phantoms that weights have seen, by their training record and those of what it started from.
/// Of other data no record holds ids. Throws Error(kModel) where a record has no readable seeds.
[[nodiscard]] SeenPatients SeenPhantoms(const nlohmann::ordered_json& training);

/// Writes "<stem of `weights`>.patients.json" beside `weights`. Throws Error(kStorageFailed).
void WriteSeenPatients(const std::filesystem::path& weights, const SeenPatients& seen);
/// Reads it. Throws Error(kNotFound | kModel).
[[nodiscard]] SeenPatients ReadSeenPatients(const std::filesystem::path& weights);

}  // namespace necknode::training
