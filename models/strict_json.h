#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace necknode::models {

/// Parses JSON text in which no object names a key twice (different readers would take different
/// values) and nothing is nested deeper than 64 levels. `what` begins the messages. Throws
/// Error(kModel).
[[nodiscard]] nlohmann::json ParseStrictJson(const std::string& text, const std::string& what);

/// Reads one JSON object key by key, with type and range; Finish() refuses what was not asked for.
/// All functions throw Error(kModel) naming the key's full path, the value and the limit. `json`
/// must outlive the reader.
class StrictObject {
 public:
  /// `path`: of the object, e.g. "detector"; empty at the top.
  StrictObject(const nlohmann::json& json, std::string path);

  [[nodiscard]] bool Has(const char* key) const;
  [[nodiscard]] std::string Text(const char* key, std::size_t max_length);
  /// One of `choices`.
  [[nodiscard]] std::string Choice(const char* key, const std::vector<std::string>& choices);
  [[nodiscard]] bool Flag(const char* key);
  [[nodiscard]] int Integer(const char* key, int low, int high);
  [[nodiscard]] double Number(const char* key, double low, double high);
  [[nodiscard]] std::vector<double> Numbers(const char* key);
  [[nodiscard]] StrictObject Object(const char* key);
  /// Any object, as compact JSON text.
  [[nodiscard]] std::string RawObject(const char* key);
  void Finish() const;

  [[noreturn]] void Refuse(const char* key, const std::string& reason) const;

 private:
  const nlohmann::json& Get(const char* key);
  [[nodiscard]] std::string PathOf(const std::string& key) const;

  const nlohmann::json& json_;
  std::string path_;
  std::set<std::string> asked_;
};

}  // namespace necknode::models
