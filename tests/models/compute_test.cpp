#include "models/compute.h"

#include <dlfcn.h>

#include "models/inference.h"
#include "tests/models/expect_tensor.h"

namespace necknode::models {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

TEST(SelectDevice, TakesTheCpuByName) {
  EXPECT_TRUE(SelectDevice("cpu").is_cpu());
  EXPECT_THAT(DeviceText(SelectDevice("cpu")), HasSubstr(" threads)"));
}

TEST(SelectDevice, AutoNeverFails) {
  EXPECT_EQ(ErrorOf([] { (void)SelectDevice("auto"); }), "");
}

TEST(SelectDevice, NamesADeviceThatIsNotThere) {
  EXPECT_THAT(ErrorOf([] { (void)SelectDevice("cuda:99"); }),
              HasSubstr("unsupported: device is 'cuda:99', but"));
}

TEST(SelectDevice, RefusesOtherText) {
  for (const char* text : {"", "gpu", "cuda", "cuda:", "cuda:x", "cuda:-1", "cuda:1x", "CPU"}) {
    EXPECT_THAT(ErrorOf([text] { (void)SelectDevice(text); }),
                HasSubstr("expected auto, cpu or cuda:N"))
        << text;
  }
}

TEST(UseAllCpus, GivesLibTorchAtLeastOneThread) {
  const int before = at::get_num_threads();
  const int threads = UseAllCpus();
  EXPECT_GE(threads, 1);
  EXPECT_EQ(threads, at::get_num_threads());
  at::set_num_threads(before);
}

TEST(CheckBlas, KnowsTheLibrary) {
  EXPECT_THAT(CheckBlas(), AnyOf("openblas", "mkl", "blis", "atlas", "reference", "built in"));
}

TEST(StandardLibrary, IsTheSystemsAlsoWhereLibTorchExportsOne) {
  void* symbol =
      dlsym(RTLD_DEFAULT, "_ZNSt10filesystem10remove_allERKNS_7__cxx114pathERSt10error_code");
  ASSERT_NE(symbol, nullptr);
  Dl_info info{};
  ASSERT_NE(dladdr(symbol, &info), 0);
  EXPECT_THAT(info.dli_fname, HasSubstr("libstdc++"));
}

}  // namespace
}  // namespace necknode::models
