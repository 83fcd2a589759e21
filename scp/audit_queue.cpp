#include "scp/audit_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace necknode::scp {

AuditQueue::AuditQueue(storage::Store& store)
    : store_(store), thread_([this](const std::stop_token& stop) { Run(stop); }) {}

AuditQueue::~AuditQueue() {
  thread_.request_stop();
  thread_.join();
}

void AuditQueue::Add(std::vector<storage::AuditEvent> events, Done done) {
  {
    const std::lock_guard lock(mutex_);
    pending_ += events.size();
    std::move(events.begin(), events.end(), std::back_inserter(events_));
    waiting_.push_back(std::move(done));
  }
  added_.notify_one();
}

void AuditQueue::Run(const std::stop_token& stop) {
  while (true) {
    std::vector<storage::AuditEvent> events;
    std::vector<Done> waiting;
    {
      std::unique_lock lock(mutex_);
      added_.wait(lock, stop, [this] { return !waiting_.empty(); });
      if (waiting_.empty()) {
        return;
      }
      events.swap(events_);
      waiting.swap(waiting_);
    }
    std::exception_ptr failure;
    try {
      store_.AuditAll(events);
    } catch (...) {
      failure = std::current_exception();
    }
    pending_ -= events.size();
    for (const Done& done : waiting) {
      done(failure);
    }
  }
}

}  // namespace necknode::scp
