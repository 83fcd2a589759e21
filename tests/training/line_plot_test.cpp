#include "training/line_plot.h"

#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/temp_folder.h"

namespace necknode::training {
namespace {

TEST(DrawTrainingCurve, ReplacesAnOlderPictureWholly) {
  const tests::TempFolder folder;
  const auto csv = folder.path() / "curve.csv";
  const auto png = folder.path() / "curve.png";
  std::ofstream(png) << "old";
  std::ofstream(csv) << "step,learning_rate,loss,box,class,validation\n"
                        "20,0.01,3,1,2,\n40,0.02,2,0.5,1.5,ap50=0.25 recall=0.5\n";
  DrawTrainingCurve(csv, png);
  std::ifstream file(png, std::ios::binary);
  std::string begin(4, '\0');
  file.read(begin.data(), 4);
  EXPECT_EQ(begin, "\x89PNG");
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    EXPECT_EQ(entry.path().filename().string().find(".part"), std::string::npos);
  }
}

TEST(DrawTrainingCurve, DrawsNothingWithoutRows) {
  const tests::TempFolder folder;
  std::ofstream(folder.path() / "curve.csv") << "step,learning_rate,loss,validation\n";
  DrawTrainingCurve(folder.path() / "curve.csv", folder.path() / "curve.png");
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "curve.png"));
}

}  // namespace
}  // namespace necknode::training
