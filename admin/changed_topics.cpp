#include "admin/changed_topics.h"

#include <nlohmann/json.hpp>

namespace necknode::admin {

std::set<std::string> ChangedTopics::Update(const std::map<std::string, std::int64_t>& marks) {
  std::set<std::string> changed;
  for (const auto& [topic, mark] : marks) {
    const auto before = last_.find(topic);
    if (known_ && (before == last_.end() || before->second != mark)) {
      changed.insert(topic);
    }
  }
  last_ = marks;
  known_ = true;
  return changed;
}

std::string ChangedEvent(const std::set<std::string>& topics) {
  return "event: changed\ndata: " + nlohmann::json{{"topics", topics}}.dump() + "\n\n";
}

}  // namespace necknode::admin
