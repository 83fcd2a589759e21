#include "app/monitoring_services.h"

#include <utility>

#include "core/clock.h"

namespace necknode::app {

admin::MonitoringServices MonitoringServicesOf(std::function<config::Config()> in_force,
                                               const admin::LiveConfig& live,
                                               storage::Store& store) {
  return {store,
          SystemClock(),
          NECKNODE_VERSION,
          {"receiver", "coordinator", "worker", "sender", "retriever", "admin"},
          [in_force = std::move(in_force)] {
            std::vector<std::pair<std::string, std::string>> packages;
            for (const config::Route& route : config::WithShadows(in_force().routes)) {
              packages.emplace_back(route.name, route.package);
            }
            return packages;
          },
          [&live]() -> std::optional<std::int64_t> {
            const int generation = live.Now().generation;
            return generation > 0 ? std::optional<std::int64_t>(generation) : std::nullopt;
          }};
}

}  // namespace necknode::app
