#include <cstdio>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "models/architectures.h"
#include "models/inference.h"

namespace necknode::app {
namespace {

using Json = nlohmann::ordered_json;
using models::Architecture;
using models::NetworkCost;

constexpr int kPublishedWidth = 64;

struct ArchitecturesArguments {
  int base_width = kPublishedWidth;
  bool as_json = false;
};

double Millions(const NetworkCost& cost) { return static_cast<double>(cost.parameters) / 1e6; }
double Gmacs(const NetworkCost& cost) { return static_cast<double>(cost.macs) / 1e9; }

Json RowOf(const Architecture& architecture, const NetworkCost& cost, int base_width) {
  Json figures = Json::object();
  for (const models::PaperFigure& figure : architecture.figures)
    figures[figure.name] = figure.value;
  return {{"name", architecture.name},
          {"title", architecture.title},
          {"kind", models::ToString(architecture.kind)},
          {"description", architecture.description},
          {"paper", {{"place", architecture.place}, {"figures", figures}}},
          {"base_width", base_width},
          {"input", cost.input},
          {"parameters_millions", Millions(cost)},
          {"gmacs", Gmacs(cost)}};
}

void PrintRow(const Architecture& architecture, const NetworkCost& cost) {
  std::string figures = architecture.place + ":";
  for (const models::PaperFigure& figure : architecture.figures) {
    char text[32];
    std::snprintf(text, sizeof text, figure.value < 1 ? " %.3f" : " %.1f", figure.value);
    figures += " " + figure.name + text;
  }
  std::string input;
  for (const std::int64_t extent : cost.input)
    input += (input.empty() ? "" : "x") + std::to_string(extent);
  std::printf("%-32s %-10s %9.3f %8.3f  %-10s  %-45s  %s: %s\n",
              architecture.name.c_str(),
              models::ToString(architecture.kind),
              Millions(cost),
              Gmacs(cost),
              input.c_str(),
              figures.c_str(),
              architecture.title.c_str(),
              architecture.description.c_str());
  // Each network is built and run: rows come as they are measured.
  std::fflush(stdout);
}

void List(const ArchitecturesArguments& arguments) {
  models::UseAllCpus();
  if (!arguments.as_json) {
    std::printf("%-32s %-10s %9s %8s  %-10s  %s\n",
                "name",
                "kind",
                "params M",
                "GMACs",
                "input",
                "the paper's figures (%; AUC)");
  }
  Json rows = Json::array();
  for (const Architecture& architecture : models::Architectures()) {
    const NetworkCost cost = architecture.measure_cost(architecture.name, arguments.base_width);
    if (arguments.as_json) {
      rows.push_back(RowOf(architecture, cost, arguments.base_width));
    } else {
      PrintRow(architecture, cost);
    }
  }
  if (arguments.as_json)
    std::printf("%s\n", rows.dump(2).c_str());
}

}  // namespace

void AddArchitectures(CLI::App& cli) {
  auto arguments = std::make_shared<ArchitecturesArguments>();
  auto* command = cli.add_subcommand(
      "architectures",
      "The systems that the paper compares: parameters, multiply-accumulates, its figures");
  command->add_option("--base-width", arguments->base_width, "64: as published")
      ->capture_default_str()
      ->check(CLI::Range(4, 256));
  command->add_flag("--json", arguments->as_json, "Machine-readable");
  command->callback([arguments] { List(*arguments); });
}

}  // namespace necknode::app
