#include "admin/access.h"
#include "admin/page.h"
#include "admin/router.h"
#include "admin/server.h"
#include "admin/slices_api.h"
#include "app/node_resources.h"
#include "app/roles.h"
#include "app/run_until_stopped.h"
#include "core/log.h"

namespace necknode::app {
namespace {

constexpr std::chrono::seconds kStopGrace{5};

admin::ServerOptions ServerOptionsOf(const config::Config& config) {
  const config::Http& http = config.http;
  admin::ServerOptions options;
  options.bind_address = http.bind;
  options.port = http.port;
  if (http.tls) {
    const bool own = !http.certificate.empty();
    options.tls = admin::ServerTls{own ? http.certificate : config.tls_certificate,
                                   own ? http.private_key : config.tls_private_key};
  }
  return options;
}

}  // namespace

void RunAdmin(const config::Config& config, storage::Store& store, StopSignal& stop) {
  admin::Router router;
  AddNodeResources(router, [&config] { return config; }, store);
  admin::AddSlicesApi(router, {store});
  admin::AddPage(router);
  const admin::Access access({!config.HttpBeyondLoopback()}, router);
  const auto server = admin::Server::Make(
      ServerOptionsOf(config),
      [&](const admin::Request& request) { return access.Handle(request); },
      [&] { return store.catalog().Marks(); });
  Log(LogLevel::kInfo,
      "listening",
      {{"address", config.http.bind}, {"port", server->port()}, {"tls", config.http.tls}});
  RoleReporter reporter(store, "admin");
  RunUntilStopped(
      stop,
      reporter,
      [&] { server->Run(); },
      [&] { return server->StatusLine(); },
      [&] { server->Stop(kStopGrace); });
}

}  // namespace necknode::app
