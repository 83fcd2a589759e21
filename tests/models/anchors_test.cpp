#include "models/anchors.h"

#include "tests/models/expect_tensor.h"

namespace necknode::models {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(CellAnchors, AreThoseOfTorchvisionForSize32) {
  // AnchorGenerator(((32,),), ((0.5, 1.0, 2.0),)).cell_anchors of torchvision 0.14.1.
  EXPECT_THAT(ValuesOf(CellAnchors({32}, {0.5, 1.0, 2.0})),
              ElementsAre(-23, -11, 23, 11, -16, -16, 16, 16, -11, -23, 11, 23));
}

TEST(CellAnchors, RoundHalvesToEven) {
  // 5 / 2 and 3 / 2 lie half-way: 2 and 2, not 3 and 2.
  EXPECT_THAT(ValuesOf(CellAnchors({5}, {1.0})), ElementsAre(-2, -2, 2, 2));
  EXPECT_THAT(ValuesOf(CellAnchors({3}, {1.0})), ElementsAre(-2, -2, 2, 2));
}

TEST(CellAnchors, OfThePaperHaveItsAreas) {
  for (const double size : {16.0, 24.0, 36.0, 40.0, 56.0}) {
    const auto values = ValuesOf(CellAnchors({size}, {1.0}));
    EXPECT_EQ((values[2] - values[0]) * (values[3] - values[1]), size * size);
  }
}

TEST(CellAnchors, RefusesASizeThatIsNotPositive) {
  EXPECT_THAT(ErrorOf([] {
                (void)CellAnchors({16, 0}, {1.0});
              }),
              HasSubstr("2 anchor sizes (above 0) with 1 ratios"));
}

TEST(GridAnchors, RunByRowThenColumnThenRatio) {
  const torch::Tensor anchors = GridAnchors(Boxes({{-2, -1, 2, 1}, {-1, -2, 1, 2}}), 2, 2, 8, 4);
  ASSERT_EQ(anchors.size(0), 8);
  EXPECT_THAT(ValuesOf(anchors[0]), ElementsAre(-2, -1, 2, 1));
  EXPECT_THAT(ValuesOf(anchors[1]), ElementsAre(-1, -2, 1, 2));
  EXPECT_THAT(ValuesOf(anchors[2]), ElementsAre(2, -1, 6, 1));  // next column: stride_x 4
  EXPECT_THAT(ValuesOf(anchors[4]), ElementsAre(-2, 7, 2, 9));  // next row: stride_y 8
  EXPECT_THAT(ValuesOf(anchors[7]), ElementsAre(3, 6, 5, 10));
}

TEST(GridAnchors, RefusesAnEmptyGrid) {
  EXPECT_THAT(ErrorOf([] { (void)GridAnchors(CellAnchors({8}, {1.0}), 0, 3, 4, 4); }),
              HasSubstr("anchor grid of 0 x 3"));
}

}  // namespace
}  // namespace necknode::models
