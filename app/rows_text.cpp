#include "app/rows_text.h"

#include <cmath>
#include <cstdio>

#include "app/listing.h"

namespace necknode::app {
namespace {

using nlohmann::json;

std::string NextTry(const json& row) {
  const auto seconds = static_cast<long>(std::ceil(row.at("due_in_s").get<double>()));
  const bool waits = TextOf(row, "state") == storage::ToString(storage::OutboxState::kWaiting);
  return !waits         ? ""
         : seconds <= 0 ? ", due now"
                        : ", next try in " + std::to_string(seconds) + " s";
}

}  // namespace

void PrintJob(const json& job) {
  std::printf("  %-5lld %-12s study %lld, route %s, package %s, %lld slices, attempt %lld\n",
              NumberOf(job, "id"),
              TextOf(job, "state").c_str(),
              NumberOf(job, "study"),
              TextOf(job, "route").c_str(),
              TextOf(job, "package").c_str(),
              NumberOf(job, "slices"),
              NumberOf(job, "attempt"));
  PrintReason(TextOf(job, "reason"));
}

void PrintOutboxRow(const json& row) {
  const std::string commitment = TextOf(row, "commitment");
  const std::string last = TextOf(row, "last_status");
  std::printf("  %-5lld %-10s %-4s to %s, %lld attempts, last status %s%s%s\n",
              NumberOf(row, "id"),
              TextOf(row, "state").c_str(),
              TextOf(row, "kind").c_str(),
              TextOf(row, "destination").c_str(),
              NumberOf(row, "attempts"),
              last.empty() ? "none" : last.c_str(),
              NextTry(row).c_str(),
              commitment == "none" ? "" : (", commitment " + commitment).c_str());
  PrintReason(TextOf(row, "reason"));
}

void PrintCommitmentRequest(const json& row) {
  const long long instances = NumberOf(row, "instances");
  const long long failed = NumberOf(row, "failed");
  const std::string found = !row.at("judged").get<bool>() ? ", not yet looked at"
                            : failed == 0                 ? ", all committed"
                                          : ", " + std::to_string(failed) + " not committed";
  const std::string last = TextOf(row, "last_status");
  std::printf("  %-5lld %-10s by %s, %lld instance%s%s%s\n",
              NumberOf(row, "id"),
              TextOf(row, "state").c_str(),
              TextOf(row, "calling_ae").c_str(),
              instances,
              instances == 1 ? "" : "s",
              found.c_str(),
              last.empty() ? "" : (", last status " + last).c_str());
  PrintReason(TextOf(row, "reason"));
}

void PrintQuarantined(const json& row) {
  std::printf("  %-5lld from %s, %s, %lld bytes: %s\n",
              NumberOf(row, "id"),
              TextOf(row, "calling_ae").c_str(),
              TimeOf(row, "time").c_str(),
              NumberOf(row, "bytes"),
              TextOf(row, "reason").c_str());
}

void PrintModel(const json& model) {
  std::string routes;
  for (const json& route : model.at("routes")) {
    routes += (routes.empty() ? "  routes: " : ", ") + route.get<std::string>();
  }
  std::printf("  %-20s %s%s%s\n",
              TextOf(model, "package").c_str(),
              model.at("usable").get<bool>() ? "usable" : "NOT USABLE",
              model.at("clinical").get<bool>() ? "" : ", not for clinical use",
              routes.c_str());
  PrintReason(TextOf(model, "reason"));
}

}  // namespace necknode::app
