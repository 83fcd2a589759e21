#include "admin/tls_context.h"

#include <cerrno>
#include <system_error>

#include <boost/asio/ssl/context.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include "core/error.h"

namespace necknode::admin {
namespace ssl = boost::asio::ssl;
namespace {

constexpr const char* kCipherSuites = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM";

void Require(bool loaded, const char* what, const std::filesystem::path& file) {
  if (loaded) {
    return;
  }
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  ERR_clear_error();
  const int unreadable = access(file.c_str(), R_OK) == 0 ? 0 : errno;
  throw Error(ErrorCode::kConfig,
              std::string("TLS ") + what + " " + std::filesystem::absolute(file).string() + ": " +
                  (unreadable != 0     ? std::generic_category().message(unreadable)
                   : reason == nullptr ? "cannot be used"
                                       : reason));
}

// Without it OpenSSL would ask for a passphrase at the terminal.
int NoPassphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) { return 0; }

}  // namespace

std::shared_ptr<ssl::context> MakeServerTls(const ServerTls& files) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX* native = context->native_handle();
  ERR_clear_error();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(native, kCipherSuites);
  SSL_CTX_set_options(
      native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_default_passwd_cb(native, NoPassphrase);
  Require(SSL_CTX_use_certificate_chain_file(native, files.certificate.c_str()) == 1,
          "certificate",
          files.certificate);
  Require(SSL_CTX_use_PrivateKey_file(native, files.private_key.c_str(), SSL_FILETYPE_PEM) == 1,
          "private key",
          files.private_key);
  return context;
}

std::string ServerTlsProblem(const ServerTls& files) {
  try {
    (void)MakeServerTls(files);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace necknode::admin
