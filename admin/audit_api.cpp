#include "admin/audit_api.h"

#include <map>
#include <memory>
#include <mutex>

#include "admin/problem.h"
#include "admin/query.h"
#include "admin/views.h"
#include "core/log.h"

namespace necknode::admin {
namespace {

// A page that follows the trail asks again with every row that is added.
constexpr std::chrono::minutes kOneReading{15};

/// Who reads the trail is in it too (PS3.15 A.5.3.2). Thread safe.
class Readers {
 public:
  void Note(const NodeServices& services, const std::string& user) {
    const BootTime now = services.clock.SinceBoot();
    {
      const std::lock_guard lock(mutex_);
      const auto [last, first] = last_.try_emplace(user, now);
      if (!first && now - last->second < kOneReading) {
        return;
      }
      last->second = now;
    }
    try {
      services.store.Audit({"audit_log", "audit trail", "read", "", {.user = user}});
    } catch (const Error& error) {
      Log(LogLevel::kWarning, "audit_reading_not_noted", {{"reason", error.what()}});
    }
  }

 private:
  std::mutex mutex_;
  std::map<std::string, BootTime> last_;  // guarded by mutex_
};

Response ListAudit(const NodeServices& services, Readers& readers, const Request& request) {
  CheckQuery(request, {"event", "subject", "search", "study", "since", "until"});
  const storage::AuditQuery query{PageOfQuery(request),
                                  request.Query("event"),
                                  request.Query("subject"),
                                  request.Query("search"),
                                  NumberOf(request, "study"),
                                  false,
                                  SpanOf(request)};
  const auto page = services.store.catalog().Audit(query);
  readers.Note(services, request.user);
  return Json(PageAsJson(page, AuditAsJson));
}

}  // namespace

void AddAudit(Router& router, const NodeServices& services) {
  AddHandler(router,
             services,
             "GET",
             "/api/v1/audit",
             Role::kViewer,
             [readers = std::make_shared<Readers>()](const NodeServices& of, const Request& asked) {
               return ListAudit(of, *readers, asked);
             });
}

}  // namespace necknode::admin
