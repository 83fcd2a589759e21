#include <array>
#include <csignal>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/storage/storage_fixture.h"

extern char** environ;

namespace necknode::storage {
namespace {

constexpr int kCycles = 10;
constexpr int kChildren = 2;  // two processes on one folder
constexpr int kSlices = 4;
constexpr const char* kFolderVariable = "NECKNODE_TEST_KILL_FOLDER";
constexpr const char* kStudyVariable = "NECKNODE_TEST_KILL_STUDY";

StoreOptions Options(const std::filesystem::path& folder) {
  StoreOptions options;
  options.folder = folder;
  options.reserve_bytes = 0;
  options.max_deaths_alone = 1000;  // here jobs do not kill: the test does
  return options;
}

unsigned SeedOf(int study, int number) { return static_cast<unsigned>(study * 10 + number); }

// One line a step, written in one piece once the step is acknowledged.
void Say(const std::string& line) {
  if (::write(STDOUT_FILENO, line.data(), line.size()) < 0)
    std::_Exit(1);
}

void DecideAll(Store& store) {
  for (const auto& study : store.studies().Unconsidered()) {
    if (study.instances < kSlices)
      continue;
    const Uid series(study.study_instance_uid.value() + ".1");
    const NewJob job{Sha256Of(study.study_instance_uid.value()),
                     series,
                     "neck",
                     "phantom/2",
                     "d",
                     kSlices,
                     false,
                     ""};
    static_cast<void>(store.studies().Decide(study.id, study.change, {}, {job}, ""));
  }
}

// Finishes the next job; false where there is none.
bool WorkOnce(Store& store, const std::string& owner) {
  const auto job = store.jobs().Acquire(owner, 10min);
  if (!job)
    return false;
  auto file = store.objects().Create(ObjectKind::kResult);
  file->Write(SomeBytes(static_cast<unsigned>(job->id), 800));
  file->Sync();
  JobResult result;
  result.results = {{"SR",
                     Uid("1.2.3"),
                     Uid("1.3." + std::to_string(job->id)),
                     Uid("1.4"),
                     file->key(),
                     file->size()}};
  result.deliveries = {{"PACS", 0, std::nullopt, ""}};
  if (store.jobs().Finish({job->id, job->attempt}, result)) {
    Say("finished " + std::to_string(job->id) + " 0\n");
  }
  return true;
}

void DeliverAll(Store& store) {
  for (const auto& row : store.outbox().Due("PACS", 2)) {
    store.outbox().MarkDelivered(row.id, "0x0000", row.sop_instance_uid);
    Say("delivered " + std::to_string(row.id) + " 0\n");
  }
}

// Not a test: the process that is killed. Receives, decides, works and delivers until then.
TEST(KilledProcess, DISABLED_RunsUntilKilled) {
  const char* folder = std::getenv(kFolderVariable);
  const char* first_study = std::getenv(kStudyVariable);
  if (folder == nullptr || first_study == nullptr)
    GTEST_SKIP() << "started by StoreKilledTest";
  const auto store = Store::Open(Options(folder), SystemClock());
  const auto committer = store->MakeCommitter();
  const std::string owner = "w" + std::to_string(::getpid());
  for (int study = std::atoi(first_study);; ++study) {
    std::vector<std::promise<void>> answered(kSlices);
    for (int number = 0; number < kSlices; ++number) {
      auto& promise = answered[static_cast<std::size_t>(number)];
      committer->Submit(
          Received(*store, CtHeader(study, number), SomeBytes(SeedOf(study, number))),
          [&promise, study, number](AddOutcome outcome, const std::string&) {
            if (outcome == AddOutcome::kStored) {
              Say("stored " + std::to_string(study) + " " + std::to_string(number) + "\n");
            }
            promise.set_value();
          });
    }
    for (auto& promise : answered)
      promise.get_future().wait();
    DecideAll(*store);
    WorkOnce(*store, owner);
    DeliverAll(*store);
    if (study % 5 == 0)
      store->Checkpoint();
  }
}

/// A process of this very binary that runs the test above, its standard output piped to here.
class Child {
 public:
  Child(const std::filesystem::path& folder, int first_study) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
      throw std::runtime_error("pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    ::setenv(kFolderVariable, folder.c_str(), 1);
    ::setenv(kStudyVariable, std::to_string(first_study).c_str(), 1);
    std::string program = "/proc/self/exe", filter = "--gtest_filter=KilledProcess.*",
                disabled = "--gtest_also_run_disabled_tests";
    std::array<char*, 4> arguments = {program.data(), filter.data(), disabled.data(), nullptr};
    const int error =
        ::posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    if (error != 0)
      throw std::runtime_error("posix_spawn");
    output_ = ::fdopen(ends[0], "r");
  }
  ~Child() {
    Kill();
    std::fclose(output_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// The next acknowledged step; false at the end of a killed process's output.
  bool Next(std::string& step, int& first, int& second) {
    char* line = nullptr;
    std::size_t capacity = 0;
    bool found = false;
    while (!found && ::getline(&line, &capacity, output_) > 0) {
      std::istringstream words(line);
      found = static_cast<bool>(words >> step >> first >> second) &&
              (step == "stored" || step == "finished" || step == "delivered");
    }
    std::free(line);
    return found;
  }
  void Kill() {
    if (pid_ == 0)
      return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  [[nodiscard]] std::string owner() const { return "w" + std::to_string(pid_); }

 private:
  pid_t pid_ = 0;
  std::FILE* output_ = nullptr;
};

class StoreKilledTest : public testing::Test {
 protected:
  /// Reads `steps` of a child's steps, or all that are left where it is 0.
  void Note(Child& child, int steps) {
    std::string step;
    int first = 0, second = 0;
    for (int i = 0; (steps == 0 || i < steps) && child.Next(step, first, second); ++i) {
      if (step == "stored")
        stored_.insert({first, second});
      if (step == "finished")
        finished_.insert(first);
      if (step == "delivered")
        delivered_.insert(first);
    }
  }
  void ExpectNothingLost(Store& store) {
    std::map<int, std::map<Uid, std::string>> keys;
    for (const auto& [study, number] : stored_) {
      if (!keys.contains(study)) {
        const auto row = store.studies().Find(CtHeader(study, 0).study_instance_uid);
        ASSERT_TRUE(row);
        for (const auto& instance : store.studies().Instances(row->id)) {
          keys[study][instance.header.sop_instance_uid] = instance.object_key;
        }
      }
      const auto& key = keys[study][CtHeader(study, number).sop_instance_uid];
      ASSERT_FALSE(key.empty()) << "study " << study << " slice " << number;
      ASSERT_EQ(store.objects().Read(ObjectKind::kReceived, key), SomeBytes(SeedOf(study, number)));
    }
    for (const int job : finished_)
      ASSERT_EQ(store.jobs().Find(job)->state, JobState::kDone);
    for (const int row : delivered_) {
      ASSERT_EQ(store.outbox().Find(row)->state, OutboxState::kDelivered);
    }
  }

  tests::TempFolder folder_;
  std::set<std::pair<int, int>> stored_;
  std::set<int> finished_, delivered_;
};

TEST_F(StoreKilledTest, LosesNothingThatWasAcknowledgedAndReportsEachStudyOnce) {
  std::mt19937 random(20261123);
  const auto data = folder_.path() / "data";
  for (int cycle = 0; cycle < kCycles; ++cycle) {
    std::vector<std::string> owners;
    {
      std::array<Child, kChildren> children = {Child(data, 1 + cycle * 10000),
                                               Child(data, 5001 + cycle * 10000)};
      for (auto& child : children) {
        Note(child, std::uniform_int_distribution(1, 25)(random));
        owners.push_back(child.owner());
        child.Kill();
      }
      for (auto& child : children)
        Note(child, 0);
    }
    const auto store = Store::Open(Options(data), SystemClock());
    for (const auto& owner : owners)
      store->jobs().ReleaseOwner(owner);
    store->SweepOrphans(ObjectKind::kReceived);
    store->SweepOrphans(ObjectKind::kResult);
    ExpectNothingLost(*store);
  }
  const auto store = Store::Open(Options(data), SystemClock());
  DecideAll(*store);
  while (WorkOnce(*store, "parent")) {
  }
  std::size_t whole_studies = 0;
  for (const auto& study : store->studies().List(0)) {
    if (study.instances < kSlices)
      continue;
    ++whole_studies;
    const auto jobs = store->jobs().OfStudy(study.id);
    ASSERT_EQ(jobs.size(), 1U);
    EXPECT_EQ(jobs[0].state, JobState::kDone);
    const auto results = store->jobs().ResultsOf(jobs[0].id);
    ASSERT_EQ(results.size(), 1U);
    EXPECT_EQ(store->objects().Read(ObjectKind::kResult, results[0].object_key),
              SomeBytes(static_cast<unsigned>(jobs[0].id), 800));
    EXPECT_EQ(store->outbox().OfJob(jobs[0].id).size(), 1U);
  }
  EXPECT_GT(whole_studies, 5U);
  EXPECT_GT(stored_.size(), 40U);
}

}  // namespace
}  // namespace necknode::storage
