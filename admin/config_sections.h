#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "admin/live_config.h"
#include "admin/request.h"

namespace necknode::admin {

/// One of the three kinds of item that are edited, by its part of the address: "ae", "peers" or
/// "routes".
class ConfigSection {
 public:
  /// Throws Error(kNotFound) for another name.
  explicit ConfigSection(const std::string& name);

  [[nodiscard]] const std::string& name() const { return name_; }
  /// As necknode.toml calls one: "ae", "peer", "route".
  [[nodiscard]] const std::string& kind() const { return kind_; }

  /// All items, each with its "etag".
  [[nodiscard]] nlohmann::json List(const config::Tables& tables) const;
  /// Where an item with this name or title stands.
  [[nodiscard]] std::optional<std::size_t> Find(const config::Tables& tables,
                                                const std::string& item) const;
  [[nodiscard]] nlohmann::json Item(const config::Tables& tables, std::size_t index) const;
  /// Puts `item` at `index`, or at the end; where it has another name than before, what refers to
  /// the old one refers to the new one. Returns what is wrong with its form, with the keys that it
  /// would have in the tables.
  [[nodiscard]] std::vector<config::Problem> Put(config::Tables& tables,
                                                 std::optional<std::size_t> index,
                                                 const nlohmann::json& item) const;
  void Remove(config::Tables& tables, std::size_t index) const;

 private:
  std::string name_, kind_;
};

}  // namespace necknode::admin
