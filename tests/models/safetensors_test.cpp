#include "models/safetensors.h"

#include <cstring>
#include <fstream>
#include <ostream>

#include "models/classifier.h"
#include "models/classifier_registry.h"
#include "tests/models/expect_tensor.h"
#include "tests/support/temp_folder.h"

namespace necknode::models {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

void WriteBytes(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string Length(std::uint64_t value) {
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &value, 8);
  return bytes;
}

ClassifierConfig TinyClassifier() {
  ClassifierConfig config;
  SetArchitecture(config, "a_resnet50");
  config.base_width = 4;
  return config;
}

TEST(Safetensors, GivesBackWhatWasWritten) {
  const tests::TempFolder folder;
  const auto path = folder.path() / "a.safetensors";
  const torch::Tensor matrix = torch::randn({3, 4}).t();  // not contiguous
  WriteSafetensors(path,
                   {{"m", matrix},
                    {"n", torch::tensor({7}, torch::kLong)},
                    {"e", torch::empty({0, 3})},
                    {"s", torch::tensor(2.5F)}},
                   {{"origin", "a test"}});
  const SafetensorsFile file(path);
  EXPECT_THAT(file.Names(), ElementsAre("e", "m", "n", "s"));
  EXPECT_TRUE(torch::equal(file.Tensor("m"), matrix));
  EXPECT_EQ(file.Tensor("n").item<std::int64_t>(), 7);
  EXPECT_EQ(file.Tensor("e").sizes(), (std::vector<std::int64_t>{0, 3}));
  EXPECT_EQ(file.Tensor("s").dim(), 0);
  EXPECT_EQ(file.metadata().at("origin"), "a test");
  EXPECT_THAT(ErrorOf([&] { (void)file.Tensor("x"); }), HasSubstr("no tensor 'x'"));
}

TEST(Safetensors, StoresHalfPrecision) {
  const tests::TempFolder folder;
  const auto path = folder.path() / "a.safetensors";
  WriteSafetensors(path, {{"m", torch::tensor({1.0F, 0.1F})}}, {}, torch::kFloat16);
  const SafetensorsFile file(path);
  EXPECT_EQ(file.Tensor("m").scalar_type(), torch::kFloat16);
  EXPECT_NEAR(file.Tensor("m")[1].item<double>(), 0.1, 1e-4);
}

TEST(Safetensors, ReadsTheBytesThatTheFormatPrescribes) {
  const tests::TempFolder folder;
  const auto path = folder.path() / "a.safetensors";
  const std::string header = R"({"b":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}})";
  WriteBytes(path, Length(header.size()) + header + std::string("\x80\x3f\x00\xc0", 4));
  EXPECT_THAT(ValuesOf(SafetensorsFile(path).Tensor("b")), ElementsAre(1, -2));
}

struct Hostile {
  const char* what;
  std::string header;
  std::string data;
  const char* reason;
};

void PrintTo(const Hostile& file, std::ostream* to) { *to << file.reason; }

class HostileSafetensors : public testing::TestWithParam<Hostile> {};

TEST_P(HostileSafetensors, IsRefusedWithTheReason) {
  const tests::TempFolder folder;
  const auto path = folder.path() / "a.safetensors";
  WriteBytes(path, Length(GetParam().header.size()) + GetParam().header + GetParam().data);
  const std::string error = ErrorOf([&] { const SafetensorsFile file(path); });
  EXPECT_THAT(error, testing::StartsWith("model: "));
  EXPECT_THAT(error, HasSubstr(GetParam().reason));
}

std::string Entry(const char* dtype, const char* shape, const char* offsets) {
  return std::string(R"({"t":{"dtype":")") + dtype + R"(","shape":)" + shape +
         R"(,"data_offsets":)" + offsets + "}}";
}

INSTANTIATE_TEST_SUITE_P(
    Files,
    HostileSafetensors,
    testing::Values(
        Hostile{"NoObject", "[1]", "", "does not begin with {"},
        Hostile{"NoJson", "{\"t\":", "", "not JSON"},
        Hostile{
            "SameNameTwice",
            R"({"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
            std::string(4, '\0'),
            "names 't' twice"},
        Hostile{"UnknownDtype", Entry("F8", "[1]", "[0,1]"), "x", "dtype \"F8\""},
        Hostile{"ShapeLargerThanBytes",
                Entry("F32", "[2]", "[0,4]"),
                "1234",
                "its shape and dtype need 8"},
        Hostile{"NegativeExtent", Entry("F32", "[-1]", "[0,4]"), "1234", "extent of -1"},
        Hostile{"FractionalExtent", Entry("F32", "[1.0]", "[0,4]"), "1234", "extent of 1.0"},
        Hostile{
            "OverflowingShape", Entry("F32", "[4294967296,4294967296]", "[0,0]"), "", "overflows"},
        Hostile{"HugeShapeTimesZero",
                Entry("F32", "[4611686018427387903,4,0]", "[0,0]"),
                "",
                "overflows"},
        Hostile{"TooManyDimensions",
                Entry("F32", "[1,1,1,1,1,1,1,1,1]", "[0,4]"),
                "1234",
                "array of at most 8"},
        Hostile{"OffsetsBeyondTheFile",
                Entry("F32", "[2]", "[0,8]"),
                "1234",
                "at 0 to 8 of 4 data bytes"},
        Hostile{"OffsetsReversed", Entry("F32", "[1]", "[4,0]"), "1234", "at 4 to 0"},
        Hostile{"OneOffset", Entry("F32", "[1]", "[0]"), "1234", "not a pair"},
        Hostile{
            "HugeOffset", Entry("F32", "[1]", "[0,18446744073709551615]"), "1234", "an offset of"},
        Hostile{
            "BytesBehind", Entry("F32", "[1]", "[0,4]"), "12345", "1 bytes behind the last tensor"},
        Hostile{"GapBefore", Entry("F32", "[1]", "[4,8]"), "12345678", "a gap of 4 bytes before"},
        Hostile{
            "Overlap",
            R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
            "12345678",
            "'b' overlaps"},
        Hostile{"UnknownKey",
                R"({"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}})",
                "1234",
                "exactly dtype, shape and data_offsets"},
        Hostile{"NegativeOffset", Entry("F32", "[1]", "[-4,0]"), "1234", "an offset of -4"},
        Hostile{"OffsetsThatWrapAround",
                Entry("F32", "[1]", "[18446744073709551612,18446744073709551616]"),
                "1234",
                "an offset of"},
        Hostile{"ExtentOf2To62", Entry("F32", "[4611686018427387904]", "[0,4]"), "1234", "extent"},
        Hostile{"ShapeIsText", Entry("F32", "\"1\"", "[0,4]"), "1234", "not an array"},
        Hostile{
            "SameRangeTwice",
            R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
            "1234",
            "'b' overlaps"},
        Hostile{"SameKeyTwiceInAnEntry",
                R"({"t":{"dtype":"F32","shape":[1],"shape":[2],"data_offsets":[0,4]}})",
                "1234",
                "names 'shape' twice"},
        Hostile{"DeepDtype",
                Entry("F32", "[1]", "[0,4]")
                    .replace(14, 5, std::string(100'000, '[') + std::string(100'000, ']')),
                "1234",
                "nested deeper than 64 levels"},
        Hostile{"DeepHeaderThatDoesNotEnd",
                "{\"t\":" + std::string(1'000'000, '['),
                "",
                "nested deeper than 64 levels"},
        Hostile{"MetadataNotText", R"({"__metadata__":{"a":1}})", "", "'a' is not a string"}),
    [](const auto& hostile) { return std::string(hostile.param.what); });

TEST(Safetensors, RefusesLengthsThatTheFileDoesNotHave) {
  const tests::TempFolder folder;
  const auto path = folder.path() / "a.safetensors";
  const auto error = [&](const std::string& bytes) {
    WriteBytes(path, bytes);
    return ErrorOf([&] { const SafetensorsFile file(path); });
  };
  EXPECT_THAT(error(""), HasSubstr("only 0 bytes"));
  EXPECT_THAT(error("1234567"), HasSubstr("only 7 bytes"));
  EXPECT_THAT(error(Length(3) + "{}"), HasSubstr("header of 3 bytes in a file of 10"));
  EXPECT_THAT(error(Length(~0ULL) + "{}"), HasSubstr("limit 16777216"));
  EXPECT_THAT(error(Length(0)), HasSubstr("does not begin with {"));
  EXPECT_THAT(ErrorOf([&] { const SafetensorsFile file(folder.path()); }),
              HasSubstr("not a regular file"));
  EXPECT_THAT(ErrorOf([&] { const SafetensorsFile file(folder.path() / "absent"); }),
              HasSubstr("not_found"));
}

TEST(LoadModule, RestoresEveryParameterAndBuffer) {
  const tests::TempFolder folder;
  const auto path = folder.path() / "a.safetensors";
  torch::manual_seed(1);
  const auto saved = MakeClassifier(TinyClassifier());
  (void)saved->forward(torch::randn({2, 1, 64, 64}));  // moves the running statistics
  SaveModule(*saved, path);
  const auto loaded = MakeClassifier(TinyClassifier());
  LoadModule(*loaded, path);
  saved->eval();
  loaded->eval();
  const torch::Tensor x = torch::randn({1, 1, 64, 64});
  EXPECT_TRUE(torch::equal(saved->forward(x), loaded->forward(x)));
}

TEST(LoadModule, NamesMissingSurplusAndMisshapenTensorsAndChangesNothing) {
  const tests::TempFolder folder;
  const auto path = folder.path() / "a.safetensors";
  const auto network = MakeClassifier(TinyClassifier());
  auto state = StateOf(*network);
  state.erase("fc.bias");
  state["conv1.weight"] = torch::zeros({4, 3, 7, 7});
  state["extra"] = torch::zeros({1});
  state["bn1.weight"] = torch::full({4}, std::nanf(""));
  WriteSafetensors(path, state);
  const torch::Tensor before = network->parameters()[4].clone();
  const std::string error = ErrorOf([&] { LoadModule(*network, path); });
  EXPECT_THAT(error, HasSubstr("'fc.bias' is missing"));
  EXPECT_THAT(error, HasSubstr("'conv1.weight' has shape [4, 3, 7, 7], expected [4, 1, 7, 7]"));
  EXPECT_THAT(error, HasSubstr("'extra' is surplus"));
  EXPECT_THAT(error, HasSubstr("'bn1.weight' holds values that are not finite"));
  EXPECT_TRUE(torch::equal(before, network->parameters()[4]));
}

TEST(LoadModule, DoesNotAskForTheCounterOfBatchNorm) {
  const tests::TempFolder folder;
  const auto path = folder.path() / "a.safetensors";
  const auto network = MakeClassifier(TinyClassifier());
  auto state = StateOf(*network);
  EXPECT_FALSE(state.contains("bn1.num_batches_tracked"));
  state["bn1.num_batches_tracked"] = torch::tensor(3, torch::kLong);
  WriteSafetensors(path, state);
  EXPECT_EQ(ErrorOf([&] { LoadModule(*network, path); }), "");
}

}  // namespace
}  // namespace necknode::models
