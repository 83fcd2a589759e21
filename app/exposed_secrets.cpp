#include "app/exposed_secrets.h"

#include "scp/credentials.h"

namespace necknode::app {

std::vector<SecretFile> ExposedSecrets(const config::Config& config) {
  std::vector<SecretFile> files = {
      {"tls.private_key", config.tls_private_key},
      {"http.private_key", config.http.private_key},
      {"notices.webhook.secret_file", config.notices.webhook_secret_file},
      {"notices.email.password_file", config.notices.smtp_password_file}};
  for (std::size_t i = 0; i < config.peers.size(); ++i) {
    const std::string peer = "peer[" + std::to_string(i) + "].";
    files.push_back({peer + "password_file", config.peers[i].password_file});
    files.push_back({peer + "token_file", config.peers[i].token_file});
  }
  std::erase_if(files, [](const SecretFile& secret) {
    return secret.file.empty() || !scp::IsOpenToAll(secret.file);
  });
  return files;
}

}  // namespace necknode::app
