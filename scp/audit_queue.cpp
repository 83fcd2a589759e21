#include "scp/audit_queue.h"

#include <utility>

namespace necknode::scp {

AuditQueue::AuditQueue(storage::Store& store)
    : store_(store), thread_([this](const std::stop_token& stop) { Run(stop); }) {}

AuditQueue::~AuditQueue() {
  thread_.request_stop();
  thread_.join();
}

void AuditQueue::Add(storage::AuditEvent event, Done done) {
  {
    const std::lock_guard lock(mutex_);
    ++pending_;
    events_.push_back(std::move(event));
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
      added_.wait(lock, stop, [this] { return !events_.empty(); });
      if (events_.empty()) {
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
