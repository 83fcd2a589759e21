#pragma once

#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "admin/live_config.h"
#include "admin/router.h"
#include "app/node_options.h"
#include "storage/store.h"

namespace necknode::app {

/// The administrator's API on a node's data folder, without a server: commands go the same way as
/// the page. Acts as the person who runs this process, with every right.
class ConfigClient {
 public:
  /// Throws Error(kNotFound) where the folder holds no node.
  explicit ConfigClient(const NodeOptions& options);

  /// Sends a request to /api/v1 + `path`. `etag` is sent as If-Match where it is not empty. Returns
  /// the answer's body; throws Error with its words where it is a refusal. What is wrong with an
  /// item, key by key, is printed to standard error first.
  nlohmann::json Call(const std::string& method,
                      const std::string& path,
                      const nlohmann::json& body = nullptr,
                      const std::string& etag = "");

 private:
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<admin::LiveConfig> config_;
  admin::Router router_;
};

}  // namespace necknode::app
