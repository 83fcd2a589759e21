#include "coordinator/archived_counts.h"

#include <algorithm>
#include <optional>

#include "core/ae_title.h"

namespace necknode::coordinator {
namespace {

using Progress = storage::CountState::Progress;

// An archive may index a series a while after it has sent it: it is asked again so often.
constexpr std::chrono::seconds kAskAgain{30};

bool Sent(const config::Peer& peer, const std::vector<storage::Arrival>& arrivals) {
  return std::any_of(arrivals.begin(), arrivals.end(), [&](const storage::Arrival& arrival) {
    return SameAeTitle(arrival.calling_ae, peer.ae_title, peer.case_insensitive);
  });
}

// Nullopt: no answer lists the series, or none says how many instances it has.
std::optional<int> CountOf(const std::optional<storage::CountState>& state, const Uid& series) {
  if (state) {
    for (const storage::SeriesCount& count : state->series) {
      if (count.series_instance_uid == series) {
        return count.instances;
      }
    }
  }
  return std::nullopt;
}

void Append(std::string& text, const std::string& more) {
  text += (text.empty() || more.empty() ? "" : "; ") + more;
}

}  // namespace

ArchivedCounts::ArchivedCounts(std::vector<config::Peer> peers,
                               std::chrono::milliseconds wait,
                               storage::Store& store)
    : peers_(std::move(peers)), wait_(wait), store_(store) {
  std::erase_if(peers_, [](const config::Peer& peer) { return !peer.verify_count; });
}

SeriesCompleteness ArchivedCounts::Check(const storage::StudyRow& study,
                                         const std::vector<storage::Arrival>& arrivals,
                                         const Uid& series_instance_uid,
                                         int stored) {
  SeriesCompleteness found;
  for (const config::Peer& peer : peers_) {
    if (!Sent(peer, arrivals)) {
      continue;
    }
    const SeriesCompleteness one = CheckPeer(study, peer, series_instance_uid, stored);
    found.wait |= one.wait;
    Append(found.incomplete, one.incomplete);
    Append(found.remark, one.remark);
  }
  return found;
}

SeriesCompleteness ArchivedCounts::CheckPeer(const storage::StudyRow& study,
                                             const config::Peer& peer,
                                             const Uid& series_instance_uid,
                                             int stored) {
  const auto state = store_.archive_requests().Counts(study.id, peer.name);
  const bool current = state && state->change == study.change;
  const std::optional<int> archived = CountOf(state, series_instance_uid);
  if (current && state->progress == Progress::kAnswered && archived && *archived <= stored) {
    return {};
  }
  if (const bool given_up = current && state->progress == Progress::kFailed;
      !given_up && study.quiet_for < wait_) {
    const bool uncounted = current && state->progress == Progress::kAnswered && !archived;
    if (!current || (uncounted && state->answered_ago >= kAskAgain)) {
      store_.archive_requests().AskCounts(study.id, peer.name, study.change);
    }
    return {true, "", ""};
  }
  if (archived && *archived > stored) {
    const std::string incomplete = "the archive holds " + std::to_string(*archived) +
                                   " instances of the series, " + std::to_string(stored) +
                                   " arrived";
    return {false, incomplete, ""};
  }
  const bool answered = current && state->progress == Progress::kAnswered;
  const std::string why = answered ? "it does not list the series with its number"
                          : state && !state->reason.empty() ? state->reason
                                                            : "no answer in time";
  return {
      false, "", "whether all images came could not be verified with " + peer.name + ": " + why};
}

}  // namespace necknode::coordinator
