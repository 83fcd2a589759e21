#include "storage/bundle.h"

#include "tests/storage/storage_fixture.h"

namespace necknode::storage {
namespace {

class BundleTest : public StoreTest {
 protected:
  std::string Keep(const std::vector<std::byte>& bytes) {
    auto file = store_->objects().Create(ObjectKind::kResult);
    file->Write(bytes);
    file->Sync();
    return file->key();
  }
  Bundle Open(const std::vector<std::byte>& bytes) {
    return {store_->objects(), ObjectKind::kResult, Keep(bytes)};
  }
};

TEST_F(BundleTest, GivesBackIndexAndParts) {
  const std::vector parts = {SomeBytes(1, 100), SomeBytes(2, 0), SomeBytes(3, 70'000)};
  const Bundle bundle = Open(PackBundle("what they are", parts));
  ASSERT_EQ(bundle.size(), 3U);
  EXPECT_EQ(bundle.Index(), "what they are");
  for (std::size_t i = 0; i < parts.size(); ++i)
    EXPECT_EQ(bundle.Part(i), parts[i]) << i;
  EXPECT_EQ(CodeOf([&] { (void)bundle.Part(3); }), ErrorCode::kNotFound);
}

TEST_F(BundleTest, MayBeEmpty) {
  const Bundle bundle = Open(PackBundle("", {}));
  EXPECT_EQ(bundle.size(), 0U);
  EXPECT_EQ(bundle.Index(), "");
  EXPECT_EQ(CodeOf([&] { (void)bundle.Part(0); }), ErrorCode::kNotFound);
}

TEST_F(BundleTest, RefusesWhatIsNone) {
  EXPECT_EQ(CodeOf([&] { Open(SomeBytes(1)); }), ErrorCode::kInternal);
  EXPECT_EQ(CodeOf([&] { Open({}); }), ErrorCode::kInternal);
  EXPECT_EQ(CodeOf([&] { Bundle(store_->objects(), ObjectKind::kResult, std::string(32, 'a')); }),
            ErrorCode::kNotFound);
}

// Whatever byte is wrong, it ends in an error or in other bytes, never outside the object.
TEST_F(BundleTest, SurvivesDamage) {
  const auto whole = PackBundle("index", std::vector{SomeBytes(1, 10), SomeBytes(2, 20)});
  for (std::size_t i = 0; i < whole.size(); ++i) {
    auto damaged = whole;
    damaged[i] ^= std::byte{0xFF};
    try {
      const Bundle bundle = Open(damaged);
      (void)bundle.Index();
      (void)bundle.Part(0);
      (void)bundle.Part(1);
    } catch (const Error& error) {
      EXPECT_TRUE(error.code() == ErrorCode::kInternal || error.code() == ErrorCode::kNotFound)
          << error.what();
    }
    auto cut = whole;
    cut.resize(i);
    EXPECT_EQ(CodeOf([&] {
                const Bundle bundle = Open(cut);
                (void)bundle.Index();
                (void)bundle.Part(1);
              }),
              ErrorCode::kInternal);
  }
}

}  // namespace
}  // namespace necknode::storage
