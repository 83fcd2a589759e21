#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "training/opened_data.h"
#include "training/patient_set.h"

namespace necknode::training {

/// Patients that weights with this training record have seen: from the file beside them, or, of
/// phantoms, from the record. Throws Error(kNotFound) where neither says it.
[[nodiscard]] SeenPatients SeenBy(const std::filesystem::path& weights,
                                  const nlohmann::ordered_json& training);

/// Throws Error(kInvalidArgument), naming `role`, where weights with this training record have seen
/// data that they are to be measured on, as far as a record can tell: phantoms by their seeds, a
/// folder by its annotations and split, of which another part than was used is unseen.
void RequireUnseen(const nlohmann::ordered_json& training,
                   const OpenedData& data,
                   const std::string& role);

/// What `--start-from` gives to a training of `network`, "detector" or "classifier".
struct Ancestor {
  /// For the training record: "random weights", or the file's digest and, where it is known from
  /// `<stem>.json` or `package.json` beside the file, its own training record.
  nlohmann::ordered_json record;
  SeenPatients seen;  ///< as far as it is known
};
/// Throws Error(kModel) where what lies beside the weights is damaged.
[[nodiscard]] Ancestor AncestorOf(const std::filesystem::path& start_from,
                                  const std::string& network);

}  // namespace necknode::training
