// What docs/conformance.md says in its tables is what is negotiated.
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcuid.h>
#include <gtest/gtest.h>

#include "scp/negotiation.h"
#include "scp/sop_classes.h"

namespace necknode::scp {
namespace {

// The text of a section, from its heading to the next one.
std::string Section(const std::string& heading) {
  std::ifstream file(std::string(NECKNODE_SOURCE_DIR) + "/docs/conformance.md");
  std::string text, line;
  while (std::getline(file, line)) {
    text += line + "\n";
  }
  const auto begin = text.find("\n#" + heading + "\n");
  if (begin == std::string::npos) {
    ADD_FAILURE() << "no section " << heading;
    return "";
  }
  return text.substr(begin, text.find("\n#", begin + 2) - begin);
}

// Every UID of a line. ".70" continues the JPEG family's root.
std::set<std::string> UidsOf(const std::string& line) {
  const std::regex uid(R"((1\.2\.840\.10008(?:\.\d+)+)|(?:^|[ (])(\.\d+))");
  std::set<std::string> uids;
  for (std::sregex_iterator found(line.begin(), line.end(), uid), end; found != end; ++found) {
    uids.insert((*found)[1].matched ? (*found)[1].str()
                                    : "1.2.840.10008.1.2.4" + (*found)[2].str());
  }
  return uids;
}

std::string LineWith(const std::string& section, const std::string& start) {
  const auto begin = section.find("\n" + start);
  EXPECT_NE(begin, std::string::npos) << start;
  return section.substr(begin + 1, section.find('\n', begin + 1) - begin - 1);
}

TEST(ConformanceStatement, NamesTheTransferSyntaxesThatAreAccepted) {
  const std::string section = Section("## 3.4 Transfer syntaxes");
  const std::map<SyntaxClass, std::string> rows = {{SyntaxClass::kExplicitLittleEndian, "| 1 |"},
                                                   {SyntaxClass::kImplicitLittleEndian, "| 2 |"},
                                                   {SyntaxClass::kLossless, "| 3, lossless |"},
                                                   {SyntaxClass::kLossy, "| 4, may be lossy |"}};
  std::set<std::string> candidates = {"1.2.840.10008.1.2",
                                      "1.2.840.10008.1.2.1",
                                      "1.2.840.10008.1.2.1.98",
                                      "1.2.840.10008.1.2.1.99",
                                      "1.2.840.10008.1.2.2",
                                      "1.2.840.10008.1.2.5"};
  for (int i = 50; i < 260; ++i) {
    candidates.insert("1.2.840.10008.1.2.4." + std::to_string(i));
  }
  for (const auto& [syntax_class, start] : rows) {
    std::set<std::string> accepted;
    for (const std::string& uid : candidates) {
      if (ClassOf(Uid(uid)) == syntax_class) {
        accepted.insert(uid);
      }
    }
    EXPECT_EQ(UidsOf(LineWith(section, start)), accepted) << start;
  }
}

TEST(ConformanceStatement, NamesAndCountsTheSopClassesThatAreAccepted) {
  const std::string section = Section("## 3.3 SOP classes");
  const auto is_accepted = [](const std::string& sop_class) {
    AssociateRequest request;
    request.contexts = {{1, Uid(sop_class), {Uid("1.2.840.10008.1.2.1")}}};
    return Negotiate(request, {}).contexts.at(0).result == ContextResult::kAccepted;
  };
  for (const std::string& uid : UidsOf(section)) {
    EXPECT_TRUE(is_accepted(uid)) << uid;
  }
  int storage = 0;
  for (int i = 0; i < numberOfDcmAllStorageSOPClassUIDs; ++i) {
    storage += is_accepted(dcmAllStorageSOPClassUIDs[i]) ? 1 : 0;
  }
  EXPECT_NE(section.find("| " + std::to_string(storage) + " in all |"), std::string::npos)
      << storage;
  EXPECT_FALSE(is_accepted("1.2.840.10008.1.20.1"));
  EXPECT_FALSE(is_accepted("1.2.840.10008.5.1.4.1.2.2.1"));
}

TEST(ConformanceStatement, NamesTheLimitsThatHold) {
  const ReceiverOptions options;
  const std::string section = Section("## 3.1 Association policy");
  const auto says = [&](const std::string& text) {
    return section.find(text) != std::string::npos;
  };
  EXPECT_TRUE(says("| associations at once | " + std::to_string(options.max_associations) + " |"));
  EXPECT_TRUE(says("| associations at once from one host | " +
                   std::to_string(options.max_associations_per_host) + " |"));
  EXPECT_EQ(options.max_pdu, 262'144U);
  EXPECT_TRUE(says("262,144 bytes"));
  EXPECT_EQ(options.max_unassociated, 1024);
  EXPECT_TRUE(says("1,024"));
  EXPECT_EQ(options.artim, std::chrono::seconds(30));
  EXPECT_TRUE(says("| ARTIM | 30 s"));
  EXPECT_EQ(options.idle, std::chrono::seconds(120));
  EXPECT_TRUE(says("| idle limit | 120 s"));
  EXPECT_EQ(options.max_object_bytes, 4ULL << 30U);
  EXPECT_TRUE(says("| largest object | 4 GiB |"));
}

}  // namespace
}  // namespace necknode::scp
