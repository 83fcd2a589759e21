#include "tests/scp/certificates.h"

#include <gtest/gtest.h>

#include "tests/scp/fixture.h"

namespace necknode::scp::tests {
namespace {

void Run(const std::string& command) {
  std::string output;
  ASSERT_EQ(RunCommand(command + " 2>&1", &output), 0) << command << '\n' << output;
}

}  // namespace

Certificates::Certificates() {
  for (const char* authority : {"ca", "foreign"}) {
    MakeKey(authority);
    Run(std::string("openssl req -x509 -days 2 -subj /CN=") + authority + " -key " +
        File(authority, "key") + " -out " + File(authority, "pem"));
  }
  Sign("node", "ca", "IP:127.0.0.1");
  Sign("client", "ca", "IP:127.0.0.1");
  Sign("elsewhere", "ca", "DNS:pacs.example");
  Sign("nameless", "ca", "IP:127.0.0.1", "/");
  Sign("stranger", "foreign", "IP:127.0.0.1");
}

std::string Certificates::File(const std::string& name, const std::string& kind) const {
  return folder_.path() / (name + "." + kind);
}

TlsFiles Certificates::FilesOf(const std::string& name, const std::string& authority) const {
  return {File(name, "pem"), File(name, "key"), File(authority, "pem")};
}

void Certificates::MakeKey(const std::string& name) const {
  Run("openssl ecparam -name prime256v1 -genkey -noout -out " + File(name, "key"));
}

void Certificates::Sign(const std::string& name,
                        const std::string& authority,
                        const std::string& alternative_name,
                        const std::string& subject) const {
  MakeKey(name);
  Run("openssl req -new -subj " + subject + " -addext subjectAltName=" + alternative_name +
      " -key " + File(name, "key") + " -out " + File(name, "csr"));
  Run("openssl x509 -req -days 2 -copy_extensions copy -CAcreateserial -in " + File(name, "csr") +
      " -CA " + File(authority, "pem") + " -CAkey " + File(authority, "key") + " -out " +
      File(name, "pem"));
}

}  // namespace necknode::scp::tests
