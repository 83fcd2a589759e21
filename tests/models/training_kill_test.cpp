// Training in a process of its own that is killed with SIGKILL, again and again, while it computes
// and while it writes its checkpoint.
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <random>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "models/checkpoint.h"
#include "models/safetensors.h"
#include "models/training_curve.h"
#include "models/training_loop.h"
#include "tests/support/temp_folder.h"

namespace necknode::models {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

constexpr const char* kFolder = "NECKNODE_TEST_TRAINING_FOLDER";
constexpr int kKilledAnywhere = 4, kKilledInAWrite = 3;

std::string Bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

/// What the child process does: trains a network with batch norm, dropout and weights enough that
/// a checkpoint (3 MB) takes its time, and validates it.
void TrainIn(const std::filesystem::path& folder) {
  torch::manual_seed(5);
  torch::nn::Sequential network(torch::nn::Linear(8, 600),
                                torch::nn::BatchNorm1d(600),
                                torch::nn::ReLU(),
                                torch::nn::Dropout(0.2),
                                torch::nn::Linear(600, 600),
                                torch::nn::ReLU(),
                                torch::nn::Linear(600, 1));
  const auto error_of = [&network](std::uint64_t seed) {
    torch::manual_seed(seed);
    const auto x = torch::randn({32, 8});
    return (network->forward(x).select(1, 0) - x.select(1, 0) * x.select(1, 1)).square().mean();
  };
  TrainerOptions options;
  options.steps = 150;
  options.warmup_steps = 5;
  options.checkpoint_every = 2;
  options.report_every = 5;  // not a multiple: the sums of a row lie on both sides of a kill
  options.validate_every = 8;
  options.folder = folder;
  options.resume = std::filesystem::exists(folder / kCheckpointFile);
  const Trainable trainable{*network,
                            [&](std::int64_t step) -> NamedLosses {
                              return {{"square", error_of(SeedOfStep(9, step))}};
                            },
                            [&]() -> NamedValues {
                              const torch::NoGradGuard no_grad;
                              return {{"error", error_of(1).item<double>()}};
                            }};
  (void)RunTraining(options, trainable, nullptr);
  SaveModule(*network, folder / "final.safetensors");
}

/// Runs in the child alone, see Child.
TEST(TrainingChild, DISABLED_Trains) {
  const char* folder = std::getenv(kFolder);
  if (folder == nullptr) {
    GTEST_SKIP() << "for the process that KilledAtAnyMoment starts";
  }
  torch::set_num_threads(1);
  TrainIn(folder);
}

/// This program once more, training in `folder`. Not fork alone: LibTorch's threads do not survive
/// it.
class Child {
 public:
  explicit Child(const std::filesystem::path& folder) {
    setenv(kFolder, folder.c_str(), 1);
    std::string program = "/proc/self/exe";
    std::string filter = "--gtest_filter=TrainingChild.DISABLED_Trains";
    std::string disabled = "--gtest_also_run_disabled_tests";
    std::string brief = "--gtest_brief=1";
    char* arguments[] = {program.data(), filter.data(), disabled.data(), brief.data(), nullptr};
    EXPECT_EQ(posix_spawn(&id_, program.c_str(), nullptr, nullptr, arguments, environ), 0);
  }
  /// True once it has ended by itself, rightly.
  [[nodiscard]] bool Ended() {
    int status = 0;
    if (waitpid(id_, &status, WNOHANG) != id_) {
      return false;
    }
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status;
    return true;
  }
  void Finish() {
    int status = 0;
    ASSERT_EQ(waitpid(id_, &status, 0), id_);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status;
  }
  void Kill() {
    ::kill(id_, SIGKILL);
    waitpid(id_, nullptr, 0);
  }

 private:
  pid_t id_ = -1;
};

/// Temporary folders lie in memory while it lives, where that can be: a kill forgets nothing that
/// was written, so that syncing, which takes long on a busy disk, would prove nothing.
class InMemory {
 public:
  InMemory() : before_(std::getenv("TMPDIR") == nullptr ? "/tmp" : std::getenv("TMPDIR")) {
    if (std::filesystem::is_directory("/dev/shm")) {
      setenv("TMPDIR", "/dev/shm", 1);
    }
  }
  ~InMemory() { setenv("TMPDIR", before_.c_str(), 1); }
  InMemory(const InMemory&) = delete;
  InMemory& operator=(const InMemory&) = delete;

 private:
  std::string before_;
};

/// Starts training in `folder` and kills it once `condition` holds. False where it ended before.
template <typename Condition>
bool KillWhen(const std::filesystem::path& folder, Condition condition) {
  Child child(folder);
  while (!condition()) {
    if (child.Ended()) {
      return false;
    }
  }
  child.Kill();
  return true;
}

TEST(RunTraining, KilledAtAnyMomentItEndsAsAnUnbrokenRun) {
  const InMemory in_memory;
  const tests::TempFolder unbroken, broken;
  Child(unbroken.path()).Finish();

  const auto checkpoint = broken.path() / kCheckpointFile;
  const auto part = broken.path() / (std::string(kCheckpointFile) + ".part");
  const auto written = [&checkpoint] {
    std::error_code none;
    return std::filesystem::last_write_time(checkpoint, none);
  };
  std::mt19937 random(std::random_device{}());
  int kills = 0;
  for (int i = 0; i < kKilledAnywhere; ++i) {
    // At any moment from its first checkpoint on; before, the start of the program takes longest.
    const auto before = written();
    std::optional<Clock::time_point> moment;
    kills += KillWhen(broken.path(), [&] {
      if (!moment && written() != before) {
        moment = Clock::now() + microseconds(std::uniform_int_distribution<>(0, 40'000)(random));
      }
      return moment && Clock::now() >= *moment;
    });
  }
  int in_a_write = 0;
  for (int i = 0; i < kKilledInAWrite; ++i) {
    std::error_code ignored;
    std::filesystem::remove(part, ignored);
    if (KillWhen(broken.path(), [&] { return std::filesystem::exists(part); })) {
      ++kills;
      in_a_write += std::filesystem::exists(part) ? 1 : 0;
    }
    EXPECT_NO_THROW(SafetensorsFile{checkpoint}) << "a torn checkpoint";
  }
  const bool is_over = std::filesystem::exists(broken.path() / "final.safetensors");
  Child(broken.path()).Finish();
  EXPECT_FALSE(is_over) << "it was over before the last kill: too short for this machine";
  EXPECT_TRUE(Bytes(unbroken.path() / "final.safetensors") ==
              Bytes(broken.path() / "final.safetensors"))
      << "other weights after " << kills << " kills, " << in_a_write << " of them in a write";
  EXPECT_EQ(Bytes(unbroken.path() / kCurveFile), Bytes(broken.path() / kCurveFile));
  RecordProperty("kills", kills);
  RecordProperty("kills_in_a_write", in_a_write);
}

}  // namespace
}  // namespace necknode::models
