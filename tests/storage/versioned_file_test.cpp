#include "storage/versioned_file.h"

#include <chrono>
#include <csignal>
#include <fstream>
#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/storage/failing_files.h"
#include "tests/support/temp_folder.h"

namespace necknode::storage {
namespace {

using necknode::tests::TempFolder;
using testing::ElementsAre;
using testing::SizeIs;

const auto kNothing = [] {};

std::string TextOf(int number) {
  return "version " + std::to_string(number) + " " +
         std::string(20'000, static_cast<char>('a' + number % 26)) + " end " +
         std::to_string(number) + "\n";
}

TEST(VersionedFile, KeepsWhatItHeldBefore) {
  const TempFolder folder;
  const VersionedFile file(folder.path(), "peers");
  EXPECT_EQ(file.Read(), std::nullopt);
  EXPECT_EQ(file.Mark(), std::nullopt);
  EXPECT_THAT(file.Versions(), SizeIs(0));
  file.Replace(1, "one\n", kNothing);
  const auto mark = file.Mark();
  file.Replace(2, "two\n", kNothing);
  EXPECT_EQ(file.Read(), "two\n");
  EXPECT_NE(file.Mark(), mark);
  EXPECT_THAT(file.Versions(), ElementsAre(1, 2));
  EXPECT_EQ(file.ReadVersion(1), "one\n");
  EXPECT_EQ(file.ReadVersion(3), std::nullopt);
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "peers" / "0002.toml"));
}

TEST(VersionedFile, KeepsTheNewestVersionsOnly) {
  const TempFolder folder;
  const VersionedFile file(folder.path(), "peers");
  for (int i = 1; i <= VersionedFile::kMostVersions + 5; ++i) {
    file.Replace(i, std::to_string(i), kNothing);
  }
  const std::vector<int> versions = file.Versions();
  ASSERT_THAT(versions, SizeIs(VersionedFile::kMostVersions));
  EXPECT_EQ(versions.front(), 6);
  EXPECT_EQ(versions.back(), VersionedFile::kMostVersions + 5);
}

TEST(VersionedFile, ChangesNothingWhereTheCallBeforeTheRenameThrows) {
  const TempFolder folder;
  const VersionedFile file(folder.path(), "peers");
  file.Replace(1, "one", kNothing);
  EXPECT_THROW(
      file.Replace(2, "two", [] { throw Error(ErrorCode::kNoSpace, "no room for the audit row"); }),
      Error);
  EXPECT_EQ(file.Read(), "one");
  EXPECT_THAT(file.Versions(), ElementsAre(1));
  EXPECT_THAT(SystemFiles().List(folder.path()),
              testing::UnorderedElementsAre("peers", "peers.toml"));
}

TEST(VersionedFile, TouchIsSeenAsAChangeOfTheSameText) {
  const TempFolder folder;
  const VersionedFile file(folder.path(), "peers");
  file.Touch();  // nothing there: nothing done
  file.Replace(1, "one", kNothing);
  const auto before = file.Mark();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));  // the kernel's clock ticks
  file.Touch();
  EXPECT_NE(file.Mark(), before);
  EXPECT_EQ(file.Read(), "one");
}

class VersionedFileFailure : public testing::TestWithParam<int> {};

TEST_P(VersionedFileFailure, LeavesTheOldTextOrTheNewOneWhole) {
  for (int n = 1;; ++n) {
    const TempFolder folder;
    FailingFiles files;
    const VersionedFile file(folder.path(), "peers", files);
    file.Replace(1, TextOf(1), kNothing);
    files.FailAt(n, GetParam());
    bool failed = false;
    try {
      file.Replace(2, TextOf(2), kNothing);
    } catch (const Error& error) {
      failed = true;
      EXPECT_EQ(error.code(),
                GetParam() == ENOSPC ? ErrorCode::kNoSpace : ErrorCode::kStorageFailed);
    }
    if (!files.fired()) {
      EXPECT_GT(n, 10);
      break;
    }
    EXPECT_TRUE(failed) << n;
    const std::string text = file.Read().value_or("");
    EXPECT_TRUE(text == TextOf(1) || text == TextOf(2)) << n;
    EXPECT_EQ(file.ReadVersion(1), TextOf(1)) << n;
    file.Replace(2, TextOf(3), kNothing);  // there is room again
    EXPECT_EQ(file.Read(), TextOf(3)) << n;
    EXPECT_TRUE(files.SurvivesPowerCut(file.path())) << n;
  }
}
INSTANTIATE_TEST_SUITE_P(Errors, VersionedFileFailure, testing::Values(EIO, ENOSPC));

TEST(VersionedFile, SyncsAVersionBeforeItComesIntoForce) {
  const TempFolder folder;
  FailingFiles files;
  const VersionedFile file(folder.path(), "peers", files);
  bool durable = false;
  file.Replace(
      1, "one", [&] { durable = files.SurvivesPowerCut(folder.path() / "peers" / "0001.toml"); });
  // The folder of versions itself is synced with the file's folder, at the end.
  EXPECT_TRUE(durable || files.SurvivesPowerCut(folder.path() / "peers" / "0001.toml"));
  EXPECT_TRUE(files.SurvivesPowerCut(file.path()));
}

TEST(VersionedFile, IsWholeWheneverItsWriterIsKilled) {
  const TempFolder folder;
  const VersionedFile file(folder.path(), "peers");
  file.Replace(1, TextOf(1), kNothing);
  std::mt19937 random(7);
  int last = 1;
  for (int cycle = 0; cycle < 40; ++cycle) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      for (int number = last + 1;; ++number) {
        const VersionedFile::Lock lock(file);
        file.Replace(number, TextOf(number), kNothing);
      }
    }
    // However slow the machine is, some are killed after their first version.
    const auto given_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (cycle % 4 == 0 && file.Read() == TextOf(last) &&
           std::chrono::steady_clock::now() < given_up) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 8000));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    const std::string text = file.Read().value_or("");
    int number = 0;
    ASSERT_EQ(std::sscanf(text.c_str(), "version %d", &number), 1) << cycle;
    ASSERT_EQ(text, TextOf(number)) << cycle;
    ASSERT_GE(number, last) << cycle;
    ASSERT_EQ(file.Versions().back(), number) << cycle;
    last = number;
    const VersionedFile::Lock lock(file);  // went with the killed process
    ++last;
    file.Replace(last, TextOf(last), kNothing);
    ASSERT_EQ(file.Read(), TextOf(last));
  }
  EXPECT_GT(last, 41);
}

TEST(VersionedFile, LetsOneEditorInAtATime) {
  const TempFolder folder;
  const VersionedFile file(folder.path(), "peers");
  file.Replace(1, "1", kNothing);
  constexpr int kEditors = 4, kEdits = 25;
  std::vector<std::thread> editors;
  for (int i = 0; i < kEditors; ++i) {
    editors.emplace_back([&] {
      const VersionedFile mine(folder.path(), "peers");
      for (int k = 0; k < kEdits; ++k) {
        const VersionedFile::Lock lock(mine);
        const int next = std::stoi(mine.Read().value()) + 1;
        mine.Replace(next, std::to_string(next), kNothing);
      }
    });
  }
  for (std::thread& editor : editors) {
    editor.join();
  }
  EXPECT_EQ(file.Read(), std::to_string(1 + kEditors * kEdits));
}

}  // namespace
}  // namespace necknode::storage
