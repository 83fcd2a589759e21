#include "scp/tls.h"

#include <openssl/ssl.h>

#include "core/error.h"

namespace necknode::scp {
namespace ssl = boost::asio::ssl;
namespace {

// TLS 1.2 only; the suites of TLS 1.3 are all good.
constexpr const char* kCipherSuites = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM";

template <typename Load>
void LoadFile(const char* what, const std::filesystem::path& file, Load load) {
  boost::system::error_code error;
  load(error);
  if (error) {
    throw Error(ErrorCode::kConfig,
                std::string("TLS ") + what + " " + file.string() + ": " + error.message());
  }
}

void Load(ssl::context& context, const TlsFiles& files) {
  // Without it OpenSSL would ask for a passphrase at the terminal.
  context.set_password_callback([](std::size_t, ssl::context::password_purpose) { return ""; });
  if (!files.certificate.empty() || !files.private_key.empty()) {
    LoadFile("certificate", files.certificate, [&](boost::system::error_code& error) {
      context.use_certificate_chain_file(files.certificate.string(), error);
    });
    LoadFile("private key", files.private_key, [&](boost::system::error_code& error) {
      context.use_private_key_file(files.private_key.string(), ssl::context::pem, error);
    });
  }
  if (!files.trusted.empty()) {
    LoadFile("trusted certificates", files.trusted, [&](boost::system::error_code& error) {
      context.load_verify_file(files.trusted.string(), error);
    });
  }
}

}  // namespace

std::shared_ptr<ssl::context> MakeAcceptorTls(const TlsFiles& files) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(native, kCipherSuites);
  SSL_CTX_set_options(native,
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                          SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_num_tickets(native, 0);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  Load(*context, files);
  context->set_verify_mode(files.trusted.empty() ? ssl::verify_none : ssl::verify_peer);
  return context;
}

std::string TlsProblem(const TlsFiles& files) {
  try {
    ssl::context context(ssl::context::tls);
    Load(context, files);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace necknode::scp
