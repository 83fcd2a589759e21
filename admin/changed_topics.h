#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace necknode::admin {

/// Which topics have changed since the marks before. Not thread safe.
class ChangedTopics {
 public:
  /// The topics whose mark is another one, or new, than at the last call; none at the first.
  [[nodiscard]] std::set<std::string> Update(const std::map<std::string, std::int64_t>& marks);

 private:
  bool known_ = false;
  std::map<std::string, std::int64_t> last_;
};

/// `event: changed` with the topics as JSON, ended by an empty line. Topics are plain words.
[[nodiscard]] std::string ChangedEvent(const std::set<std::string>& topics);

}  // namespace necknode::admin
