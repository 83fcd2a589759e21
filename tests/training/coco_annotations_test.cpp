#include "training/coco_annotations.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "tests/support/temp_folder.h"
#include "tests/training/tiny_studies.h"

namespace necknode::training {
namespace {

using Json = nlohmann::json;

Json Annotation(int id, int image, const Json& bbox, int category = 1) {
  return {{"id", id}, {"image_id", image}, {"category_id", category}, {"bbox", bbox}};
}

/// Two images, one annotation.
Json Good() {
  return {{"images",
           {{{"id", 1}, {"sop_instance_uid", "1.2.3"}, {"width", 32}},
            {{"id", 2}, {"sop_instance_uid", "1.2.4"}, {"patient_id", "P"}}}},
          {"categories",
           {{{"id", 1}, {"name", "benign"}},
            {{"id", 2}, {"name", "metastatic"}},
            {{"id", 3}, {"name", "?"}}}},
          {"annotations", Json::array({Annotation(1, 1, {2, 3, 4, 5})})}};
}

class ReadCocoText : public testing::Test {
 protected:
  CocoAnnotations Read(const std::string& text) {
    problems.clear();
    tests::WriteText(folder_.path() / "a.json", text);
    return ReadCoco(folder_.path() / "a.json", "a.json", problems);
  }
  CocoAnnotations Read(const Json& json) { return Read(json.dump()); }

  /// Reads Good() with one more annotation or image and expects that it alone is refused.
  void ExpectRefused(const char* list, const Json& entry, const std::string& reason) {
    Json json = Good();
    json[list].push_back(entry);
    const auto read = Read(json);
    ASSERT_EQ(problems.size(), 1U) << reason;
    EXPECT_EQ(problems[0].file, "a.json");
    EXPECT_NE(problems[0].reason.find(reason), std::string::npos) << problems[0].reason;
    EXPECT_EQ(read.boxes.size(), 1U);
    EXPECT_EQ(read.images.size(), 2U);
  }

  DataProblems problems;

 private:
  tests::TempFolder folder_;
};

TEST_F(ReadCocoText, TakesAGoodFile) {
  Json json = Good();
  json["annotations"].push_back(Annotation(7, 2, {0.5, 1, 2.25, 3}, 2));
  json["annotations"][1]["node_id"] = 4;
  const auto read = Read(json);
  EXPECT_TRUE(problems.empty());
  ASSERT_EQ(read.boxes.size(), 2U);
  EXPECT_EQ(read.boxes[1].box, (Box{0.5, 1, 2.75, 4}));
  EXPECT_TRUE(read.boxes[1].malignant);
  EXPECT_EQ(read.boxes[1].node_id, "4");
  EXPECT_EQ(read.images[0].width, 32);
  EXPECT_EQ(read.images[1].patient_id, "P");
  EXPECT_FALSE(read.has_split);
}

TEST_F(ReadCocoText, RefusesAnnotationsOneByOne) {
  ExpectRefused("annotations", Annotation(2, 1, {2, 3, 0, 5}), "no area: 0 x 5");
  ExpectRefused("annotations", Annotation(2, 1, {2, 3, 4, -5}), "no area");
  ExpectRefused("annotations", Annotation(2, 1, {2, 3, 4}), "not four finite numbers");
  ExpectRefused("annotations", Annotation(2, 1, {2, 3, 4, "5"}), "not four finite numbers");
  ExpectRefused("annotations", Annotation(2, 1, "box"), "not four finite numbers");
  ExpectRefused("annotations", Annotation(2, 1, {1, 1, 2, 2}, 3), "neither benign nor metastatic");
  ExpectRefused("annotations", Annotation(2, 1, {1, 1, 2, 2}, 9), "names no category");
  ExpectRefused("annotations", Annotation(2, 5, {1, 1, 2, 2}), "names no image");
  ExpectRefused("annotations", Annotation(1, 1, {1, 1, 2, 2}), "id is that of an earlier");
  ExpectRefused("annotations", Annotation(2, 1, {2, 3, 4, 5}), "the same box as annotation 1");
  ExpectRefused("annotations", "text", "no integer id");
  Json crowd = Annotation(2, 1, {1, 1, 2, 2});
  crowd["iscrowd"] = 1;
  ExpectRefused("annotations", crowd, "iscrowd");
}

TEST_F(ReadCocoText, RefusesImagesOneByOneWithTheirAnnotations) {
  ExpectRefused("images", {{"id", 3}}, "no valid sop_instance_uid");
  ExpectRefused("images", {{"id", 3}, {"sop_instance_uid", "1..2"}}, "no valid sop_instance_uid");
  ExpectRefused("images", {{"id", 3}, {"sop_instance_uid", "1.2.3"}}, "that of an earlier image");
  ExpectRefused("images", {{"id", 1}, {"sop_instance_uid", "1.2.9"}}, "id is that of an earlier");
  ExpectRefused("images", {{"sop_instance_uid", "1.2.9"}}, "no integer id");
  Json json = Good();
  json["images"][0].erase("sop_instance_uid");
  EXPECT_TRUE(Read(json).boxes.empty());
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems[1].entry, "annotation 1");
  EXPECT_EQ(problems[1].reason, "image 1 was refused");
}

TEST_F(ReadCocoText, ANumberThatIsNoneCostsOneAnnotation) {
  std::string text = Good().dump();
  const auto at = text.find("[2,3,4,5]");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 9, "[NaN,3,-Infinity,5]");
  EXPECT_TRUE(Read(text).boxes.empty());
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems[0].reason.find("finite"), std::string::npos);
  Json quoted = Good();
  quoted["note"] = "NaN \" Infinity";
  EXPECT_EQ(Read(quoted).boxes.size(), 1U) << "text is left alone";
}

TEST_F(ReadCocoText, ReadsListsOfPatients) {
  Json json = Good();
  json["split"] = {{"train", {"P", "Q"}}, {"test", {"R"}}};
  const auto read = Read(json);
  EXPECT_TRUE(read.has_split);
  EXPECT_EQ(read.split.Of("Q"), DataPart::kTrain);
  EXPECT_EQ(read.split.Of("R"), DataPart::kTest);
  json["split"]["validation"] = {"P"};
  EXPECT_THROW((void)Read(json), Error) << "a patient on two sides";
  json["split"] = {{"all", {"P"}}};
  EXPECT_THROW((void)Read(json), Error);
}

TEST_F(ReadCocoText, RefusesWhatIsNoAnnotationFile) {
  for (const char* text :
       {"", "[]", "{", R"({"images": []})", R"({"images": 1, "annotations": []})"}) {
    EXPECT_THROW((void)Read(std::string(text)), Error) << text;
  }
}

}  // namespace
}  // namespace necknode::training
