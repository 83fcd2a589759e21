#include "app/job_output.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "core/log.h"
#include "sr_writer/render_report.h"

namespace necknode::app {
namespace {

storage::JobState StateOf(pipeline::Outcome outcome) {
  switch (outcome) {
    case pipeline::Outcome::kDone:
      return storage::JobState::kDone;
    case pipeline::Outcome::kNotEligible:
      return storage::JobState::kNotEligible;
    case pipeline::Outcome::kSameContent:
      return storage::JobState::kSameContent;
    case pipeline::Outcome::kFailed:
      break;
  }
  return storage::JobState::kFailed;
}

std::unique_ptr<storage::ObjectWriter> WriteFile(storage::Store& store,
                                                 std::span<const std::byte> bytes) {
  auto writer = store.objects().Create(storage::ObjectKind::kResult);
  writer->Write(bytes);
  writer->Sync();
  return writer;
}

/// The page that shows the report to people; empty where there is none. A page that cannot be made
/// holds up no report.
std::string PageOf(const std::vector<sr_writer::Document>& documents) {
  try {
    return sr_writer::RenderReport(documents).html;
  } catch (const std::exception& error) {
    Log(LogLevel::kError, "page_not_made", {{"reason", error.what()}});
    return {};
  }
}

/// Which documents one peer gets: the two forms of the report are one delivery with a fallback.
std::vector<storage::NewDelivery> DeliveriesFor(const config::Route::Output& output,
                                                const config::Peer& peer,
                                                const std::vector<sr_writer::Document>& documents,
                                                const std::string& withheld) {
  std::vector<storage::NewDelivery> deliveries;
  std::vector<std::size_t> reports;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (documents[i].kind == "SR") {
      reports.push_back(i);
    }
  }
  if (output.sr && !reports.empty()) {
    storage::NewDelivery& report =
        deliveries.emplace_back(output.peer, reports.front(), std::nullopt, withheld);
    if (peer.sr_sop_class == "comprehensive") {
      report.result = reports.back();
    }
    if (peer.sr_sop_class == "auto" && reports.size() > 1) {
      report.fallback = reports.back();
    }
  }
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const std::string& kind = documents[i].kind;
    if ((kind == "PR" && output.gsps) || (kind == "SC" && output.sc)) {
      deliveries.push_back({output.peer, i, std::nullopt, withheld});
    }
  }
  return deliveries;
}

// The summary's first line, which for a model that is not clinical begins with its warning.
std::string OneLine(const std::string& summary, bool clinical) {
  std::string line = summary;
  const std::size_t first = line.find('\n');
  if (!clinical && first != std::string::npos && first + 1 < line.size()) {
    line.replace(first, 1, ": ");
  }
  line.resize(std::min(line.size(), line.find('\n')));
  return line;
}

}  // namespace

JobOutput WriteOutput(const config::Config& config,
                      const config::Route& route,
                      const storage::Job& job,
                      bool clinical,
                      const pipeline::StudyResult& result,
                      storage::Store& store) {
  JobOutput output;
  storage::JobResult& finished = output.finished;
  finished.state = StateOf(result.outcome);
  finished.reason = result.reason;
  finished.summary = OneLine(result.summary, clinical);
  finished.suspicious_nodes = static_cast<int>(std::count_if(
      result.assessment.nodes.begin(), result.assessment.nodes.end(), [](const LymphNode& node) {
        return node.malignancy == Malignancy::kMalignant;
      }));
  finished.analysis_digest = result.analysis_digest;
  const auto add = [&](const std::string& kind,
                       const sr_writer::Document* document,
                       std::span<const std::byte> bytes) {
    output.files.push_back(WriteFile(store, bytes));
    storage::NewResult row;
    row.kind = kind;
    if (document != nullptr) {
      row.sop_class_uid = document->sop_class_uid;
      row.sop_instance_uid = document->sop_instance_uid;
      row.series_instance_uid = document->series_instance_uid;
    }
    row.object_key = output.files.back()->key();
    row.bytes = bytes.size();
    finished.results.push_back(row);
  };
  for (const sr_writer::Document& document : result.documents) {
    add(document.kind, &document, document.part10);
  }
  if (!result.json.empty()) {
    add("JSON", nullptr, std::as_bytes(std::span(result.json)));
  }
  if (const std::string page = PageOf(result.documents); !page.empty()) {
    add("HTML", nullptr, std::as_bytes(std::span(page)));
  }
  if (!result.slice_views.empty()) {
    add("VIEW", nullptr, result.slice_views);
  }
  for (const config::Route::Output& destination : route.outputs) {
    const config::Peer* peer = config.FindPeer(destination.peer);
    if (peer == nullptr) {
      continue;
    }
    const std::string withheld = clinical || peer->accept_non_clinical
                                     ? ""
                                     : "package " + job.package +
                                           " is not for clinical use, and peer " + peer->name +
                                           " does not accept such results";
    for (auto& delivery : DeliveriesFor(destination, *peer, result.documents, withheld)) {
      finished.deliveries.push_back(std::move(delivery));
    }
  }
  return output;
}

}  // namespace necknode::app
