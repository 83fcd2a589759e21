#include "tests/training/tiny_studies.h"

#include <fstream>

#include "phantom/dicom_series.h"

namespace necknode::tests {

phantom::Phantom TinyPhantom(std::uint64_t seed) {
  phantom::Phantom made;
  made.options.seed = seed;
  VolumeGrid grid;
  grid.columns = kTinyColumns;
  grid.rows = kTinyRows;
  grid.slices = kTinySlices;
  grid.column_spacing_mm = grid.row_spacing_mm = 1;
  grid.slice_spacing_mm = 2;
  grid.first.row_direction = {1, 0, 0};
  grid.first.column_direction = {0, 1, 0};
  made.volume = Volume(grid);
  std::int16_t value = static_cast<std::int16_t>(seed % 50);
  for (std::int16_t& voxel : made.volume.voxels()) {
    voxel = value = static_cast<std::int16_t>((value + 7) % 200);
  }
  phantom::TrueNode benign, metastatic;
  benign.id = 1;
  benign.boxes = {{1, {4, 5, 10, 9}}, {2, {4, 5, 10, 9}}};
  metastatic.id = 2;
  metastatic.malignant = true;
  metastatic.boxes = {{2, {20, 8, 26, 16}}, {3, {20, 8, 26, 16}}, {4, {20, 8, 26, 16}}};
  made.nodes = {benign, metastatic};
  return made;
}

void WriteTinyStudy(const std::filesystem::path& folder,
                    std::uint64_t seed,
                    const std::string& patient) {
  phantom::SeriesIdentity identity;
  identity.patient_id = patient;
  (void)phantom::WriteDicomSeries(TinyPhantom(seed), identity, folder);
}

nlohmann::json ReadTruth(const std::filesystem::path& folder) {
  std::ifstream file(folder / "truth.json");
  return nlohmann::json::parse(file);
}

void WriteText(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace necknode::tests
