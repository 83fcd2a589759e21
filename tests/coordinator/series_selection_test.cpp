#include "coordinator/series_selection.h"

#include <functional>
#include <ostream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dicom_io/scanner.h"
#include "tests/coordinator/headers.h"
#include "tests/support/shared_data.h"

namespace necknode::coordinator {
namespace {

using testing::HasSubstr;
using tests::AxialSeries;

void Append(std::vector<InstanceHeader>& all, const std::vector<InstanceHeader>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

TEST(SelectSeries, TakesAnAxialOriginalCt) {
  const auto verdicts = SelectSeries(AxialSeries("1.2.3.1", 40), {});
  ASSERT_EQ(verdicts.size(), 1U);
  EXPECT_TRUE(verdicts[0].selected);
  EXPECT_THAT(verdicts[0].refusals, testing::IsEmpty());
  EXPECT_EQ(verdicts[0].description, "CT, 40 images, 2.0 mm, axial");
}

struct Refusal {
  const char* name;
  std::function<void(InstanceHeader&)> change;
  const char* reason;
};
void PrintTo(const Refusal& refusal, std::ostream* to) { *to << refusal.name; }

class SelectSeriesRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(SelectSeriesRefuses, WithItsReason) {
  auto headers = AxialSeries("1.2.3.1", 40);
  for (InstanceHeader& header : headers)
    GetParam().change(header);
  config::Route route;
  route.exclude_description = {"bone"};
  route.body_parts = {"NECK", ""};
  const auto verdicts = SelectSeries(headers, route);
  ASSERT_EQ(verdicts.size(), 1U);
  EXPECT_FALSE(verdicts[0].selected);
  EXPECT_THAT(verdicts[0].refusals, testing::Contains(HasSubstr(GetParam().reason)));
}

INSTANTIATE_TEST_SUITE_P(
    Each,
    SelectSeriesRefuses,
    testing::Values(
        Refusal{
            "Modality", [](InstanceHeader& h) { h.modality = "MR"; }, "40 x modality MR, not CT"},
        Refusal{"SopClass",
                [](InstanceHeader& h) { h.sop_class_uid = Uid("1.2.840.10008.5.1.4.1.1.7"); },
                "not a CT image"},
        Refusal{"Localizer",
                [](InstanceHeader& h) {
                  h.image_type = {"ORIGINAL", "PRIMARY", "LOCALIZER"};
                },
                "40 x localizer"},
        Refusal{"Derived",
                [](InstanceHeader& h) {
                  h.image_type = {"DERIVED", "SECONDARY"};
                },
                "derived image"},
        Refusal{"Coronal",
                [](InstanceHeader& h) {
                  h.image_orientation = {1, 0, 0, 0, 0, -1};
                },
                "not axial"},
        Refusal{"Degenerate",
                [](InstanceHeader& h) {
                  h.image_orientation = {0, 0, 0, 0, 0, 0};
                },
                "not axial"},
        Refusal{
            "NoPosition", [](InstanceHeader& h) { h.image_position.reset(); }, "no image position"},
        Refusal{"NoThickness",
                [](InstanceHeader& h) { h.slice_thickness.reset(); },
                "no slice thickness"},
        Refusal{"Thick",
                [](InstanceHeader& h) { h.slice_thickness = 8; },
                "slice thickness 8.00 mm is outside"},
        Refusal{"Word",
                [](InstanceHeader& h) { h.series_description = "Neck BONE 1.0"; },
                "holds \"bone\""},
        Refusal{
            "BodyPart", [](InstanceHeader& h) { h.body_part_examined = "KNEE"; }, "body part KNEE"},
        Refusal{"Ours",
                [](InstanceHeader& h) {
                  h.manufacturer = "necknode";
                  h.manufacturer_model_name = "necknode";
                },
                "our own result"}),
    [](const testing::TestParamInfo<Refusal>& tested) { return std::string(tested.param.name); });

TEST(SelectSeries, WantsAWordOrContrastWhereTheRouteDoes) {
  auto headers = AxialSeries("1.2.3.1", 40);
  config::Route route;
  route.include_description = {"neck", "hals"};
  for (auto& header : headers)
    header.series_description = "CT Hals 1.0";
  EXPECT_TRUE(SelectSeries(headers, route)[0].selected);
  for (auto& header : headers)
    header.series_description = "Thorax";
  EXPECT_THAT(SelectSeries(headers, route)[0].refusals,
              testing::ElementsAre(HasSubstr("none of the route's words")));
  route.include_description.clear();
  route.contrast = "require";
  for (auto& header : headers)
    header.contrast_bolus_agent.clear();
  EXPECT_THAT(SelectSeries(headers, route)[0].refusals,
              testing::ElementsAre(HasSubstr("does not name a contrast agent")));
}

TEST(SelectSeries, RefusesTooFewAndTooManyImages) {
  EXPECT_THAT(SelectSeries(AxialSeries("1.2.3.1", 19), {})[0].refusals,
              testing::ElementsAre("19 images, at least 20 are needed"));
  config::Route route;
  route.max_slices = 30;
  EXPECT_THAT(SelectSeries(AxialSeries("1.2.3.1", 31), route)[0].refusals,
              testing::ElementsAre("31 images, at most 30 are taken"));
}

TEST(SelectSeries, AllowsGantryTilt) {
  auto headers = AxialSeries("1.2.3.1", 40);
  for (InstanceHeader& header : headers)
    header.image_orientation = {1, 0, 0, 0, 0.9397, -0.3420};
  EXPECT_TRUE(SelectSeries(headers, {})[0].selected);
}

TEST(SelectSeries, SetsALocalizerInTheSameSeriesApart) {
  auto headers = AxialSeries("1.2.3.1", 40);
  headers[0].image_type = {"ORIGINAL", "PRIMARY", "LOCALIZER"};
  const auto verdicts = SelectSeries(headers, {});
  EXPECT_TRUE(verdicts[0].selected);
  EXPECT_EQ(verdicts[0].images, 39);
  EXPECT_THAT(verdicts[0].remarks, testing::ElementsAre("1 x localizer"));
}

TEST(SelectSeries, PrefersContrastThenKernelThenThickness) {
  std::vector<InstanceHeader> headers;
  for (const auto& [series, number, contrast, kernel, thickness] :
       std::vector<std::tuple<std::string, int, bool, std::string, double>>{
           {"1.2.3.1", 1, false, "B30f", 2.0},
           {"1.2.3.2", 2, true, "B60f", 2.0},
           {"1.2.3.3", 3, true, "B30f", 5.0},
           {"1.2.3.4", 4, true, "B30f", 3.0}}) {
    auto some = AxialSeries(series, 30, number);
    for (InstanceHeader& header : some) {
      header.contrast_bolus_agent = contrast ? "c" : "";
      header.convolution_kernel = kernel;
      header.slice_thickness = thickness;
    }
    Append(headers, some);
  }
  config::Route route;
  route.preferred_kernels = {"B30f"};
  const auto verdicts = SelectSeries(headers, route);
  ASSERT_EQ(verdicts.size(), 4U);
  EXPECT_TRUE(verdicts[3].selected);
  const auto decided_by = [&](std::size_t series, const char* what) {
    EXPECT_THAT(
        verdicts[series].remarks,
        testing::Contains("suitable, but another series comes first: " + std::string(what)));
  };
  decided_by(0, "it names a contrast agent");
  decided_by(1, "its kernel is preferred");
  decided_by(2, "its slice thickness is nearer to 2 mm");
  route.contrast = "ignore";
  EXPECT_TRUE(SelectSeries(headers, route)[0].selected) << "kernel and 2 mm";
}

TEST(SelectSeries, OfTwinsTakesTheLowerSeriesNumber) {
  auto headers = AxialSeries("1.2.3.9", 30, 2);
  Append(headers, AxialSeries("1.2.3.1", 30, 5));
  const auto verdicts = SelectSeries(headers, {});
  EXPECT_TRUE(verdicts[0].selected);
  EXPECT_EQ(verdicts[0].series_instance_uid, Uid("1.2.3.9"));
}

TEST(SelectSeries, CountsTheFramesOfEnhancedCt) {
  InstanceHeader header = AxialSeries("1.2.3.1", 1)[0];
  header.sop_class_uid = Uid("1.2.840.10008.5.1.4.1.1.2.1");
  header.number_of_frames = 60;
  header.image_position.reset();
  header.image_orientation.reset();
  header.slice_thickness.reset();
  const auto verdicts = SelectSeries({header}, {});
  EXPECT_TRUE(verdicts[0].selected);
  EXPECT_EQ(verdicts[0].images, 60);
}

TEST(SelectSeries, OfARealStudyNamesLocalizerDerivedPagesAndTheAxialSeries) {
  const auto folder = tests::SharedData("philips_head_study");
  if (folder.empty())
    GTEST_SKIP() << tests::kNoSharedData;
  std::vector<InstanceHeader> headers;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file())
      headers.push_back(dicom_io::ScanFile(entry.path()));
  }
  const auto verdicts = SelectSeries(headers, {});
  ASSERT_EQ(verdicts.size(), 3U);
  int selected = 0;
  std::string refusals;
  for (const SeriesVerdict& verdict : verdicts) {
    selected += verdict.selected ? 1 : 0;
    if (verdict.selected) {
      EXPECT_EQ(verdict.images, 28);
    }
    for (const std::string& refusal : verdict.refusals)
      refusals += refusal + "\n";
  }
  EXPECT_EQ(selected, 1);
  EXPECT_THAT(refusals, HasSubstr("localizer"));
  EXPECT_THAT(refusals, HasSubstr("derived image"));
}

}  // namespace
}  // namespace necknode::coordinator
