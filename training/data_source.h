#pragma once

#include <filesystem>
#include <string>

#include "training/data_options.h"
#include "training/patient_split.h"

namespace necknode::training {

/// What a text after --data, --validation or --test names. This is its whole grammar:
///   phantom              phantoms made on the fly, of the seeds that the command uses by itself
///   phantom:seeds A-B    phantoms of these seeds (also phantom:A-B)
///   DIR                  a folder of DICOM with DIR/annotations.json, else DIR/truth.json, else
///                        every annotations.json and truth.json in the folders below
///   DIR:FILE             the same with this annotation file; a relative path is relative to DIR
///   DIR#PART, DIR:FILE#PART   only the patients of one side of the split: train, validation, test,
///                        or all. Without it each command takes the side that it is for.
struct DataSource {
  bool phantom = true;
  SeedRange seeds;                                 ///< of phantoms
  std::filesystem::path folder;                    ///< else
  std::vector<std::filesystem::path> annotations;  ///< at least one
  DataPart part = DataPart::kAll;
};

inline constexpr const char* kDataHelp =
    "phantom, 'phantom:seeds A-B', or a folder of DICOM: DIR or DIR:annotations.json, with #train, "
    "#validation, #test or #all behind it for one part";

/// Reads `text`. Throws Error(kInvalidArgument) with the grammar where it fits none of it,
/// Error(kNotFound) where the folder has no annotations.
[[nodiscard]] DataSource ParseData(const std::string& text,
                                   const SeedRange& seeds_of_command,
                                   DataPart part_of_command);

}  // namespace necknode::training
