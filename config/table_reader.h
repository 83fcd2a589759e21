#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "config/parsed.h"

namespace necknode::config {

/// Of TCP and UDP.
inline constexpr std::int64_t kMaxPort = 65535;

/// One table of the file: takes its keys one by one and at the end reports those that nobody asked
/// for. A key that is absent leaves its target as it is; one of the wrong type or out of range too,
/// and is a problem.
class TableReader {
 public:
  /// Calls `read` for the root table of a TOML text, and notes in `parsed` the lines of all keys
  /// and what is wrong with them; where it is no TOML, only that.
  static void ReadRoot(const std::string& text,
                       Parsed& parsed,
                       const std::function<void(TableReader&)>& read);
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

  [[nodiscard]] bool Has(const std::string& key) const;
  void Require(const std::string& key);

 private:
  // What has to do with the TOML library's types, which stay in one source file.
  struct Source;
  struct Access;

  TableReader(Parsed& parsed, const Source& source, std::string path);
  [[nodiscard]] std::string PathOf(const std::string& key) const;
  void WholeNumber(const std::string& key,
                   std::int64_t& target,
                   std::int64_t low,
                   std::int64_t high);
  void OutOfRange(const std::string& key,
                  const std::string& value,
                  const std::string& low,
                  const std::string& high);

  Parsed& parsed_;
  const Source& source_;
  std::string path_;
  std::set<std::string> known_;
};

}  // namespace necknode::config
