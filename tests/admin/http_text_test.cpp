#include "admin/http_text.h"

#include <gtest/gtest.h>

namespace necknode::admin {
namespace {

TEST(ParseTarget, DecodesPathAndQuery) {
  const auto target = ParseTarget("/a%20b/c?x=1%2F2&y=a+b&x=3&z");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/a b/c");
  const std::map<std::string, std::string> query = {{"x", "3"}, {"y", "a b"}, {"z", ""}};
  EXPECT_EQ(target->query, query);
}

TEST(ParseTarget, RefusesWhatNoPageAsks) {
  for (const char* bad : {"",
                          "a",
                          "*",
                          "//host/a",
                          "http://a/",
                          "/a#b",
                          "/%",
                          "/%2",
                          "/%zz",
                          "/a/%2E%2e/b",
                          "/./a",
                          "/..",
                          "/a%2fb",
                          "/a%00",
                          "/a%0a",
                          "/?a=%"}) {
    EXPECT_FALSE(ParseTarget(bad)) << bad;
  }
  EXPECT_TRUE(ParseTarget("/a..b/...?x=../.."));
  EXPECT_TRUE(ParseTarget("/%41"));
}

TEST(CookieOf, FindsTheNameAndNotItsLikes) {
  EXPECT_EQ(CookieOf("xnecknode=1; necknode=2; necknode2=3", "necknode"), "2");
  EXPECT_EQ(CookieOf("a=b", "necknode"), "");
  EXPECT_EQ(CookieOf("necknode", "necknode"), "");
  EXPECT_EQ(CookieOf("", "necknode"), "");
}

TEST(HostName, LeavesThePortOut) {
  EXPECT_EQ(HostName("LocalHost:8080"), "localhost");
  EXPECT_EQ(HostName("[::1]:8080"), "::1");
  EXPECT_EQ(HostName("127.0.0.1"), "127.0.0.1");
  EXPECT_EQ(HostName("localhost@evil.example"), "");
  EXPECT_EQ(HostName("[::1"), "");
}

TEST(IsLoopbackName, KnowsAddressesFromNamesThatLookLikeThem) {
  for (const char* good : {"localhost", "127.0.0.1", "127.1.2.3", "::1"}) {
    EXPECT_TRUE(IsLoopbackName(good)) << good;
  }
  for (const char* bad : {"", "127.0.0.1.evil.example", "127.evil", "localhost.evil", "10.0.0.1"}) {
    EXPECT_FALSE(IsLoopbackName(bad)) << bad;
  }
}

}  // namespace
}  // namespace necknode::admin
