#include "config/parsed.h"
#include "config/table_reader.h"

namespace necknode::config {
namespace {

constexpr std::int64_t kDay = 86'400;

void ReadNode(TableReader& table, Config& config) {
  std::string data = config.data.string();
  std::string packages;
  std::int64_t reserve_mib = -1;
  table.Text("data", data);
  table.Text("packages", packages);
  table.Text("device", config.device);
  table.Choice("log_level", config.log_level, {"debug", "info", "warning", "error"});
  table.Integer("reserve_mib", reserve_mib, 0, std::int64_t{1} << 40);
  config.data = data;
  config.packages = packages;
  if (reserve_mib >= 0) {
    config.reserve_bytes = static_cast<std::uint64_t>(reserve_mib) << 20U;
  }
}

void ReadReceiver(TableReader& table, Config& config) {
  double quiet_s = static_cast<double>(config.quiet_time.count()) / 1000;
  table.Text("bind", config.bind);
  table.Integer("port", config.port, 1, kMaxPort);
  table.Integer("tls_port", config.tls_port, 0, kMaxPort);
  table.Real("quiet_time_s", quiet_s, 0.1, static_cast<double>(kDay));
  std::int64_t count_wait_s =
      std::chrono::duration_cast<std::chrono::seconds>(config.count_wait).count();
  table.Integer("count_wait_s", count_wait_s, 0, kDay);
  config.count_wait = std::chrono::seconds(count_wait_s);
  config.quiet_time = std::chrono::milliseconds(static_cast<std::int64_t>(quiet_s * 1000));
}

void ReadRetention(TableReader& table, Config& config) {
  std::int64_t max_gib = 0;
  table.Integer("days", config.retention_days, 0, 36'500);
  table.Integer("max_gib", max_gib, 0, std::int64_t{1} << 30);
  config.retention_bytes = static_cast<std::uint64_t>(max_gib) << 30U;
}

void ReadCommitment(TableReader& table, Config& config) {
  table.Flag("grant", config.grant_commitment);
  table.Integer("keep_days", config.commitment_keep_days, 1, 36'500);
  table.Integer("wait_hours", config.commitment_wait_hours, 1, 24 * 365);
}

void ReadTls(TableReader& table, Config& config) {
  for (auto [key, file] : {std::pair{"certificate", &config.tls_certificate},
                           std::pair{"private_key", &config.tls_private_key},
                           std::pair{"trusted", &config.tls_trusted}}) {
    table.File(key, *file);
  }
}

void ReadAudit(TableReader& table, AuditServer& audit) {
  table.Text("server", audit.host);
  table.Integer("port", audit.port, 0, kMaxPort);
  table.Choice("transport", audit.transport, {"tls", "udp"});
}

void ReadHttp(TableReader& table, Http& http) {
  table.Text("bind", http.bind);
  table.Integer("port", http.port, 0, kMaxPort);
  table.Flag("tls", http.tls);
  table.File("certificate", http.certificate);
  table.File("private_key", http.private_key);
}

void ReadPeer(TableReader& table, Peer& peer) {
  table.Require("name");
  table.Text("name", peer.name);
  table.Text("url", peer.url);
  table.Text("user", peer.user);
  table.File("password_file", peer.password_file);
  table.File("token_file", peer.token_file);
  peer.may_send = peer.url.empty();
  for (const char* key : {"ae_title", "host", "port"}) {
    if (peer.url.empty()) {
      table.Require(key);
    }
  }
  table.Text("ae_title", peer.ae_title);
  table.Text("host", peer.host);
  table.Integer("port", peer.port, 1, kMaxPort);
  table.Flag("tls", peer.tls);
  table.Flag("may_send", peer.may_send);
  table.Flag("case_insensitive", peer.case_insensitive);
  table.Flag("accept_non_clinical", peer.accept_non_clinical);
  table.Flag("storage_commitment", peer.storage_commitment);
  table.Flag("verify_count", peer.verify_count);
  table.Choice("sr_sop_class", peer.sr_sop_class, {"auto", "comprehensive3d", "comprehensive"});
}

void ReadPriors(TableReader& table, Priors& priors) {
  table.Text("peer", priors.peer);
  table.Choice("method", priors.method, {"move", "get"});
  table.Flag("move_originator", priors.move_originator);
  table.Integer("max_studies", priors.max_studies, 1, 20);
  table.Integer("max_age_years", priors.max_age_years, 1, 100);
  table.Text("modality", priors.modality);
  table.Texts("description", priors.description);
  std::int64_t wait_s = std::chrono::duration_cast<std::chrono::seconds>(priors.wait).count();
  table.Integer("prior_wait_s", wait_s, 0, kDay);
  priors.wait = std::chrono::seconds(wait_s);
}

void ReadRoute(TableReader& table, Route& route) {
  table.Require("name");
  table.Text("name", route.name);
  table.Text("called_ae", route.called_ae);
  table.Text("calling_ae", route.calling_ae);
  table.Text("package", route.package);
  table.Text("shadow", route.shadow);
  table.Choice("intended_use", route.intended_use, {"enforce", "warn"});
  table.Choice("on_not_eligible", route.on_not_eligible, {"none", "sr"});
  table.Choice("levels", route.levels, {"off", "experimental"});
  table.Flag("compare_prior", route.compare_prior);
  table.Table("series", [&](TableReader& series) {
    series.Integer("min_slices", route.min_slices, 1, 10'000);
    series.Integer("max_slices", route.max_slices, 1, 10'000);
    series.Real("min_slice_thickness_mm", route.min_slice_thickness_mm, 0, 50);
    series.Real("max_slice_thickness_mm", route.max_slice_thickness_mm, 0, 50);
    series.Texts("body_parts", route.body_parts);
    series.Texts("include_description", route.include_description);
    series.Texts("exclude_description", route.exclude_description);
    series.Texts("preferred_kernels", route.preferred_kernels);
    series.Choice("contrast", route.contrast, {"prefer", "require", "ignore"});
  });
  table.Tables("output", [&](TableReader& output_table) {
    Route::Output output;
    output_table.Require("peer");
    output_table.Text("peer", output.peer);
    output_table.Flag("sr", output.sr);
    output_table.Flag("gsps", output.gsps);
    output_table.Flag("sc", output.sc);
    route.outputs.push_back(output);
  });
}

void ReadTables(TableReader& root, Config& config) {
  std::vector<OwnAe> own;
  if (root.Tables("ae", [&](TableReader& table) {
        table.Require("title");
        OwnAe& ae = own.emplace_back();
        table.Text("title", ae.title);
        table.Text("description", ae.description);
        table.Choice("tls", ae.tls, {"optional", "required", "certificate"});
      })) {
    config.ae = own;
  }
  root.Tables("peer", [&](TableReader& table) { ReadPeer(table, config.peers.emplace_back()); });
  std::vector<Route> routes;
  if (root.Tables("route", [&](TableReader& table) { ReadRoute(table, routes.emplace_back()); })) {
    config.routes = routes;
  }
}

void ReadAll(TableReader& root, Config& config) {
  root.Table("node", [&](TableReader& table) { ReadNode(table, config); });
  root.Table("receiver", [&](TableReader& table) { ReadReceiver(table, config); });
  root.Table("retention", [&](TableReader& table) { ReadRetention(table, config); });
  root.Table("storage_commitment", [&](TableReader& table) { ReadCommitment(table, config); });
  root.Table("priors", [&](TableReader& table) { ReadPriors(table, config.priors); });
  root.Table("tls", [&](TableReader& table) { ReadTls(table, config); });
  root.Table("audit", [&](TableReader& table) { ReadAudit(table, config.audit); });
  root.Table("notices", [&](TableReader& table) { ReadNotices(table, config.notices); });
  root.Table("http", [&](TableReader& table) { ReadHttp(table, config.http); });
  root.Table("admin", [&](TableReader& table) { table.Flag("readonly", config.admin_readonly); });
  ReadTables(root, config);
}

}  // namespace

void Parsed::AddProblem(const std::string& key_path, const std::string& message) {
  std::string path = key_path;
  auto line = lines.find(path);
  while (line == lines.end() && !path.empty()) {
    const auto cut = path.find_last_of('.');
    path = cut == std::string::npos ? "" : path.substr(0, cut);
    line = lines.find(path);
  }
  problems.push_back({line == lines.end() ? 0 : line->second, key_path, message});
}

Parsed ReadToml(const std::string& text) {
  Parsed parsed;
  TableReader::ReadRoot(text, parsed, [&](TableReader& root) { ReadAll(root, parsed.config); });
  return parsed;
}

Parsed ReadTablesToml(const std::string& text) {
  Parsed parsed;
  parsed.config.SetTables({});
  TableReader::ReadRoot(text, parsed, [&](TableReader& root) { ReadTables(root, parsed.config); });
  return parsed;
}

}  // namespace necknode::config
