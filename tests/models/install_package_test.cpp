#include "models/install_package.h"

#include <fstream>

#include "tests/models/expect_tensor.h"
#include "tests/models/tiny_package.h"
#include "tests/support/temp_folder.h"

namespace necknode::models {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

class InstallPackageTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    shared_ = new tests::TempFolder;
    WriteTinyPackage(shared_->path());
  }
  static void TearDownTestSuite() { delete shared_; }
  void SetUp() override {
    fs::copy(shared_->path() / "tiny" / "1", Source(), fs::copy_options::recursive);
  }

  [[nodiscard]] fs::path Source() const { return folder_.path() / "offered"; }
  [[nodiscard]] fs::path Root() const { return folder_.path() / "packages"; }
  [[nodiscard]] std::string InstallError(bool clinical = false) const {
    return ErrorOf([&] { (void)InstallPackage(Source(), Root(), clinical); });
  }
  void Rewrite(const std::string& warning, bool clinical) const {
    Package package = LoadPackage(Source());
    package.warning = warning;
    package.clinical = clinical;
    (void)WritePackage(package);
  }
  /// Entries anywhere under the folder of packages.
  [[nodiscard]] std::int64_t Installed() const {
    if (!fs::exists(Root()))
      return 0;
    const fs::recursive_directory_iterator entries(Root());
    return std::count_if(
        begin(entries), end(entries), [](const auto& entry) { return entry.is_regular_file(); });
  }

  static tests::TempFolder* shared_;
  tests::TempFolder folder_;
};
tests::TempFolder* InstallPackageTest::shared_ = nullptr;

TEST_F(InstallPackageTest, PutsThePackageWhereTheNodeFindsIt) {
  std::ofstream(Source() / "notes.txt") << "not part of it";
  const Package installed = InstallPackage(Source(), Root(), false);
  EXPECT_EQ(installed.folder, Root() / "tiny" / "1");
  EXPECT_EQ(installed.digest, LoadPackage(Source()).digest);
  const auto states = ListPackages(Root());
  ASSERT_EQ(states.size(), 1U);
  EXPECT_TRUE(states[0].package.has_value());
  EXPECT_EQ(Installed(), 3);
}

TEST_F(InstallPackageTest, RefusesAVersionThatIsThere) {
  (void)InstallPackage(Source(), Root(), false);
  EXPECT_THAT(InstallError(), HasSubstr("conflict: "));
  EXPECT_THAT(InstallError(), HasSubstr("is there already"));
  EXPECT_EQ(Installed(), 3);
}

TEST_F(InstallPackageTest, OnlyItMakesAPackageClinical) {
  Rewrite(kNonClinicalWarning, false);
  const Package installed = InstallPackage(Source(), Root(), true);
  EXPECT_TRUE(installed.clinical);
  EXPECT_EQ(installed.warning, "");
  EXPECT_FALSE(LoadPackage(Source()).clinical);
  EXPECT_NE(installed.digest, LoadPackage(Source()).digest);
}

TEST_F(InstallPackageTest, NeverMakesThePhantomsPackageClinical) {
  EXPECT_THAT(InstallError(/*clinical=*/true), HasSubstr("cannot become clinical"));
  EXPECT_EQ(Installed(), 0);
}

TEST_F(InstallPackageTest, NeverMakesAPackageClinicalThatPhantomsTrained) {
  for (const char* data : {R"({"kind": "phantom"})", R"({"kind": "folder", "phantoms": 3})"}) {
    Package package = LoadPackage(Source());
    package.warning = kNonClinicalWarning;
    package.training_json = std::string(R"({"classifier": {"data": )") + data + "}}";
    (void)WritePackage(package);
    EXPECT_THAT(InstallError(true), HasSubstr("phantom")) << data;
  }
}

TEST_F(InstallPackageTest, RefusesAManifestThatCallsItselfClinical) {
  Rewrite("", true);
  EXPECT_THAT(InstallError(), HasSubstr("its manifest says clinical = true"));
  EXPECT_EQ(InstallError(/*clinical=*/true), "");
}

TEST_F(InstallPackageTest, LeavesNothingOfAPackageThatIsNotUsable) {
  // Weights of another architecture, whose digest is right.
  Package package = LoadPackage(Source());
  package.detector.fpn_channels = 24;
  (void)WritePackage(package);
  EXPECT_THAT(InstallError(), HasSubstr("weights do not fit the architecture"));
  EXPECT_EQ(Installed(), 0);
  std::ofstream(Source() / kDetectorFile, std::ios::app) << "x";
  EXPECT_THAT(InstallError(), HasSubstr("detector.safetensors has SHA-256"));
  EXPECT_EQ(Installed(), 0);
}

TEST_F(InstallPackageTest, SaysWhereItCannotWrite) {
  std::ofstream(Root()) << "a file";
  EXPECT_THAT(InstallError(), HasSubstr("storage_failed: "));
}

}  // namespace
}  // namespace necknode::models
