#include "pipeline/slice_views.h"

#include <algorithm>
#include <map>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "storage/bundle.h"
#include "tests/pipeline/neck_volume.h"

namespace necknode::pipeline {
namespace {

/// One object in memory.
class OneObject : public storage::ObjectStore {
 public:
  explicit OneObject(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}
  std::unique_ptr<storage::ObjectWriter> Create(storage::ObjectKind) override { return nullptr; }
  std::vector<std::byte> Read(storage::ObjectKind, const std::string&) const override {
    return bytes_;
  }
  std::vector<std::byte> ReadPart(storage::ObjectKind,
                                  const std::string&,
                                  std::uint64_t offset,
                                  std::size_t size) const override {
    const auto from = std::min<std::uint64_t>(offset, bytes_.size());
    const auto to = from + std::min<std::uint64_t>(size, bytes_.size() - from);
    return {bytes_.begin() + static_cast<std::ptrdiff_t>(from),
            bytes_.begin() + static_cast<std::ptrdiff_t>(to)};
  }
  std::filesystem::path PathOf(storage::ObjectKind, const std::string&) const override {
    return {};
  }
  void Remove(storage::ObjectKind, const std::string&) override {}
  std::uint64_t FreeAboveReserve() const override { return 0; }
  storage::DiskSpace Disk() const override { return {}; }

 private:
  std::vector<std::byte> bytes_;
};

dicom_io::CtVolume Neck(int size, int slices) {
  tests::NeckScene scene;
  scene.size = size;
  scene.slices = slices;
  auto ct = tests::DrawNeck(scene);
  for (int z = 0; z < slices; ++z)
    ct.slices[static_cast<std::size_t>(z)].header.instance_number = slices - z;
  return ct;
}

Assessment Warned() {
  Assessment assessment;
  assessment.model.warning = "PHANTOM MODEL, NOT FOR CLINICAL USE";
  return assessment;
}

bool IsJpeg(const std::vector<std::byte>& file) {
  return file.size() > 4 && file[0] == std::byte{0xFF} && file[1] == std::byte{0xD8} &&
         file.back() == std::byte{0xD9};
}

TEST(SliceViews, HoldAPictureOfEverySliceAndSayWhichItIs) {
  const auto ct = Neck(256, 8);
  std::vector<int> done;
  const OneObject objects(WriteSliceViews(ct, Warned(), [&](int z, int of) {
    EXPECT_EQ(of, 8);
    done.push_back(z);
  }));
  EXPECT_THAT(done, testing::ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
  const storage::Bundle bundle(objects, storage::ObjectKind::kResult, "");
  ASSERT_EQ(bundle.size(), 8U);
  for (std::size_t z = 0; z < 8; ++z)
    EXPECT_TRUE(IsJpeg(bundle.Part(z))) << z;
  const auto index = nlohmann::json::parse(bundle.Index());
  EXPECT_EQ(index["format"], "necknode-slices");
  EXPECT_EQ(index["warning"], "PHANTOM MODEL, NOT FOR CLINICAL USE");
  EXPECT_EQ(index["rows"], 256);
  EXPECT_EQ(index["picture_rows"], 256);
  EXPECT_EQ(index["pixel_spacing_mm"], nlohmann::json({1.0, 1.0}));
  EXPECT_EQ(index["slices"][0]["instance_number"], 8);
  EXPECT_EQ(index["slices"][3]["position_mm"], 6.0);
}

TEST(SliceViews, AreMadeSmallerThanALargeImage) {
  const OneObject objects(WriteSliceViews(Neck(600, 2), Warned(), nullptr));
  const storage::Bundle bundle(objects, storage::ObjectKind::kResult, "");
  const auto index = nlohmann::json::parse(bundle.Index());
  EXPECT_EQ(index["columns"], 600);
  EXPECT_EQ(index["picture_columns"], 512);
}

TEST(SliceViews, AreHalvedUntilTheyFit) {
  const auto ct = Neck(256, 8);
  const std::size_t whole = WriteSliceViews(ct, Warned(), nullptr).size();
  const auto smaller = WriteSliceViews(ct, Warned(), nullptr, {256, whole / 2});
  EXPECT_LT(smaller.size(), whole / 2 + 2000);
  const OneObject objects(smaller);
  const storage::Bundle bundle(objects, storage::ObjectKind::kResult, "");
  EXPECT_EQ(nlohmann::json::parse(bundle.Index())["picture_rows"], 128);
  EXPECT_THROW((void)WriteSliceViews(ct, Warned(), nullptr, {256, 100}), Error);
}

TEST(SliceViews, GiveTheSameBytesTwice) {
  const auto ct = Neck(128, 3);
  EXPECT_EQ(WriteSliceViews(ct, Warned(), nullptr), WriteSliceViews(ct, Warned(), nullptr));
}

}  // namespace
}  // namespace necknode::pipeline
