#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/uid.h"
#include "storage/store.h"

namespace necknode::scp {

/// What an association brought, counted by study and outcome, until it is written as audit rows.
/// Not thread safe.
class StudyTallies {
 public:
  /// Counts an instance that is stored now; any other outcome changes nothing.
  void Add(const Uid& study, const Uid& sop_class, storage::AddOutcome outcome);
  /// 64 counts: they should be taken now, so that memory stays bounded.
  [[nodiscard]] bool full() const { return tallies_.size() >= kMost; }
  /// One event "transfer" for each study and outcome ("stored", "known", "new revision"); begins
  /// anew.
  [[nodiscard]] std::vector<storage::AuditEvent> Take(const std::string& calling_ae,
                                                      const std::string& called_ae,
                                                      const std::string& host);

 private:
  static constexpr std::size_t kMost = 64;
  struct Tally {
    int instances = 0;
    Uid sop_class;  // empty: of more than one
  };
  std::map<std::pair<Uid, std::string>, Tally> tallies_;
};

}  // namespace necknode::scp
