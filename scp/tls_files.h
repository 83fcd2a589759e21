#pragma once

#include <filesystem>
#include <string>

namespace necknode::scp {

/// What DICOM over TLS needs of this node; all PEM.
struct TlsFiles {
  std::filesystem::path certificate;  ///< ours, then the chain up to the authority
  std::filesystem::path private_key;  ///< of `certificate`, without a passphrase
  std::filesystem::path trusted;      ///< authorities that vouch for the peers' certificates
};

/// What is wrong with these files, or empty: missing, not PEM, a key that is not the certificate's.
/// `trusted` may be absent, so may certificate and key together.
[[nodiscard]] std::string TlsProblem(const TlsFiles& files);

}  // namespace necknode::scp
