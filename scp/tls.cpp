#include "scp/tls.h"

#include <cerrno>
#include <system_error>

#include <boost/asio/ip/address.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include "core/error.h"

namespace necknode::scp {
namespace ssl = boost::asio::ssl;
namespace {

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

void LoadTlsFiles(SSL_CTX* context, const TlsFiles& files) {
  ERR_clear_error();
  SSL_CTX_set_default_passwd_cb(context, NoPassphrase);
  if (!files.certificate.empty() || !files.private_key.empty()) {
    Require(SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) == 1,
            "certificate",
            files.certificate);
    Require(SSL_CTX_use_PrivateKey_file(context, files.private_key.c_str(), SSL_FILETYPE_PEM) == 1,
            "private key",
            files.private_key);
  }
  if (!files.trusted.empty()) {
    Require(SSL_CTX_load_verify_locations(context, files.trusted.c_str(), nullptr) == 1,
            "trusted certificates",
            files.trusted);
  }
}

std::shared_ptr<ssl::context> MakeAcceptorTls(const TlsFiles& files) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(native, kTlsCipherSuites);
  SSL_CTX_set_options(native,
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                          SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_num_tickets(native, 0);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  LoadTlsFiles(native, files);
  if (!files.trusted.empty()) {
    // Tells clients which of their certificates would do.
    SSL_CTX_set_client_CA_list(native, SSL_load_client_CA_file(files.trusted.c_str()));
    context->set_verify_mode(ssl::verify_peer);
  }
  return context;
}

bool ExpectHost(SSL_CTX* context, const std::string& host) {
  X509_VERIFY_PARAM* parameters = SSL_CTX_get0_param(context);
  boost::system::error_code no_address;
  boost::asio::ip::make_address(host, no_address);
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return no_address ? X509_VERIFY_PARAM_set1_host(parameters, host.c_str(), host.size()) == 1
                    : X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) == 1;
}

std::string TlsProblem(const TlsFiles& files) {
  try {
    ssl::context context(ssl::context::tls);
    LoadTlsFiles(context.native_handle(), files);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace necknode::scp
