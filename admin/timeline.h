#pragma once

#include <vector>

#include <nlohmann/json.hpp>

#include "storage/catalog.h"

namespace necknode::admin {

/// All that is known of a study.
struct StudyStory {
  storage::StudySummary summary;
  std::vector<storage::SeriesSummary> series;
  std::vector<storage::OutboxRow> rows;   ///< of its documents
  std::vector<storage::AuditRow> acts;    ///< what people did with it
  std::vector<storage::AuditRow> stored;  ///< what each association brought
  std::vector<storage::AuditRow> sent;    ///< how each document was taken, newest first
  std::vector<storage::AuditRow> jobs;    ///< what happened to its jobs, newest first
};

/// What happened to a study, in the order of time: [{time, event, text, level, job?, row?}], the
/// level one of info, warning, error. Events: received, complete, selected, refused, job_made,
/// job_started, worker_died, job_finished, waiting, delivered, committed, withheld, parked,
/// superseded, cancelled, person.
[[nodiscard]] nlohmann::json TimelineOf(const StudyStory& story);

}  // namespace necknode::admin
