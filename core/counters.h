#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace necknode {

using Labels = std::vector<std::pair<std::string, std::string>>;

/// Upper bounds, in seconds, of the buckets of every histogram. One more bucket holds what is
/// longer.
inline constexpr std::array kSecondsBounds = {0.01,
                                              0.025,
                                              0.05,
                                              0.1,
                                              0.25,
                                              0.5,
                                              1.0,
                                              2.5,
                                              5.0,
                                              10.0,
                                              30.0,
                                              60.0,
                                              120.0,
                                              300.0,
                                              600.0,
                                              1800.0,
                                              3'600.0,
                                              21'600.0,
                                              86'400.0};

/// One figure of a role. Names and units are those under which it is exported (docs/monitoring.md).
struct CounterSample {
  std::string name;
  Labels labels;
  double value = 0;  ///< of a histogram: the sum of what was observed
  /// Of a histogram: how many were observed in each bucket of kSecondsBounds and beyond them, not
  /// cumulative. Empty: no histogram.
  std::vector<std::uint64_t> buckets = {};

  friend bool operator==(const CounterSample&, const CounterSample&) = default;
};

/// What a role counts since its start. Labels must come from a bounded set (states, stages,
/// configured names), never from what a peer sends. Thread safe.
class CounterSet {
 public:
  void Add(const std::string& name, const Labels& labels, double by = 1);
  /// Of what goes up and down.
  void Set(const std::string& name, const Labels& labels, double value);
  /// Shows a histogram before its first duration, which rate() would miss otherwise.
  void BeginHistogram(const std::string& name, const Labels& labels);
  /// Adds one duration to a histogram.
  void Observe(const std::string& name, const Labels& labels, double seconds);
  /// Ordered by name and labels.
  [[nodiscard]] std::vector<CounterSample> Snapshot() const;

 private:
  CounterSample& At(const std::string& name, const Labels& labels);
  CounterSample& HistogramAt(const std::string& name, const Labels& labels);

  mutable std::mutex mutex_;
  std::map<std::pair<std::string, Labels>, CounterSample> samples_;  // guarded by mutex_
};

}  // namespace necknode
