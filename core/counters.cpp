#include "core/counters.h"

#include <algorithm>

namespace necknode {

CounterSample& CounterSet::At(const std::string& name, const Labels& labels) {
  CounterSample& sample = samples_[{name, labels}];
  if (sample.name.empty()) {
    sample.name = name;
    sample.labels = labels;
  }
  return sample;
}

void CounterSet::Add(const std::string& name, const Labels& labels, double by) {
  const std::lock_guard lock(mutex_);
  At(name, labels).value += by;
}

void CounterSet::Set(const std::string& name, const Labels& labels, double value) {
  const std::lock_guard lock(mutex_);
  At(name, labels).value = value;
}

CounterSample& CounterSet::HistogramAt(const std::string& name, const Labels& labels) {
  CounterSample& sample = At(name, labels);
  sample.buckets.resize(kSecondsBounds.size() + 1);
  return sample;
}

void CounterSet::BeginHistogram(const std::string& name, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  HistogramAt(name, labels);
}

void CounterSet::Observe(const std::string& name, const Labels& labels, double seconds) {
  const std::lock_guard lock(mutex_);
  CounterSample& sample = HistogramAt(name, labels);
  const auto* const bound = std::lower_bound(kSecondsBounds.begin(), kSecondsBounds.end(), seconds);
  ++sample.buckets[static_cast<std::size_t>(bound - kSecondsBounds.begin())];
  sample.value += std::max(seconds, 0.0);
}

std::vector<CounterSample> CounterSet::Snapshot() const {
  const std::lock_guard lock(mutex_);
  std::vector<CounterSample> samples;
  samples.reserve(samples_.size());
  for (const auto& [key, sample] : samples_) {
    samples.push_back(sample);
  }
  return samples;
}

}  // namespace necknode
