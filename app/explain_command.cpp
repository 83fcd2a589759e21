#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/node_options.h"
#include "app/package_path.h"
#include "app/study_folder.h"
#include "coordinator/route_decision.h"
#include "coordinator/series_selection.h"
#include "core/error.h"
#include "models/package.h"
#include "pipeline/eligibility.h"

namespace necknode::app {
namespace {

using nlohmann::json;

/// A study as the rules see it, wherever it lies.
struct ExplainedStudy {
  Uid study_instance_uid;
  std::vector<InstanceHeader> headers;
  std::function<std::vector<dicom_io::SliceSource>(const Uid& series)> images;
  std::function<bool(const config::Route&)> applies;
};

std::vector<ExplainedStudy> OfFolder(const std::string& folder) {
  std::vector<ExplainedStudy> studies;
  for (StudyFiles& files : FindStudies(folder)) {
    ExplainedStudy& study = studies.emplace_back();
    study.study_instance_uid = files.study_instance_uid;
    for (const dicom_io::DicomFolder::File& file : files.files)
      study.headers.push_back(file.header);
    study.images = [files = std::move(files)](const Uid& series) {
      return ImagesOf(files, series);
    };
    study.applies = [](const config::Route&) { return true; };  // it came from nowhere
  }
  return studies;
}

ExplainedStudy OfStore(storage::Store& store, const std::string& uid) {
  const auto row = store.studies().Find(Uid(uid));
  if (!row) {
    throw Error(ErrorCode::kNotFound,
                "neither a folder nor the Study Instance UID of a study of this node: " + uid);
  }
  auto instances = store.studies().Instances(row->id);
  std::erase_if(instances, [&](const storage::IndexedInstance& instance) {
    return store.outbox().IsOurs(instance.header.sop_instance_uid);
  });
  ExplainedStudy study;
  study.study_instance_uid = row->study_instance_uid;
  for (const storage::IndexedInstance& instance : instances)
    study.headers.push_back(instance.header);
  study.images = [&store, instances = std::move(instances)](const Uid& series) {
    std::vector<dicom_io::SliceSource> images;
    for (const storage::IndexedInstance& instance : instances) {
      if (instance.header.series_instance_uid == series &&
          coordinator::IsAnalysable(instance.header)) {
        images.push_back({instance.object_key, [&store, key = instance.object_key] {
                            return store.objects().Read(storage::ObjectKind::kReceived, key);
                          }});
      }
    }
    return images;
  };
  study.applies = [arrivals = store.studies().Arrivals(row->id)](const config::Route& route) {
    return coordinator::Applies(route, arrivals);
  };
  return study;
}

// What keeps the chosen series from being analysed, or what the route only warns of.
json EligibilityOf(const ExplainedStudy& study,
                   const Uid& series,
                   const config::Route& route,
                   const std::filesystem::path& packages) {
  try {
    const models::Package package =
        models::LoadPackage(FindPackage(route.package, PackageRoot(packages)));
    const auto found = pipeline::JudgeEligibility(study.images(series), package.intended_use);
    const bool enforced = !found.refusal.empty() || route.intended_use == "enforce";
    json reasons = found.broken_limits;
    if (!found.refusal.empty())
      reasons.push_back(found.refusal);
    return {{"reasons", reasons}, {"enforced", enforced}};
  } catch (const Error& error) {
    return {{"reasons", {route.package + ": " + error.what()}}, {"enforced", true}};
  }
}

json ExplainRoute(const ExplainedStudy& study,
                  const config::Route& route,
                  const std::filesystem::path& packages) {
  json explained = {{"route", route.name},
                    {"package", route.package},
                    {"applies", study.applies(route)},
                    {"series", json::array()}};
  if (!explained["applies"].get<bool>())
    return explained;
  for (const auto& verdict : coordinator::SelectSeries(study.headers, route)) {
    json series = {{"series_instance_uid", verdict.series_instance_uid.value()},
                   {"description", verdict.description},
                   {"chosen", verdict.selected},
                   {"refusals", verdict.refusals},
                   {"remarks", verdict.remarks}};
    if (verdict.selected) {
      series["not_eligible"] = EligibilityOf(study, verdict.series_instance_uid, route, packages);
    }
    explained["series"].push_back(std::move(series));
  }
  return explained;
}

void PrintReasons(const char* what, const json& reasons) {
  for (const json& reason : reasons)
    std::printf("        %s%s\n", what, reason.get<std::string>().c_str());
}

void Print(const json& study) {
  std::printf("Study %s\n", study.at("study_instance_uid").get<std::string>().c_str());
  for (const json& route : study.at("routes")) {
    std::printf("  Route %s, package %s\n",
                route.at("route").get<std::string>().c_str(),
                route.at("package").get<std::string>().c_str());
    if (!route.at("applies").get<bool>())
      std::printf("    does not apply: the study came by other AE titles\n");
    for (const json& series : route.at("series")) {
      const bool chosen = series.at("chosen").get<bool>();
      std::printf("    %s %s\n        %s\n",
                  chosen ? "chosen  " : "left out",
                  series.at("description").get<std::string>().c_str(),
                  series.at("series_instance_uid").get<std::string>().c_str());
      PrintReasons("", series.at("refusals"));
      PrintReasons("", series.at("remarks"));
      if (!chosen)
        continue;
      const json& missing = series.at("not_eligible");
      const bool enforced = missing.at("enforced").get<bool>();
      PrintReasons(enforced ? "not eligible: " : "analysed with a warning: ",
                   missing.at("reasons"));
      if (missing.at("reasons").empty())
        std::printf("        eligible: would be analysed\n");
    }
  }
}

struct ExplainArguments {
  NodeOptions node;
  std::string what, route, packages;
  bool as_json = false;
};

void Explain(const ExplainArguments& arguments) {
  const config::Config config = arguments.node.Load();
  std::vector<config::Route> routes = config::WithShadows(config.routes);
  if (!arguments.route.empty()) {
    std::erase_if(routes,
                  [&](const config::Route& route) { return route.name != arguments.route; });
    if (routes.empty())
      throw Error(ErrorCode::kInvalidArgument, "there is no route \"" + arguments.route + "\"");
  }
  const std::filesystem::path packages =
      arguments.packages.empty() ? config.packages : std::filesystem::path(arguments.packages);
  std::unique_ptr<storage::Store> store;
  std::vector<ExplainedStudy> studies;
  if (std::filesystem::is_directory(arguments.what)) {
    studies = OfFolder(arguments.what);
  } else if (arguments.what.find('/') != std::string::npos) {
    throw Error(ErrorCode::kNotFound, "there is no folder " + arguments.what);
  } else {
    store = OpenStore(config, true);
    studies.push_back(OfStore(*store, arguments.what));
  }
  json all = json::array();
  for (const ExplainedStudy& study : studies) {
    json explained = {{"study_instance_uid", study.study_instance_uid.value()},
                      {"routes", json::array()}};
    for (const config::Route& route : routes)
      explained["routes"].push_back(ExplainRoute(study, route, packages));
    if (!arguments.as_json)
      Print(explained);
    all.push_back(std::move(explained));
  }
  if (arguments.as_json)
    std::printf("%s\n", all.dump(2, ' ', false, json::error_handler_t::replace).c_str());
}

}  // namespace

void AddExplain(CLI::App& cli) {
  auto* command = cli.add_subcommand(
      "explain", "Say for each series of a study why it is analysed or not, without analysing it");
  auto arguments = std::make_shared<ExplainArguments>();
  command
      ->add_option("STUDY",
                   arguments->what,
                   "Folder of DICOM files, or the Study Instance UID of a study of the node")
      ->required();
  arguments->node.AddTo(*command);
  command->add_option("--route", arguments->route, "Only this route of the configuration");
  command->add_option("--packages", arguments->packages, "Folder of model packages");
  command->add_flag("--json", arguments->as_json, "Machine-readable");
  command->footer(
      "Series are ranked by contrast, preferred kernel, thickness nearest 2 mm and "
      "series number; the chosen one is read\nand checked against the intended use "
      "of the route's package.");
  command->callback([arguments] { Explain(*arguments); });
}

}  // namespace necknode::app
