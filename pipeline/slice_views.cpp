#include "pipeline/slice_views.h"

#include <cmath>
#include <optional>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "sr_writer/jpeg.h"
#include "sr_writer/slice_picture.h"
#include "sr_writer/soft_tissue_window.h"
#include "storage/bundle.h"

namespace necknode::pipeline {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kQuality = 85;
constexpr int kSmallestSide = 64;

struct Pictures {
  int rows = 0, columns = 0;
  std::vector<std::vector<std::byte>> files;
};

// nullopt where they take more than `max_bytes`.
std::optional<Pictures> Encoded(const Volume& volume,
                                int longest_side,
                                std::size_t max_bytes,
                                const std::function<void(int, int)>& on_slice) {
  const VolumeGrid& grid = volume.grid();
  Pictures pictures;
  std::size_t bytes = 0;
  for (int z = 0; z < grid.slices; ++z) {
    if (on_slice)
      on_slice(z, grid.slices);
    const sr_writer::GreyPicture picture =
        sr_writer::DrawSlice(volume.Slice(z), grid.rows, grid.columns, longest_side);
    pictures.rows = picture.rows;
    pictures.columns = picture.columns;
    pictures.files.push_back(sr_writer::EncodeJpeg(picture, kQuality));
    bytes += pictures.files.back().size();
    if (bytes > max_bytes)
      return std::nullopt;
  }
  return pictures;
}

double Rounded(double value, double steps) { return std::round(value * steps) / steps; }

Json IndexOf(const dicom_io::CtVolume& ct, const Assessment& assessment, const Pictures& pictures) {
  const VolumeGrid& grid = ct.volume.grid();
  Json slices = Json::array();
  for (int z = 0; z < grid.slices; ++z) {
    const auto& number = ct.slices.at(static_cast<std::size_t>(z)).header.instance_number;
    const double position = Dot(grid.ToPatient(0, 0, z), grid.first.Normal());
    slices.push_back({{"instance_number", number ? Json(*number) : Json(nullptr)},
                      {"position_mm", Rounded(position, 100)}});
  }
  return {{"format", "necknode-slices"},
          {"format_version", 1},
          {"warning", assessment.model.warning},
          {"rows", grid.rows},
          {"columns", grid.columns},
          {"picture_rows", pictures.rows},
          {"picture_columns", pictures.columns},
          {"pixel_spacing_mm",
           {Rounded(grid.row_spacing_mm, 1e6), Rounded(grid.column_spacing_mm, 1e6)}},
          {"slice_spacing_mm", Rounded(grid.slice_spacing_mm, 1e4)},
          {"window",
           {{"center_hu", sr_writer::kSoftTissueCenterHu},
            {"width_hu", sr_writer::kSoftTissueWidthHu}}},
          {"slices", slices}};
}

}  // namespace

std::vector<std::byte> WriteSliceViews(const dicom_io::CtVolume& ct,
                                       const Assessment& assessment,
                                       const std::function<void(int, int)>& on_slice,
                                       const SliceViewLimits& limits) {
  for (int side = limits.longest_side; side >= kSmallestSide; side /= 2) {
    if (const auto pictures = Encoded(ct.volume, side, limits.max_bytes, on_slice)) {
      const std::string index = IndexOf(ct, assessment, *pictures).dump();
      return storage::PackBundle(index, pictures->files);
    }
  }
  throw Error(ErrorCode::kInvalidArgument,
              std::to_string(ct.volume.grid().slices) + " slices do not fit into " +
                  std::to_string(limits.max_bytes) + " bytes");
}

}  // namespace necknode::pipeline
