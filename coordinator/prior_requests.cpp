#include "coordinator/prior_requests.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace necknode::coordinator {
namespace {

constexpr std::int64_t kAsked = std::numeric_limits<std::int64_t>::max();

}  // namespace

PriorRequests::PriorRequests(std::string peer,
                             std::chrono::milliseconds wait,
                             storage::Store& store)
    : peer_(std::move(peer)), wait_(wait), store_(store) {}

void PriorRequests::Ask(const storage::StudyRow& study, const std::function<bool()>& wanted) {
  if (peer_.empty()) {
    return;
  }
  std::int64_t& looked_at = looked_at_[study.id];
  if (looked_at >= study.change) {
    return;
  }
  looked_at = study.change;
  const auto instances = store_.studies().Instances(study.id);
  const bool any_image = std::any_of(instances.begin(), instances.end(), [](const auto& instance) {
    return IsImage(instance.header);
  });
  if (any_image && wanted()) {
    store_.archive_requests().AskPriors(study.id, peer_);
    looked_at = kAsked;
  }
}

bool PriorRequests::Awaited(const storage::StudyRow& study) const {
  return !peer_.empty() && study.quiet_for < wait_ &&
         store_.archive_requests().PriorsAwaited(study.id);
}

}  // namespace necknode::coordinator
