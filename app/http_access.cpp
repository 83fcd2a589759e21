#include "app/http_access.h"

#include "admin/tls_context.h"
#include "core/error.h"

namespace necknode::app {

HttpTlsFiles HttpTlsFilesOf(const config::Config& config) {
  const config::Http& http = config.http;
  if (!http.certificate.empty()) {
    return {http.certificate, http.private_key};
  }
  return {config.tls_certificate, config.tls_private_key};
}

std::string HttpProblem(const config::Config& config, storage::Store* store) {
  if (config.http.port == 0) {
    return "";
  }
  if (config.http.tls) {
    const HttpTlsFiles files = HttpTlsFilesOf(config);
    if (const std::string problem = admin::ServerTlsProblem({files.certificate, files.private_key});
        !problem.empty()) {
      return problem;
    }
  }
  if (!config.HttpBeyondLoopback()) {
    return "";
  }
  if (!config.http.tls) {
    return "bound beyond loopback (" + config.http.bind + ") the page needs tls = true";
  }
  if (store == nullptr || !store->users().HasAdministrator()) {
    return "bound beyond loopback (" + config.http.bind +
           ") a user with the role administrator is needed: necknode users add NAME --role "
           "administrator";
  }
  return "";
}

void RequireHttpAccess(const config::Config& config, storage::Store* store) {
  if (const std::string problem = HttpProblem(config, store); !problem.empty()) {
    throw Error(ErrorCode::kConfig, problem);
  }
}

}  // namespace necknode::app
