#include "app/roles.h"

#include <optional>

#include <unistd.h>

#include "app/exposed_secrets.h"
#include "app/notice_options.h"
#include "app/remote_peer.h"
#include "app/run_until_stopped.h"
#include "config/write_toml.h"
#include "coordinator/study_watcher.h"
#include "core/error.h"
#include "core/log.h"
#include "scp/receiver.h"
#include "scp/retriever.h"
#include "scp/sender.h"

namespace necknode::app {
namespace {

constexpr std::chrono::milliseconds kCoordinatorInterval{250};
constexpr std::chrono::seconds kCheckpointInterval{10};
constexpr std::chrono::seconds kRetentionInterval{30};
constexpr int kRemovedAtOnce = 20;  // studies, between which the coordinator does its other work
constexpr std::chrono::seconds kReportInterval{5};
constexpr std::chrono::seconds kStopGrace{10};
const std::string kFailed = "failed: ";

scp::TlsUse TlsUseOf(const std::string& text) {
  if (text == "certificate") {
    return scp::TlsUse::kCertificate;
  }
  return text == "required" ? scp::TlsUse::kRequired : scp::TlsUse::kOptional;
}

scp::ReceiverOptions ReceiverOptionsOf(const config::Config& config) {
  scp::ReceiverOptions options;
  options.bind_address = config.BindAddress();
  options.port = config.port;
  options.ae_titles.clear();
  for (const config::OwnAe& ae : config.ae) {
    options.ae_titles.push_back({ae.title, TlsUseOf(ae.tls)});
  }
  if (config.tls_port != 0) {
    options.tls = TlsFilesOf(config);
    options.tls_port = config.tls_port;
  }
  options.grant_commitment = config.grant_commitment;
  options.commitment_keep = std::chrono::days(config.commitment_keep_days);
  for (const config::Peer& peer : config.peers) {
    if (peer.storage_commitment) {
      options.expect_commitment_reports = true;
      options.commitment_reporters.push_back(
          {peer.name, {peer.ae_title, peer.host, peer.case_insensitive}});
    }
  }
  options.hold_renewal = std::min(options.hold_renewal, config.quiet_time);
  options.accept_any_calling = config.peers.empty() && config::IsLoopback(options.bind_address);
  for (const config::Peer& peer : config.peers) {
    if (peer.may_send) {
      options.peers.push_back({peer.ae_title, peer.host, peer.case_insensitive});
    }
  }
  return options;
}

coordinator::WatcherOptions WatcherOptionsOf(const config::Config& config) {
  return {config::WithShadows(config.routes),
          config.quiet_time,
          config.peers,
          config.count_wait,
          config.priors.peer,
          config.priors.wait};
}

scp::SenderOptions SenderOptionsOf(const config::Config& config) {
  scp::SenderOptions options;
  options.our_ae_title = config.ae.front().title;
  options.commitment_wait = std::chrono::hours(config.commitment_wait_hours);
  options.commitment_keep = std::chrono::days(config.commitment_keep_days);
  for (const config::Peer& peer : config.peers) {
    options.peers.push_back(RemotePeerOf(config, peer));
  }
  // Here, so that it is said of peers that came while the node runs, too.
  for (const SecretFile& secret : ExposedSecrets(config)) {
    Log(LogLevel::kWarning,
        "secret_open_to_all",
        {{"key", secret.key_path}, {"file", secret.file.string()}});
  }
  return options;
}

scp::RetrieverOptions RetrieverOptionsOf(const config::Config& config) {
  scp::RetrieverOptions options;
  options.our_ae_title = config.ae.front().title;
  for (const config::Peer& peer : config.peers) {
    if (peer.verify_count) {
      options.counting.push_back(RemotePeerOf(config, peer));
    }
  }
  if (const config::Peer* archive = config.FindPeer(config.priors.peer)) {
    options.priors.emplace(scp::PriorOptions{RemotePeerOf(config, *archive),
                                             config.priors.method == "get",
                                             {config.priors.max_studies,
                                              config.priors.max_age_years,
                                              config.priors.modality,
                                              config.priors.description},
                                             !config.priors.move_originator});
  }
  return options;
}

/// What the retriever goes by, as text to be compared.
std::string AskedArchives(const config::Config& config) {
  std::string text = config::ToToml(config.ae.front());
  for (const config::Peer& peer : config.peers) {
    if (peer.verify_count || peer.name == config.priors.peer) {
      text += config::ToToml(peer);
    }
  }
  return text;
}

/// Removes what the limits want removed. True where more may have to go.
bool RemoveExpired(const config::Config& config, storage::Store& store) {
  const storage::RetentionLimits limits{std::chrono::days(config.retention_days),
                                        config.retention_bytes};
  for (int i = 0; i < kRemovedAtOnce; ++i) {
    const storage::Removed removed = store.RemoveExpired(limits);
    if (removed.studies == 0) {
      return false;
    }
    Log(LogLevel::kInfo,
        "retention_removed",
        {{"objects", removed.objects}, {"bytes", removed.bytes}});
  }
  return true;
}

storage::RoleStatus EndedNow(const std::string& role) {
  storage::RoleStatus status;
  status.role = role;
  status.started = status.updated = SystemClock().Now();
  return status;
}

// ": " and what ReportFailed() wrote last, or empty.
std::string LastReason(const storage::Store& store, const std::string& role) {
  try {
    for (const storage::RoleStatus& last : store.Roles()) {
      if (last.role == role && last.text.starts_with(kFailed)) {
        return ": " + last.text.substr(kFailed.size());
      }
    }
  } catch (const Error& error) {
    Log(LogLevel::kWarning, "reason_not_read", {{"role", role}, {"reason", error.what()}});
  }
  return "";
}

void WriteEnd(storage::Store& store,
              storage::RoleStatus& status,
              const RoleReporter::Counted& counted) {
  try {
    if (counted) {
      status.counters = counted();
    }
    store.ReportRole(status);
  } catch (const Error& error) {
    // Without this row the role is taken as ended when it has been silent for long enough.
    Log(LogLevel::kWarning, "end_not_noted", {{"role", status.role}, {"reason", error.what()}});
  }
}

}  // namespace

RoleReporter::RoleReporter(storage::Store& store, const std::string& role, Counted counted)
    : store_(store), counted_(std::move(counted)), activity_(store, role) {
  status_.role = role;
  status_.pid = getpid();
  status_.started = SystemClock().Now();
}

RoleReporter::~RoleReporter() {
  status_.pid = 0;
  status_.updated = SystemClock().Now();
  status_.text = "ended: " + status_.text;
  WriteEnd(store_, status_, counted_);
}

void RoleReporter::Report(const std::string& text) {
  const auto now = std::chrono::steady_clock::now();
  if (last_.time_since_epoch().count() != 0 && now - last_ < kReportInterval) {
    return;
  }
  last_ = now;
  status_.updated = SystemClock().Now();
  status_.text = text;
  if (counted_) {
    status_.counters = counted_();
  }
  try {
    store_.ReportRole(status_);
  } catch (const Error& error) {
    // A full disk must not end a role for a status row; everything else must.
    if (error.code() != ErrorCode::kNoSpace) {
      throw;
    }
  }
}

void ReportFailed(storage::Store& store, const std::string& role, const std::string& reason) {
  storage::RoleStatus status = EndedNow(role);
  status.text = kFailed + reason;
  WriteEnd(store, status, {});
}

void ReportDied(storage::Store& store, const std::string& role) {
  storage::RoleStatus status = EndedNow(role);
  status.text = "died, starts again" + LastReason(store, role);
  status.died = true;
  WriteEnd(store, status, {});
}

void RunReceiver(RunningConfig& running, storage::Store& store, StopSignal& stop) {
  const config::Config config = running.now();
  // A retriever that gets objects writes them while the receiver starts; `serve` has swept before.
  const bool others_write = !config.priors.peer.empty() && config.priors.method == "get";
  const int swept = (others_write ? 0 : store.SweepOrphans(storage::ObjectKind::kReceived)) +
                    store.SweepOrphans(storage::ObjectKind::kQuarantine);
  if (swept > 0) {
    Log(LogLevel::kInfo, "swept", {{"objects", swept}});
  }
  const auto receiver = scp::Receiver::Make(ReceiverOptionsOf(config), store, SystemClock());
  Log(LogLevel::kInfo,
      "listening",
      {{"address", config.BindAddress()},
       {"port", receiver->port()},
       {"tls_port", receiver->tls_port()}});
  RoleReporter reporter(store, "receiver", [&] { return receiver->Counted(); });
  RunUntilStopped(
      stop,
      reporter,
      [&] { receiver->Run(); },
      [&] { return receiver->StatusLine(); },
      [&] { receiver->Stop(kStopGrace); },
      [&] {
        if (running.Refresh()) {
          receiver->Reconfigure(ReceiverOptionsOf(running.now()));
        }
      });
}

void RunCoordinator(RunningConfig& running, storage::Store& store, StopSignal& stop) {
  // All that it knows are rows, so that a new one goes on where the one before ended.
  std::optional<coordinator::StudyWatcher> watcher(
      std::in_place, WatcherOptionsOf(running.now()), store);
  const auto notifier = MakeNotifier(running.now(), store);
  RoleReporter reporter(store, "coordinator");
  auto checkpoint_due = std::chrono::steady_clock::now() + kCheckpointInterval;
  auto retention_due = std::chrono::steady_clock::now();
  int decided = 0;
  while (!stop.WaitFor(kCoordinatorInterval)) {
    try {
      if (notifier) {
        notifier->Check();
      }
      if (running.Refresh()) {
        watcher.emplace(WatcherOptionsOf(running.now()), store);
      }
      decided += watcher->Step();
      if (std::chrono::steady_clock::now() >= checkpoint_due) {
        store.Checkpoint();
        checkpoint_due = std::chrono::steady_clock::now() + kCheckpointInterval;
      }
      if (std::chrono::steady_clock::now() >= retention_due &&
          !RemoveExpired(running.now(), store)) {
        retention_due = std::chrono::steady_clock::now() + kRetentionInterval;
      }
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kNoSpace) {
        throw;
      }
      Log(LogLevel::kWarning, "waiting_for_space", {{"reason", error.what()}});
      stop.WaitFor(kCheckpointInterval);
    }
    reporter.Report("decided=" + std::to_string(decided));
  }
}

void RunSender(RunningConfig& running, storage::Store& store, StopSignal& stop) {
  scp::Sender sender(SenderOptionsOf(running.now()), store);
  RoleReporter reporter(store, "sender", [&] { return sender.Counted(); });
  const auto audit = MakeAuditForwarder(running.now(), store, [&] { sender.Stop(); });
  RunUntilStopped(
      stop,
      reporter,
      [&] { sender.Run(); },
      [&] { return sender.StatusLine() + (audit ? " " + audit->StatusLine() : ""); },
      [&] { sender.Stop(); },
      [&] {
        if (running.Refresh()) {
          sender.Reconfigure(SenderOptionsOf(running.now()));
        }
      });
  if (audit) {
    audit->Finish();
  }
}

void RunRetriever(RunningConfig& running, storage::Store& store, StopSignal& stop) {
  RoleReporter reporter(store, "retriever");
  // Each asks the archives of one configuration: the next one begins when what the one before had
  // in hand is done.
  while (!stop.Stopped()) {
    const std::string archives = AskedArchives(running.now());
    scp::Retriever retriever(RetrieverOptionsOf(running.now()), store);
    RunUntilStopped(
        stop,
        reporter,
        [&] { retriever.Run(); },
        [&] { return running.now().AsksArchives() ? retriever.StatusLine() : "no archive to ask"; },
        [&] { retriever.Stop(); },
        [&] {
          if (running.Refresh() && AskedArchives(running.now()) != archives) {
            retriever.Finish();
          }
        });
  }
}

}  // namespace necknode::app
