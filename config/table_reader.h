#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include <toml++/toml.h>

#include "config/parsed.h"

namespace necknode::config {

/// One table of the file: takes its keys one by one and at the end reports those that nobody asked
/// for. A key that is absent leaves its target as it is; one of the wrong type or out of range too,
/// and is a problem.
class TableReader {
 public:
  /// `parsed` and `table` must outlive it. `path` is that of the table, empty for the root.
  TableReader(Parsed& parsed, const toml::table& table, std::string path);
  ~TableReader();
  TableReader(const TableReader&) = delete;
  TableReader& operator=(const TableReader&) = delete;

  void Text(const std::string& key, std::string& target);
  void File(const std::string& key, std::filesystem::path& target);
  void Choice(const std::string& key, std::string& target, const std::vector<std::string>& choices);
  void Flag(const std::string& key, bool& target);
  template <typename Number>
  void Integer(const std::string& key, Number& target, std::int64_t low, std::int64_t high) {
    auto value = static_cast<std::int64_t>(target);
    WholeNumber(key, value, low, high);
    target = static_cast<Number>(value);
  }
  void Real(const std::string& key, double& target, double low, double high);
  void Texts(const std::string& key, std::vector<std::string>& target);
  /// Calls `read` for the sub-table `key`, if there.
  void Table(const std::string& key, const std::function<void(TableReader&)>& read);
  /// Calls `read` for every table of the array `key`. True where the array is there.
  bool Tables(const std::string& key, const std::function<void(TableReader&)>& read);

  [[nodiscard]] bool Has(const std::string& key) const { return table_.contains(key); }
  void Require(const std::string& key);

 private:
  [[nodiscard]] std::string PathOf(const std::string& key) const;
  const toml::node* Take(const std::string& key);
  void WholeNumber(const std::string& key,
                   std::int64_t& target,
                   std::int64_t low,
                   std::int64_t high);
  void WrongType(const std::string& key, const toml::node& node, const std::string& wanted);
  void OutOfRange(const std::string& key,
                  const std::string& value,
                  const std::string& low,
                  const std::string& high);

  Parsed& parsed_;
  const toml::table& table_;
  std::string path_;
  std::set<std::string> known_;
};

}  // namespace necknode::config
