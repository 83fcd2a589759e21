#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/config.h"

namespace necknode::app {

/// A file with a key, a password or a token.
struct SecretFile {
  std::string key_path;  ///< that names it in the configuration, e.g. "tls.private_key"
  std::filesystem::path file;
};

/// The secrets of a configuration that every user of this machine may read or write.
[[nodiscard]] std::vector<SecretFile> ExposedSecrets(const config::Config& config);

}  // namespace necknode::app
