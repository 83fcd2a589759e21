#include "tests/scp/xml_reader.h"

#include <fstream>

#include "tests/scp/fixture.h"

namespace necknode::scp::tests {
namespace {

std::string Evaluate(const std::string& function,
                     const std::string& xpath,
                     const std::string& file) {
  std::string output;
  RunCommand("xmllint --xpath '" + function + "(" + xpath + ")' " + file, &output);
  if (!output.empty() && output.back() == '\n') {
    output.pop_back();
  }
  return output;
}

}  // namespace

XmlReader::XmlReader(const std::string& xml) : file_(folder_.path() / "message.xml") {
  std::ofstream(file_, std::ios::binary) << xml;
}

std::string XmlReader::Problem() const {
  std::string output;
  const int code = RunCommand(
      "xmllint --noout --relaxng " NECKNODE_SOURCE_DIR "/tests/scp/audit_message.rng " + file_,
      &output);
  return code == 0 ? "" : output;
}

std::string XmlReader::Value(const std::string& xpath) const {
  return Evaluate("string", xpath, file_);
}

int XmlReader::Count(const std::string& xpath) const {
  return std::stoi("0" + Evaluate("count", xpath, file_));
}

}  // namespace necknode::scp::tests
