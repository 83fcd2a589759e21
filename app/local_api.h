#pragma once

#include <map>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "admin/live_config.h"
#include "admin/router.h"
#include "app/node_options.h"
#include "storage/store.h"

namespace necknode::app {

/// The node's API within this process, for commands: the same answers as over HTTP, and no role
/// need run. Acts for the user of the process (storage::ProcessUser) with all rights. Every
/// function throws Error by the status of a refusal; what is wrong with an item, key by key, is
/// printed to standard error first.
class LocalApi {
 public:
  /// Throws Error(kNotFound) where the folder holds no node.
  explicit LocalApi(const NodeOptions& options);
  LocalApi(const LocalApi&) = delete;
  LocalApi& operator=(const LocalApi&) = delete;

  using Query = std::map<std::string, std::string>;
  /// Paths below /api/v1. Values of the query that are empty count as absent.
  [[nodiscard]] nlohmann::json Get(const std::string& path, const Query& query = {}) const;
  /// The items of a list over as many pages as it takes, at most `limit`; 0: all.
  [[nodiscard]] nlohmann::json Items(const std::string& path, const Query& query, int limit) const;
  /// An action; null where it has nothing to say. `etag` is sent as If-Match where it is not empty.
  nlohmann::json Send(const std::string& method,
                      const std::string& path,
                      const nlohmann::json& body = nlohmann::json::object(),
                      const std::string& etag = "") const;

  [[nodiscard]] storage::Store& store() const { return *store_; }

 private:
  [[nodiscard]] nlohmann::json Handle(admin::Request request) const;

  const NodeOptions options_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<admin::LiveConfig> config_;
  admin::Router router_;
};

}  // namespace necknode::app
