#include "app/node_resources.h"

#include <utility>

#include "admin/audit_api.h"
#include "admin/commitment_api.h"
#include "admin/job_api.h"
#include "admin/model_api.h"
#include "admin/node_api.h"
#include "admin/outbox_api.h"
#include "admin/quarantine_api.h"
#include "admin/study_api.h"
#include "app/utf8_text.h"
#include "coordinator/analyse_again.h"

namespace necknode::app {

void AddNodeResources(admin::Router& router,
                      std::function<config::Config()> config,
                      std::function<std::string()> config_edit,
                      storage::Store& store) {
  const auto reanalyse = [config, &store](const admin::ReanalyseOrder& order) {
    return coordinator::AnalyseAgain(
        config().routes, store, {order.study, order.package, order.route, order.user});
  };
  const admin::NodeServices services{store,
                                     SystemClock(),
                                     std::move(config),
                                     Utf8Text,
                                     NECKNODE_VERSION,
                                     std::move(config_edit),
                                     reanalyse};
  admin::AddNode(router, services);
  admin::AddStudies(router, services);
  admin::AddJobs(router, services);
  admin::AddOutbox(router, services);
  admin::AddQuarantine(router, services);
  admin::AddCommitmentRequests(router, services);
  admin::AddModels(router, services);
  admin::AddAudit(router, services);
}

}  // namespace necknode::app
