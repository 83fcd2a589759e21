#include "app/audit_options.h"

#include <array>
#include <exception>
#include <fstream>
#include <sstream>
#include <utility>

#include <unistd.h>

#include "app/remote_peer.h"
#include "core/digest.h"
#include "core/error.h"
#include "core/log.h"

namespace necknode::app {
namespace {

constexpr std::uint16_t kTlsPort = 6514, kUdpPort = 514;  // RFC 5425, RFC 5426
constexpr std::size_t kShownDigits = 16;

std::string MachineName() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

// A full disk must not keep the node from running; a disk that fails shows at the next write.
void Write(storage::Store& store, const storage::AuditEvent& event) {
  try {
    store.Audit(event);
  } catch (const Error& error) {
    Log(LogLevel::kWarning, "audit_failed", {{"event", event.event}, {"error", error.what()}});
  }
}

void WriteActivity(storage::Store& store, const std::string& role, const std::string& outcome) {
  Write(store,
        {"application",
         role,
         outcome,
         "pid " + std::to_string(getpid()),
         {.user = storage::ProcessUser()}});
}

}  // namespace

std::unique_ptr<scp::AuditForwarder> MakeAuditForwarder(const config::Config& config,
                                                        storage::Store& store,
                                                        std::function<void()> failed) {
  const config::AuditServer& server = config.audit;
  if (server.host.empty()) {
    return nullptr;
  }
  const bool tls = server.transport == "tls";
  scp::AuditForwarderOptions options;
  options.source.machine = MachineName();
  for (const config::OwnAe& ae : config.ae) {
    options.source.ae_titles.push_back(ae.title);
  }
  options.server.host = server.host;
  options.server.port = server.port != 0 ? server.port : tls ? kTlsPort : kUdpPort;
  if (tls) {
    options.tls = TlsFilesOf(config);
  }
  return std::make_unique<scp::AuditForwarder>(
      std::move(options), store.audit_feed(), std::move(failed));
}

void AuditConfiguration(storage::Store& store,
                        const std::string& config_file,
                        const std::vector<std::string>& flags) {
  std::ifstream file(config_file, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  std::string text = content.str();
  for (const std::string& flag : flags) {
    text.append(1, '\0').append(flag);
  }
  const std::string digest = "digest " + Sha256Of(text).substr(0, kShownDigits);
  const auto last = store.audit_feed().LastConfiguration();
  if (last && last->event.detail == digest) {
    return;
  }
  Write(store,
        {"configuration",
         "serve",
         last ? "changed" : "first",
         digest,
         {.user = storage::ProcessUser()}});
}

AuditedActivity::AuditedActivity(storage::Store& store, std::string role)
    : store_(store), role_(std::move(role)), exceptions_(std::uncaught_exceptions()) {
  WriteActivity(store_, role_, "started");
}

AuditedActivity::~AuditedActivity() {
  WriteActivity(store_, role_, std::uncaught_exceptions() > exceptions_ ? "failed" : "stopped");
}

}  // namespace necknode::app
