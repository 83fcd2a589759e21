#include "admin/access.h"
#include "admin/config_api.h"
#include "admin/live_config.h"
#include "admin/page.h"
#include "admin/router.h"
#include "admin/server.h"
#include "admin/slices_api.h"
#include "app/echo_peer.h"
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

void RunAdmin(RunningConfig& running, storage::Store& store, StopSignal& stop) {
  const config::Config config = running.now();
  admin::LiveConfig live(running.text(), config.data, store, SystemClock());
  admin::Router router;
  AddNodeResources(
      router, [&running] { return running.InForce(); }, store);
  admin::AddSlicesApi(router, {store});
  admin::AddConfig(router, {live, EchoPeer});
  admin::AddPage(router);
  const admin::Access access({!config.HttpBeyondLoopback()}, router);
  const auto server = admin::Server::Make(
      ServerOptionsOf(config),
      [&](const admin::Request& request) { return access.Handle(request); },
      [&] {
        auto marks = store.catalog().Marks();
        marks["config"] = live.Mark();
        return marks;
      });
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
