#include "sr_writer/slice_picture.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "core/error.h"
#include "sr_writer/jpeg.h"
#include "sr_writer/soft_tissue_window.h"

namespace necknode::sr_writer {
namespace {

TEST(SoftTissueWindow, GoesFromBlackToWhite) {
  EXPECT_EQ(GreyOf(-1024), 0);
  EXPECT_EQ(GreyOf(-125), 0);
  EXPECT_EQ(GreyOf(50), 128);
  EXPECT_EQ(GreyOf(225), 255);
  EXPECT_EQ(GreyOf(3000), 255);
}

TEST(DrawSlice, KeepsASliceThatIsSmallEnough) {
  const std::vector<std::int16_t> hu = {-1000, 50, 225, 400, 50, -125};
  const GreyPicture picture = DrawSlice(hu, 2, 3, 3);
  EXPECT_EQ(picture.rows, 2);
  EXPECT_EQ(picture.columns, 3);
  EXPECT_EQ(picture.grey, (std::vector<unsigned char>{0, 128, 255, 255, 128, 0}));
}

TEST(DrawSlice, MakesALargeSliceSmallerWithoutChangingItsShape) {
  std::vector<std::int16_t> hu(std::size_t{600} * 1200, -1000);
  for (std::size_t row = 0; row < 600; ++row)
    std::fill_n(hu.begin() + static_cast<std::ptrdiff_t>(row * 1200 + 600), 600, std::int16_t{400});
  const GreyPicture picture = DrawSlice(hu, 600, 1200, 512);
  EXPECT_EQ(picture.rows, 256);
  ASSERT_EQ(picture.columns, 512);
  ASSERT_EQ(picture.grey.size(), std::size_t{256} * 512);
  for (std::size_t row = 0; row < 256; ++row) {
    EXPECT_EQ(picture.grey[row * 512 + 255], 0);
    EXPECT_EQ(picture.grey[row * 512 + 256], 255);
  }
}

TEST(DrawSlice, TakesTheMeanOfWhatAPixelCovers) {
  const std::vector<std::int16_t> hu = {-1000, 400, 400, -1000, 400, 400, 400, 400};
  EXPECT_EQ(DrawSlice(hu, 2, 4, 2).grey, (std::vector<unsigned char>{191, 191}));
}

TEST(DrawSlice, LeavesAtLeastOnePixel) {
  const std::vector<std::int16_t> hu(2000, 50);
  const GreyPicture picture = DrawSlice(hu, 1, 2000, 64);
  EXPECT_EQ(picture.rows, 1);
  EXPECT_EQ(picture.columns, 64);
}

TEST(DrawSlice, RefusesASizeThatDoesNotFit) {
  const std::vector<std::int16_t> hu(6, 0);
  EXPECT_THROW((void)DrawSlice(hu, 2, 2, 512), Error);
  EXPECT_THROW((void)DrawSlice(hu, 0, 6, 512), Error);
  EXPECT_THROW((void)DrawSlice(hu, 2, 3, 0), Error);
}

GreyPicture Gradient(int rows, int columns) {
  GreyPicture picture{rows, columns, {}};
  for (int i = 0; i < rows * columns; ++i)
    picture.grey.push_back(static_cast<unsigned char>(i * 7919 >> 5));
  return picture;
}

TEST(EncodeJpeg, WritesOneAndTheSameBaselineFile) {
  const std::vector<std::byte> file = EncodeJpeg(Gradient(100, 75), 85);
  ASSERT_GT(file.size(), 200U);
  EXPECT_EQ(file[0], std::byte{0xFF});
  EXPECT_EQ(file[1], std::byte{0xD8});
  EXPECT_EQ(file[file.size() - 2], std::byte{0xFF});
  EXPECT_EQ(file.back(), std::byte{0xD9});
  // Start of frame, baseline: length 11, 8 bits, 100 rows, 75 columns, 1 component.
  const std::vector<std::byte> frame = {std::byte{0xFF},
                                        std::byte{0xC0},
                                        std::byte{0},
                                        std::byte{11},
                                        std::byte{8},
                                        std::byte{0},
                                        std::byte{100},
                                        std::byte{0},
                                        std::byte{75},
                                        std::byte{1}};
  EXPECT_FALSE(std::ranges::search(file, frame).empty());
  EXPECT_EQ(EncodeJpeg(Gradient(100, 75), 85), file);
}

// Noise at the best quality is the worst that there is: the buffer must hold it.
TEST(EncodeJpeg, HasRoomForWhatDoesNotCompress) {
  for (const int side : {1, 7, 8, 9, 64, 512}) {
    GreyPicture picture{side, side, {}};
    unsigned state = 1;
    for (int i = 0; i < side * side; ++i) {
      state = state * 1'664'525U + 1'013'904'223U;
      picture.grey.push_back((state >> 31U) != 0 ? 255 : 0);
    }
    EXPECT_GT(EncodeJpeg(picture, 100).size(), 100U) << side;
  }
}

TEST(EncodeJpeg, RefusesWhatIsNoPicture) {
  EXPECT_THROW((void)EncodeJpeg({2, 2, {1, 2, 3}}, 85), Error);
  EXPECT_THROW((void)EncodeJpeg({0, 0, {}}, 85), Error);
  EXPECT_THROW((void)EncodeJpeg(Gradient(2, 2), 0), Error);
  EXPECT_THROW((void)EncodeJpeg(Gradient(2, 2), 101), Error);
  EXPECT_THROW((void)EncodeJpeg({1, 70'000, std::vector<unsigned char>(70'000)}, 85), Error);
}

}  // namespace
}  // namespace necknode::sr_writer
