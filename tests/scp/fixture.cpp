#include "tests/scp/fixture.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <utility>

#include <sys/wait.h>

namespace necknode::scp::tests {
namespace {

class FaultyWriter : public storage::ObjectWriter {
 public:
  FaultyWriter(std::unique_ptr<storage::ObjectWriter> real, DiskFaults& faults)
      : real_(std::move(real)), faults_(faults) {}
  void Write(std::span<const std::byte> bytes) override {
    if (faults_.writes_until_failure >= 0 && faults_.writes_until_failure-- == 0) {
      throw Error(faults_.failure, "the test's disk fails");
    }
    real_->Write(bytes);
  }
  void SyncBytes() override { real_->SyncBytes(); }
  void Sync() override { real_->Sync(); }
  void Discard() override { real_->Discard(); }
  [[nodiscard]] storage::ObjectKind kind() const override { return real_->kind(); }
  [[nodiscard]] const std::string& key() const override { return real_->key(); }
  [[nodiscard]] std::uint64_t size() const override { return real_->size(); }
  std::unique_ptr<storage::ObjectWriter> TakeReal() { return std::move(real_); }

 private:
  std::unique_ptr<storage::ObjectWriter> real_;
  DiskFaults& faults_;
};

}  // namespace

bool Eventually(const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

int RunCommand(const std::string& command, std::string* output) {
  std::FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  std::string text;
  std::array<char, 4096> piece{};
  for (std::size_t got = 0; (got = fread(piece.data(), 1, piece.size(), pipe)) > 0;) {
    text.append(piece.data(), got);
  }
  const int status = pclose(pipe);
  if (output != nullptr) {
    *output = text;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

FaultyStore::FaultyStore(const std::filesystem::path& folder)
    : real_(storage::Store::Open({folder, 0, 1 << 20}, SystemClock())) {}

std::unique_ptr<storage::ObjectWriter> FaultyStore::Create(storage::ObjectKind kind) {
  return std::make_unique<FaultyWriter>(real_->objects().Create(kind), faults);
}

void FaultyStore::Quarantine(std::unique_ptr<storage::ObjectWriter> file,
                             const std::string& calling_ae,
                             const std::string& reason) {
  auto& faulty = dynamic_cast<FaultyWriter&>(*file);
  real_->Quarantine(faulty.TakeReal(), calling_ae, reason);
}

ServedReceiver::ServedReceiver(ReceiverOptions options) : store_(folder_.path() / "data") {
  options.port = 0;
  options.tls_port = 0;
  receiver_ = Receiver::Make(options, store_, SystemClock());
  thread_ = std::thread([this] {
    try {
      receiver_->Run();
    } catch (...) {
      error_ = std::current_exception();
    }
  });
}

ServedReceiver::~ServedReceiver() {
  if (thread_.joinable()) {
    receiver_->Stop(std::chrono::seconds(2));
    thread_.join();
  }
}

long ServedReceiver::Count(const std::string& key) const {
  const std::string line = " " + receiver_->StatusLine();
  const auto at = line.find(" " + key + "=");
  return at == std::string::npos ? -1 : std::stol(line.substr(at + key.size() + 2));
}

int ServedReceiver::InstancesOf(const std::string& study_instance_uid) {
  const auto study = store_.studies().Find(Uid(study_instance_uid));
  return study ? static_cast<int>(store_.studies().Instances(study->id).size()) : 0;
}

void ServedReceiver::Join() {
  thread_.join();
  if (error_) {
    std::rethrow_exception(error_);
  }
}

}  // namespace necknode::scp::tests
