#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "phantom/phantom.h"

namespace necknode::tests {

inline constexpr int kTinyColumns = 32, kTinyRows = 24, kTinySlices = 6;

/// A hand-made study of kTinySlices slices of kTinyColumns x kTinyRows pixels, 1 mm and 2 mm apart,
/// whose values depend on `seed`. Node 1 is benign, box {4, 5, 10, 9} on slices 1 and 2; node 2 is
/// metastatic, box {20, 8, 26, 16} on slices 2 to 4.
[[nodiscard]] phantom::Phantom TinyPhantom(std::uint64_t seed);

/// Writes it as DICOM with truth.json; the patient is `patient`, or PHANTOM-<seed>.
void WriteTinyStudy(const std::filesystem::path& folder,
                    std::uint64_t seed,
                    const std::string& patient = "");

[[nodiscard]] nlohmann::json ReadTruth(const std::filesystem::path& folder);
void WriteText(const std::filesystem::path& path, const std::string& text);

}  // namespace necknode::tests
