#pragma once

#include <memory>
#include <string>

#include "admin/server.h"

namespace boost::asio::ssl {
class context;
}

namespace necknode::admin {

/// TLS 1.2 with forward secrecy and authenticated encryption, and TLS 1.3; no renegotiation, no
/// compression. Throws Error(kConfig) naming the file that cannot be used.
[[nodiscard]] std::shared_ptr<boost::asio::ssl::context> MakeServerTls(const ServerTls& files);

/// What is wrong with these files, or empty.
[[nodiscard]] std::string ServerTlsProblem(const ServerTls& files);

}  // namespace necknode::admin
