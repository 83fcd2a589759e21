#include "admin/access.h"
#include "admin/api_document.h"
#include "admin/config_api.h"
#include "admin/events_api.h"
#include "admin/health_api.h"
#include "admin/live_config.h"
#include "admin/login_limit.h"
#include "admin/metrics_api.h"
#include "admin/page.h"
#include "admin/router.h"
#include "admin/server.h"
#include "admin/session_api.h"
#include "admin/slices_api.h"
#include "admin/user_api.h"
#include "app/echo_peer.h"
#include "app/http_access.h"
#include "app/monitoring_services.h"
#include "app/node_resources.h"
#include "app/roles.h"
#include "app/run_until_stopped.h"
#include "core/log.h"

namespace necknode::app {
namespace {

constexpr std::chrono::seconds kStopGrace{5};

admin::ServerOptions ServerOptionsOf(const config::Config& config) {
  admin::ServerOptions options;
  options.bind_address = config.http.bind;
  options.port = config.http.port;
  if (config.http.tls) {
    const HttpTlsFiles files = HttpTlsFilesOf(config);
    options.tls = admin::ServerTls{files.certificate, files.private_key};
  }
  return options;
}

}  // namespace

void RunAdmin(RunningConfig& running, storage::Store& store, StopSignal& stop) {
  const config::Config config = running.now();
  RequireHttpAccess(config, &store);
  admin::LiveConfig live(running.text(), config.data, store, SystemClock());
  admin::LoginLimit limit(SystemClock());
  const admin::AccessServices access_services{
      store.users(),
      limit,
      SystemClock(),
      [&](const storage::AuditEvent& event) { store.Audit(event); },
      config.http.tls};
  admin::Router router;
  AddNodeResources(
      router,
      [&running] { return running.InForce(); },
      [&live] { return live.EditByHand(); },
      store);
  admin::AddConfig(router, {live, EchoPeer});
  const admin::MonitoringServices monitoring =
      MonitoringServicesOf([&running] { return running.InForce(); }, live, store);
  admin::AddMetrics(router, monitoring);
  admin::AddHealth(router, monitoring);
  admin::AddPage(router);
  admin::AddEvents(router);
  admin::AddSession(router, access_services);
  admin::AddUsers(router, access_services);
  admin::AddSlicesApi(router, {store});
  for (const std::string& difference : admin::DocumentDifferences(router)) {
    Log(LogLevel::kWarning, "api_document_differs", {{"route", difference}});
  }
  const admin::Access access(
      {!config.HttpBeyondLoopback(), config.http.tls}, router, store.users(), SystemClock());
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
