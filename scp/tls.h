#pragma once

#include <memory>

#include <boost/asio/ssl/context.hpp>

#include "scp/tls_files.h"

namespace necknode::scp {

/// Of TLS 1.2: forward secrecy and authenticated encryption only; the suites of TLS 1.3 are all
/// good.
inline constexpr const char* kTlsCipherSuites = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM";

/// The acceptor's side of the BCP 195 profile (PS3.15 B.12): TLS 1.2 with forward secrecy and
/// authenticated encryption, and TLS 1.3; no renegotiation, no resumption. Asks for a client
/// certificate where `files.trusted` is given: one that it does not vouch for ends the handshake,
/// none is let through, for the called AE to decide. Throws Error(kConfig) naming the file.
[[nodiscard]] std::shared_ptr<boost::asio::ssl::context> MakeAcceptorTls(const TlsFiles& files);

/// Gives `context` our certificate, its key and the authorities. Throws Error(kConfig) naming the
/// file.
void LoadTlsFiles(SSL_CTX* context, const TlsFiles& files);

}  // namespace necknode::scp
