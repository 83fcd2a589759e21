#include "training/data_source.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/temp_folder.h"
#include "tests/training/tiny_studies.h"

namespace necknode::training {
namespace {

namespace fs = std::filesystem;

DataSource Parse(const std::string& text) { return ParseData(text, {3, 9}, DataPart::kTest); }

TEST(ParseData, ReadsPhantoms) {
  EXPECT_EQ(Parse("phantom").seeds.ToString(), "3-9");
  EXPECT_EQ(Parse("phantom:seeds 5-6").seeds.ToString(), "5-6");
  EXPECT_TRUE(Parse("phantom").phantom);
  EXPECT_THROW((void)Parse("phantom:seeds x"), Error);
}

TEST(ParseData, FindsAFoldersAnnotations) {
  const tests::TempFolder temp;
  const fs::path root = temp.path();
  EXPECT_THROW((void)Parse(root.string()), Error) << "no annotations";
  fs::create_directories(root / "b");
  fs::create_directories(root / "a");
  tests::WriteText(root / "b" / "truth.json", "{}");
  tests::WriteText(root / "a" / "annotations.json", "{}");
  EXPECT_EQ(Parse(root.string()).annotations,
            (std::vector{root / "a" / "annotations.json", root / "b" / "truth.json"}));
  tests::WriteText(root / "truth.json", "{}");
  EXPECT_EQ(Parse(root.string()).annotations, std::vector{root / "truth.json"});
  tests::WriteText(root / "annotations.json", "{}");
  EXPECT_EQ(Parse(root.string()).annotations, std::vector{root / "annotations.json"});
  EXPECT_EQ(Parse(root.string() + ":b/truth.json").annotations,
            std::vector{root / "b" / "truth.json"});
  EXPECT_EQ(Parse(root.string() + ":" + (root / "truth.json").string()).annotations,
            std::vector{root / "truth.json"});
  EXPECT_THROW((void)Parse(root.string() + ":absent.json"), Error);
}

TEST(ParseData, TakesThePartThatIsNamedElseTheCommands) {
  const tests::TempFolder temp;
  const auto folder = (temp.path() / "a#b:c").string();
  fs::create_directories(folder);
  tests::WriteText(fs::path(folder) / "truth.json", "{}");
  EXPECT_EQ(Parse(folder).part, DataPart::kTest);
  EXPECT_EQ(Parse(folder + "#train").part, DataPart::kTrain);
  EXPECT_EQ(Parse(folder + ":truth.json#all").part, DataPart::kAll);
  EXPECT_EQ(Parse(folder + ":truth.json#all").folder, folder);
  EXPECT_THROW((void)Parse(folder + "#some"), Error);
}

TEST(ParseData, SaysWhatItExpects) {
  try {
    (void)Parse("/no/such/folder");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    EXPECT_NE(std::string(error.what()).find("DIR:annotations.json"), std::string::npos);
  }
}

}  // namespace
}  // namespace necknode::training
