#pragma once

#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "admin/router.h"
#include "config/config.h"
#include "storage/store.h"

namespace necknode::app {

/// The node's API within this process, for commands: the same answers as over HTTP, and no role
/// need run. Acts for the user of the process (storage::ProcessUser) with all rights. Every
/// function throws Error by the status of a refusal.
class LocalApi {
 public:
  /// `store` must outlive it.
  LocalApi(const config::Config& config, storage::Store& store);

  using Query = std::map<std::string, std::string>;
  /// Paths below /api/v1. Values of the query that are empty count as absent.
  [[nodiscard]] nlohmann::json Get(const std::string& path, const Query& query = {}) const;
  /// The items of a list over as many pages as it takes, at most `limit`; 0: all.
  [[nodiscard]] nlohmann::json Items(const std::string& path, const Query& query, int limit) const;
  /// An action; null where it has nothing to say.
  nlohmann::json Send(const std::string& method,
                      const std::string& path,
                      const nlohmann::json& body = nlohmann::json::object()) const;

 private:
  [[nodiscard]] nlohmann::json Handle(admin::Request request) const;

  admin::Router router_;
};

}  // namespace necknode::app
