#pragma once

#include <functional>
#include <string>
#include <vector>

#include "admin/router.h"
#include "config/config.h"
#include "core/clock.h"
#include "storage/store.h"

namespace necknode::admin {

/// Text of a peer in UTF-8, without padding and control characters; never throws. The character set
/// is a Specific Character Set (0008,0005), all values joined by backslash.
using TextDecoder =
    std::function<std::string(const PatientText& text, const std::string& specific_character_set)>;

/// A study that a person wants analysed again.
struct ReanalyseOrder {
  storage::StudyId study = 0;
  std::string package;  ///< "<name>/<version>"; empty: each route's own
  std::string route;    ///< empty: every route of the study
  std::string user;
};

/// What the resources of a node are made of. `store` and `clock` outlive the router.
struct NodeServices {
  storage::Store& store;
  const Clock& clock;
  std::function<config::Config()> config;  ///< in force now
  TextDecoder text;
  std::string version;  ///< of the program
  /// What is to be done about a peers.toml that a hand has edited and nobody has taken over; empty:
  /// nothing.
  std::function<std::string()> config_edit;
  /// The jobs that were made or queued again. Throws Error, see coordinator::AnalyseAgain.
  std::function<std::vector<storage::Job>(const ReanalyseOrder&)> reanalyse;
};

/// Adds `handle(services, request)`, with a copy of the services.
template <typename Handle>
void AddHandler(Router& router,
                const NodeServices& services,
                const char* method,
                const char* pattern,
                Role needed,
                Handle handle) {
  router.Add(method, pattern, needed, [services, handle](const Request& request) {
    return handle(services, request);
  });
}

}  // namespace necknode::admin
