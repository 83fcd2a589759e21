#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <span>

#include "app/commands.h"
#include "app/package_path.h"
#include "app/progress.h"
#include "app/result_files.h"
#include "app/series_choice.h"
#include "app/study_folder.h"
#include "core/digest.h"
#include "core/error.h"
#include "models/inference.h"
#include "pipeline/process_study.h"
#include "sr_writer/render_report.h"

namespace necknode::app {
namespace {

namespace fs = std::filesystem;

constexpr int kNotEligibleCode = 3;
constexpr int kFailedCode = 1;

struct ProcessOptions {
  std::string folder, out, package = config::Route{}.package, packages, device = "auto",
                           intended_use = "enforce";
  std::string series, prior;
  bool json = false, force = false;
};

// Nothing but a run's own files is ever touched.
void PrepareFolder(const fs::path& folder, bool force) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw Error(ErrorCode::kInvalidArgument,
                "cannot make " + folder.string() + ": " + error.message());
  std::vector<fs::path> earlier;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file() && IsResultFile(entry.path()))
      earlier.push_back(entry.path());
  }
  if (!earlier.empty() && !force) {
    throw Error(ErrorCode::kInvalidArgument,
                folder.string() + " holds earlier results (" + earlier.front().filename().string() +
                    "): give another --out, or --force to replace them");
  }
  for (const fs::path& file : earlier)
    fs::remove(file);
}

void WriteFile(const fs::path& path, std::span<const std::byte> bytes) {
  std::ofstream out(path, std::ios::binary);
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  if (!out)
    throw Error(ErrorCode::kStorageFailed,
                "cannot write " + path.string() + " (is the disk full?)");
}

class Processor {
 public:
  explicit Processor(const ProcessOptions& options)
      : options_(options),
        package_(models::LoadPackage(FindPackage(options.package, PackageRoot(options.packages)))) {
    route_.package = options.package;
    route_.intended_use = options.intended_use;
  }

  // Returns the exit code that this study deserves.
  int Process(const StudyFiles& study, const fs::path& out) {
    PrepareFolder(out, options_.force);
    const std::optional<Uid> series = ChooseSeries(study, route_, options_.series);
    if (!series) {
      std::fprintf(stderr, "not eligible: no suitable series\n");
      return kNotEligibleCode;
    }
    const std::vector<dicom_io::SliceSource> sources = ImagesOf(study, *series);
    std::vector<std::string> digests;
    for (const dicom_io::SliceSource& source : sources)
      digests.push_back(Sha256Of(source.read()));
    pipeline::StudyOptions options;
    options.job_key = JobKey(std::move(digests));
    if (!options_.prior.empty())
      options.prior = PriorIn(options_.prior, study, route_);
    const pipeline::StudyResult result = Analyse(sources, std::move(options));
    Write(result, out);
    if (options_.json) {
      std::fputs(result.json.c_str(), stdout);
    } else {
      std::printf("%s\n%zu DICOM file(s), %s%s%s in %s\n",
                  result.summary.c_str(),
                  result.documents.size(),
                  kResultFile,
                  result.documents.empty() ? "" : " and ",
                  result.documents.empty() ? "" : kPageFile,
                  out.c_str());
    }
    switch (result.outcome) {
      case pipeline::Outcome::kNotEligible:
        return kNotEligibleCode;
      case pipeline::Outcome::kFailed:
        return kFailedCode;
      default:
        return 0;
    }
  }

 private:
  // The same files, package and limits give the same key, and so the same UIDs, wherever they lie.
  [[nodiscard]] std::string JobKey(std::vector<std::string> digests) const {
    std::ranges::sort(digests);
    std::string text = "process\n" + package_.digest + "\n" + options_.intended_use + "\n";
    for (const std::string& digest : digests)
      text += digest + "\n";
    return Sha256Of(text);
  }

  pipeline::StudyResult Analyse(const std::vector<dicom_io::SliceSource>& sources,
                                pipeline::StudyOptions study) {
    if (!inference_) {
      models::UseAllCpus();
      models::CheckBlas();
      inference_ = std::make_unique<models::Inference>(package_, options_.device);
      std::fprintf(stderr,
                   "package %s/%s on %s\n",
                   package_.name.c_str(),
                   package_.version.c_str(),
                   inference_->device().c_str());
    }
    study.route = route_.name;
    study.warn_only = options_.intended_use == "warn";
    study.software_version = NECKNODE_VERSION;
    std::string stage;
    std::unique_ptr<ProgressBar> bar;
    return pipeline::ProcessStudy(
        sources,
        *inference_,
        package_,
        study,
        [&](const pipeline::Progress& progress) {
          if (progress.stage != stage || !bar) {
            bar.reset();  // ends its line first
            bar = std::make_unique<ProgressBar>(progress.stage, progress.of);
            stage = progress.stage;
          }
          bar->Update(progress.done);
        },
        nullptr);
  }

  static void Write(const pipeline::StudyResult& result, const fs::path& out) {
    std::map<std::string, int> ordinals;
    for (const sr_writer::Document& document : result.documents) {
      WriteFile(out / ResultFileName(document, ++ordinals[document.kind]), document.part10);
    }
    WriteFile(out / kResultFile, std::as_bytes(std::span(result.json)));
    const sr_writer::RenderedReport report = sr_writer::RenderReport(result.documents);
    if (report.text.empty())
      return;
    WriteFile(out / kTextFile, std::as_bytes(std::span(report.text)));
    WriteFile(out / kPageFile, std::as_bytes(std::span(report.html)));
  }

  const ProcessOptions& options_;
  config::Route route_;
  models::Package package_;
  std::unique_ptr<models::Inference> inference_;
};

// Leaves the one study that holds the series asked for.
std::vector<StudyFiles> OnlyStudyOf(std::vector<StudyFiles> studies, const std::string& series) {
  const auto holds = [&](const StudyFiles& study) {
    return std::any_of(study.files.begin(), study.files.end(), [&](const auto& file) {
      return file.header.series_instance_uid.value() == series;
    });
  };
  std::erase_if(studies, [&](const StudyFiles& study) { return !holds(study); });
  if (studies.empty())
    throw Error(ErrorCode::kInvalidArgument, "--series " + series + ": no file has that series");
  return studies;
}

void Process(const ProcessOptions& options) {
  std::vector<StudyFiles> studies = FindStudies(options.folder);
  if (!options.series.empty())
    studies = OnlyStudyOf(std::move(studies), options.series);
  Processor processor(options);
  int worst = 0;
  const auto rank = [](int code) { return code == 0 ? 0 : code == kNotEligibleCode ? 1 : 2; };
  for (const StudyFiles& study : studies) {
    fs::path out = options.out;
    if (studies.size() > 1) {
      out /= study.study_instance_uid.value();
      std::fprintf(stderr, "study %s\n", study.study_instance_uid.value().c_str());
    }
    const int code = processor.Process(study, out);
    if (rank(code) > rank(worst))
      worst = code;
  }
  if (worst != 0)
    throw ExitWith{worst};
}

}  // namespace

void AddProcess(CLI::App& cli) {
  auto* command = cli.add_subcommand(
      "process", "Analyse the CT study in a folder and write the results to another");
  auto options = std::make_shared<ProcessOptions>();
  command
      ->add_option("DIR", options->folder, "Folder of DICOM files, searched with its sub-folders")
      ->required()
      ->check(CLI::ExistingDirectory);
  command->add_option("--out", options->out, "Folder for the results; made where absent")
      ->required()
      ->check([](const std::string& value) {
        return std::string(value.empty() ? "must not be empty" : "");
      });
  command
      ->add_option(
          "--package", options->package, "Model package: NAME/VERSION, or a package's folder")
      ->capture_default_str();
  command->add_option("--packages", options->packages, "Folder of model packages");
  command->add_option("--device", options->device, "auto, cpu or cuda:N")->capture_default_str();
  command
      ->add_option("--intended-use",
                   options->intended_use,
                   "enforce: refuse what breaks a limit; warn: report it")
      ->check(CLI::IsMember({"enforce", "warn"}))
      ->capture_default_str();
  command->add_option("--series",
                      options->series,
                      "Series Instance UID to analyse instead of the best suitable one");
  command
      ->add_option("--prior",
                   options->prior,
                   "Folder with an earlier study of the patient to compare with: the newest in it")
      ->check(CLI::ExistingDirectory);
  command->add_flag("--json", options->json, "Print result.json instead of the summary");
  command->add_flag("--force", options->force, "Replace earlier results in --out");
  command->footer(
      "Writes sr_comprehensive3d.dcm, sr_comprehensive.dcm (the same report in two SOP Classes: "
      "send one), pr.dcm,\n"
      "sc_NNN.dcm (the first an index image), result.json, report.txt and report.html. Two runs "
      "over the same files give the same bytes.\n"
      "A folder with several studies gives a sub-folder of --out per study, named by its Study "
      "Instance UID.\n"
      "Exit code: 0 done, 3 not eligible, 1 failed, 2 wrong usage, 66 no readable DICOM file or no "
      "such package; of several studies the worst.");
  command->callback([options] { Process(*options); });
}

}  // namespace necknode::app
