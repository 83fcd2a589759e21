#pragma once

#include <string>

#include "scp/tls_files.h"
#include "tests/support/temp_folder.h"

namespace necknode::scp::tests {

/// Two authorities, "ca" and "foreign", made by openssl, and what they signed: "node" and "client"
/// on 127.0.0.1, "elsewhere" of another name, "nameless" without a subject, and "stranger" that
/// only the foreign authority knows. Gone at the end of the scope.
class Certificates {
 public:
  Certificates();
  /// `kind`: "pem" or "key".
  [[nodiscard]] std::string File(const std::string& name, const std::string& kind) const;
  [[nodiscard]] TlsFiles FilesOf(const std::string& name,
                                 const std::string& authority = "ca") const;

 private:
  void MakeKey(const std::string& name) const;
  void Sign(const std::string& name,
            const std::string& authority,
            const std::string& alternative_name,
            const std::string& subject = "/CN=somebody") const;

  necknode::tests::TempFolder folder_;
};

}  // namespace necknode::scp::tests
