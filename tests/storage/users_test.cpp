#include "storage/users.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/storage/storage_fixture.h"

namespace necknode::storage {
namespace {

class UsersTest : public testing::Test {
 protected:
  UsersTest() : store_(Open()) {}
  std::unique_ptr<Store> Open() {
    StoreOptions options;
    options.folder = folder_.path() / "data";
    options.reserve_bytes = 0;
    return Store::Open(options, clock_);
  }
  Users& users() { return store_->users(); }
  static User Named(const std::string& name, const std::string& role = "viewer") {
    User user;
    user.name = name;
    user.role = role;
    user.password_hash = "hash of " + name;
    return user;
  }
  static AuditEvent Act(const std::string& outcome) { return {"user", "someone", outcome, ""}; }
  void Begin(const std::string& user, const std::string& digest) {
    const WallTime now = clock_.Now();
    users().BeginSession({digest, user, now, now}, now - 12h, now - 30min, Act("in"));
  }
  std::string LastOutcome() { return store_->AuditTrail(1).at(0).event.outcome; }
  static ErrorCode CodeOf(const std::function<void()>& work) {
    try {
      work();
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::kInternal;
  }

  FakeClock clock_;
  tests::TempFolder folder_;
  std::unique_ptr<Store> store_;
};

TEST_F(UsersTest, OutliveTheProcessThatAddedThem) {
  EXPECT_FALSE(users().Any());
  users().Add(Named("vera"), Act("added"));
  users().Add(Named("anna", "administrator"), Act("added anna"));
  EXPECT_EQ(LastOutcome(), "added anna");
  store_.reset();
  store_ = Open();
  EXPECT_TRUE(users().Any());
  EXPECT_TRUE(users().HasAdministrator());
  ASSERT_EQ(users().List().size(), 2U);
  EXPECT_EQ(users().List().at(0).name, "anna");
  const auto vera = users().Find("vera");
  ASSERT_TRUE(vera);
  EXPECT_EQ(vera->password_hash, "hash of vera");
  EXPECT_EQ(vera->created, clock_.Now());
  EXPECT_FALSE(vera->last_login);
  EXPECT_EQ(users().Find("Vera")->name, "vera");
}

TEST_F(UsersTest, LeaveNoTraceOfWhatWasRefused) {
  users().Add(Named("anna", "administrator"), Act("added"));
  EXPECT_EQ(CodeOf([&] { users().Add(Named("anna"), Act("twice")); }), ErrorCode::kConflict);
  EXPECT_EQ(CodeOf([&] { users().Remove("anna", Act("gone")); }), ErrorCode::kConflict);
  EXPECT_EQ(CodeOf([&] {
              users().Change("anna", {.role = "viewer", .password_hash = "h"}, {Act("less")});
            }),
            ErrorCode::kConflict);
  EXPECT_EQ(CodeOf([&] { users().Remove("otto", Act("gone")); }), ErrorCode::kNotFound);
  EXPECT_EQ(CodeOf([&] { users().Change("otto", {.password_hash = "h"}, {Act("set")}); }),
            ErrorCode::kNotFound);
  EXPECT_EQ(LastOutcome(), "added");
  EXPECT_EQ(users().Find("anna")->role, "administrator");
  EXPECT_EQ(users().Find("anna")->password_hash, "hash of anna") << "all of a change or nothing";
}

TEST_F(UsersTest, EndSessionsWithTheirUserAndOthersWithAPassword) {
  users().Add(Named("anna", "administrator"), Act("added"));
  users().Add(Named("vera"), Act("added"));
  Begin("vera", "1");
  Begin("vera", "2");
  Begin("anna", "3");
  EXPECT_EQ(users().Find("vera")->last_login, clock_.Now());
  users().Change("vera", {.role = "operator"}, {Act("role")});
  EXPECT_TRUE(users().FindSession("1")) << "a role ends no session";
  users().Change("vera", {.password_hash = "new", .keep_session = "2"}, {Act("password")});
  EXPECT_EQ(users().Find("vera")->role, "operator");
  EXPECT_FALSE(users().FindSession("1"));
  EXPECT_EQ(users().FindSession("2")->user, "vera");
  users().Remove("vera", Act("gone"));
  EXPECT_FALSE(users().FindSession("2"));
  EXPECT_TRUE(users().FindSession("3"));
}

TEST_F(UsersTest, ForgetOldSessionsAtTheNextLogin) {
  users().Add(Named("anna", "administrator"), Act("added"));
  Begin("anna", "unused");
  Begin("anna", "used");
  clock_.Advance(20min);
  users().UseSession("used");
  clock_.Advance(20min);
  Begin("anna", "new");
  EXPECT_FALSE(users().FindSession("unused"));
  EXPECT_EQ(users().FindSession("used")->last_used, clock_.Now() - 20min);
  for (int i = 0; i < 20; ++i) {
    Begin("anna", std::to_string(i));
  }
  EXPECT_FALSE(users().FindSession("3"));
  EXPECT_TRUE(users().FindSession("4"));
  EXPECT_TRUE(users().FindSession("19"));
}

TEST_F(UsersTest, KeepTokensByName) {
  ApiToken token;
  token.name = "ci";
  token.role = "operator";
  token.digest = "d";
  token.created_by = "anna";
  token.expires = clock_.Now() + 24h;
  users().AddToken(token, Act("token"));
  EXPECT_EQ(CodeOf([&] { users().AddToken(token, Act("twice")); }), ErrorCode::kConflict);
  clock_.Advance(1min);
  users().UseToken("d");
  const auto found = users().FindToken("d");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->expires, clock_.Now() + 24h - 1min);
  EXPECT_EQ(found->last_used, clock_.Now());
  token.name = "forever";
  token.digest = "e";
  token.expires.reset();
  users().AddToken(token, Act("token"));
  EXPECT_FALSE(users().FindToken("e")->expires);
  EXPECT_EQ(users().Tokens().size(), 2U);
  users().RemoveToken("ci", Act("gone"));
  EXPECT_FALSE(users().FindToken("d"));
  EXPECT_EQ(CodeOf([&] { users().RemoveToken("ci", Act("gone")); }), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace necknode::storage
