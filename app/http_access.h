#pragma once

#include <string>

#include "config/config.h"
#include "storage/store.h"

namespace necknode::app {

/// Why the page and the API must not be started, or empty: TLS files that cannot be used, and
/// beyond loopback no user with the role administrator. `store`: null where the node has no data
/// yet.
[[nodiscard]] std::string HttpProblem(const config::Config& config, storage::Store* store);

/// Throws that as Error(kConfig).
void RequireHttpAccess(const config::Config& config, storage::Store* store);

/// The certificate and key that [http] serves with.
struct HttpTlsFiles {
  std::filesystem::path certificate, private_key;
};
[[nodiscard]] HttpTlsFiles HttpTlsFilesOf(const config::Config& config);

}  // namespace necknode::app
