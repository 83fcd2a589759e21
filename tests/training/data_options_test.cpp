#include "training/data_options.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "training/phantom_pool.h"

namespace necknode::training {
namespace {

TEST(ParsePhantomData, ReadsSeedsInEitherForm) {
  EXPECT_EQ(ParsePhantomData("phantom", {3, 9}).ToString(), "3-9");
  EXPECT_EQ(ParsePhantomData("phantom:seeds 1-300", {3, 9}).ToString(), "1-300");
  EXPECT_EQ(ParsePhantomData("phantom:17-17", {3, 9}).Count(), 1U);
}

TEST(ParsePhantomData, RefusesEverythingElse) {
  for (const char* text : {"",
                           "dicom",
                           "phantom:",
                           "phantom:seeds",
                           "phantom:5",
                           "phantom:9-5",
                           "phantom:0-5",
                           "phantom:1-5x",
                           "phantom:seeds a-b",
                           "phantom:-1-5"}) {
    EXPECT_THROW((void)ParsePhantomData(text, {1, 2}), Error) << text;
  }
}

TEST(PhantomPool, MakesAPhantomOnceAndForgetsTheOldest) {
  phantom::PhantomOptions base;
  base.slices = 40;
  base.size = 128;
  PhantomPool pool(base, 1);
  const auto first = pool.Get(1);
  EXPECT_EQ(pool.Get(1), first) << "the same object";
  (void)pool.Get(2);
  const auto again = pool.Get(1);
  EXPECT_NE(again, first);
  EXPECT_TRUE(std::equal(again->volume.voxels().begin(),
                         again->volume.voxels().end(),
                         first->volume.voxels().begin()));
}

}  // namespace
}  // namespace necknode::training
