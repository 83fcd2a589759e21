#include "models/replaced_file.h"

#include <csignal>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/error.h"
#include "tests/support/temp_folder.h"

namespace necknode::models {
namespace {

std::string TextOf(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(ReplacedFile, TakesThePlaceOfTheOldOneAtCommit) {
  const tests::TempFolder folder;
  const auto path = folder.path() / "a";
  ReplaceFile(path, "old");
  {
    ReplacedFile file(path);
    file.Write("new", 3);
    EXPECT_EQ(TextOf(path), "old");
    file.Commit();
  }
  EXPECT_EQ(TextOf(path), "new");
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "a.part"));
}

TEST(ReplacedFile, LeavesTheOldOneWithoutCommit) {
  const tests::TempFolder folder;
  const auto path = folder.path() / "a";
  ReplaceFile(path, "old");
  {
    ReplacedFile file(path);
    file.Write("new", 3);
  }
  EXPECT_EQ(TextOf(path), "old");
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "a.part"));
}

TEST(ReplacedFile, OverwritesWhatAKillLeftBehind) {
  const tests::TempFolder folder;
  std::ofstream(folder.path() / "a.part") << "half of an earlier, longer file";
  ReplaceFile(folder.path() / "a", "new");
  EXPECT_EQ(TextOf(folder.path() / "a"), "new");
}

TEST(ReplacedFile, ADiskThatTakesNoMoreLeavesTheOldOne) {
  const tests::TempFolder folder;
  const auto path = folder.path() / "a";
  ReplaceFile(path, "old");
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1000, 1000};
    setrlimit(RLIMIT_FSIZE, &limit);
    try {
      ReplaceFile(path, std::string(5000, 'x'));
    } catch (const Error& error) {
      _exit(error.code() == ErrorCode::kStorageFailed ? 7 : 8);
    }
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 7);
  EXPECT_EQ(TextOf(path), "old");
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "a.part"));
}

TEST(ReplacedFile, NamesAFolderThatIsNotThere) {
  const tests::TempFolder folder;
  try {
    ReplaceFile(folder.path() / "none" / "a", "x");
    FAIL() << "written";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("none/a"), std::string::npos);
  }
}

}  // namespace
}  // namespace necknode::models
