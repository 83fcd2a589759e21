#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <vector>

#include "app/commands.h"
#include "core/error.h"
#include "phantom/dicom_series.h"

namespace necknode::app {
namespace {

namespace fs = std::filesystem;

// Many a seed has few nodes or none, as patients do; this one shows both classes on several levels.
constexpr std::uint64_t kShowcaseSeed = 7;

struct PhantomArguments {
  phantom::PhantomOptions phantom;
  phantom::SeriesIdentity identity;
  std::string out;
};

bool IsSlice(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with("IM") && name.ends_with(".dcm");
}

// An earlier phantom in the folder is replaced as a whole; anybody else's slices are left alone.
void ClearFolder(const fs::path& folder) {
  std::error_code absent;
  std::vector<fs::path> slices;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, absent)) {
    if (entry.is_regular_file() && IsSlice(entry.path()))
      slices.push_back(entry.path());
  }
  if (!slices.empty() && !fs::exists(folder / "truth.json"))
    throw Error(ErrorCode::kInvalidArgument,
                folder.string() + " holds " + slices.front().filename().string() +
                    " that no phantom left there: give another --out");
  for (const fs::path& slice : slices)
    fs::remove(slice);
}

void Run(const PhantomArguments& arguments) {
  ClearFolder(arguments.out);
  const phantom::Phantom made = phantom::MakePhantom(arguments.phantom);
  const auto files = phantom::WriteDicomSeries(made, arguments.identity, arguments.out);
  int malignant = 0;
  for (const phantom::TrueNode& node : made.nodes)
    malignant += node.malignant ? 1 : 0;
  std::printf("phantom %llu: %zu slices of %d x %d pixels, %zu lymph nodes (%d metastatic) in %s\n",
              static_cast<unsigned long long>(arguments.phantom.seed),
              files.size(),
              made.volume.grid().columns,
              made.volume.grid().rows,
              made.nodes.size(),
              malignant,
              arguments.out.c_str());
}

}  // namespace

void AddPhantom(CLI::App& cli) {
  auto arguments = std::make_shared<PhantomArguments>();
  CLI::App* command = cli.add_subcommand(
      "phantom", "make a synthetic neck CT with known lymph nodes: DICOM files and truth.json");
  phantom::PhantomOptions& options = arguments->phantom;
  options.seed = kShowcaseSeed;
  command->add_option("--out", arguments->out, "folder to write into, made if needed")->required();
  command->add_option("--seed", options.seed, "which phantom; the same seed gives the same one")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--slices", options.slices, "40 to 200")->capture_default_str();
  command->add_option("--slice-spacing", options.slice_spacing_mm, "mm between slices")
      ->capture_default_str();
  command->add_option(
      "--spacing", options.pixel_spacing_mm, "mm between pixels; from the seed if not given");
  command->add_option("--size", options.size, "rows and columns")->capture_default_str();
  command->add_option("--nodes", options.nodes, "lymph nodes; from the seed if not given");
  phantom::SeriesIdentity& identity = arguments->identity;
  command->add_option("--patient-name", identity.patient_name, "Patient's Name")
      ->capture_default_str();
  command->add_option(
      "--patient-id", identity.patient_id, "Patient ID; PHANTOM-<seed> if not given");
  command->add_option("--study-key",
                      identity.study_key,
                      "another key gives another study (new UIDs) of the same phantom");
  command->callback([arguments] { Run(*arguments); });
}

}  // namespace necknode::app
