#pragma once

#include <filesystem>
#include <string>

#include "scp/tls_files.h"

namespace necknode::scp {

/// A DICOMweb origin server (PS3.18) that takes our results, and how we show who we are. The
/// secrets stay in their files, which are read anew for each use.
struct WebService {
  std::string url;   ///< its base, http or https, without credentials, query or fragment
  std::string user;  ///< Basic authentication; empty: none
  std::filesystem::path password_file;  ///< of `user`
  std::filesystem::path token_file;     ///< Bearer authentication; empty: none
  TlsFiles tls;  ///< of https; without `trusted` the system's authorities vouch for the server
};

}  // namespace necknode::scp
