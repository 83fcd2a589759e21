#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "scp/archive_retrieve.h"
#include "scp/prior_selection.h"
#include "storage/store.h"

namespace necknode::scp {

struct PriorOptions {
  RemotePeer archive;
  bool by_get = false;  ///< C-GET instead of C-MOVE to our receiver
  PriorRules rules;
  /// What the archive moves does not name us as Move Originator: all that comes from its AE title
  /// of a study while that is being fetched counts as fetched.
  bool by_ae_title = false;
};

/// Finds and fetches the earlier studies of a study's patient. Not thread safe.
class PriorFetch {
 public:
  /// `store` must outlive it.
  PriorFetch(PriorOptions options, RetrieveOptions retrieve, storage::Store& store);

  /// Serves one request of kind kPriors to its end. What is here already is not fetched again, so
  /// that a second try goes on where the first one broke off. Throws Error(kUnsupported) where the
  /// patient cannot be asked for, and what ArchiveQuery, MoveSeries and GetSeries throw: then the
  /// studies that are not here yet stay requested.
  void Serve(const storage::ArchiveRequest& request);

 private:
  using Chosen = std::pair<ArchivedStudy, std::vector<ArchivedSeries>>;

  [[nodiscard]] std::vector<Chosen> Choose(const InstanceHeader& current);
  /// Returns what is missing in the end, or empty.
  std::string Fetch(const Chosen& prior);
  void FetchSeries(const Uid& study, const Uid& series);

  const PriorOptions options_;
  const RetrieveOptions retrieve_;
  storage::Store& store_;
  const std::unique_ptr<storage::InstanceCommitter> committer_;  ///< of C-GET
};

}  // namespace necknode::scp
