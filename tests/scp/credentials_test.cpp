#include "scp/credentials.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/temp_folder.h"

namespace necknode::scp::tests {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class Credentials : public testing::Test {
 protected:
  fs::path Write(const std::string& content) {
    const fs::path file = folder_.path() / "secret";
    std::ofstream(file, std::ios::binary) << content;
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
    return file;
  }
  necknode::tests::TempFolder folder_;
};

TEST_F(Credentials, AreTheFileWithoutItsLineEnd) {
  EXPECT_EQ(ReadSecret(Write("open sesame \r\n")), "open sesame ");
  EXPECT_EQ(ReadSecret(Write("s\xC3\xA9same")), "s\xC3\xA9same");
}

TEST_F(Credentials, AreRefusedWhereTheyCouldNotGoIntoAHeader) {
  WebService service;
  service.token_file = folder_.path() / "secret";
  EXPECT_THAT(CredentialProblem(service), HasSubstr("cannot be read"));
  for (const auto& [content, reason] : {std::pair<std::string, const char*>{"", "is empty"},
                                        {"\n", "is empty"},
                                        {"sesame\r\nHost: elsewhere", "more than one line"},
                                        {std::string("ses\0ame", 7), "control characters"},
                                        {std::string(20'000, 'x'), "longer than 16384 bytes"}}) {
    Write(content);
    EXPECT_THAT(CredentialProblem(service), HasSubstr(reason));
    EXPECT_THAT(CredentialProblem(service), Not(HasSubstr("sesame")));
  }
  service.token_file = folder_.path();
  EXPECT_THAT(CredentialProblem(service), HasSubstr("cannot be read"));
  EXPECT_EQ(CredentialProblem({}), "");
}

TEST_F(Credentials, AreOpenToAllWhereOthersMayReadOrWrite) {
  EXPECT_FALSE(IsOpenToAll(folder_.path() / "absent"));
  const fs::path file = Write("sesame");
  EXPECT_FALSE(IsOpenToAll(file));
  fs::permissions(file, fs::perms::group_read, fs::perm_options::add);
  EXPECT_FALSE(IsOpenToAll(file));
  fs::permissions(file, fs::perms::others_write, fs::perm_options::add);
  EXPECT_TRUE(IsOpenToAll(file));
}

}  // namespace
}  // namespace necknode::scp::tests
