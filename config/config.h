#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace necknode::config {

/// One of our own application entities.
struct OwnAe {
  std::string title;
  std::string description;
  std::string tls = "optional";  ///< optional | required | certificate (TLS with a trusted one)
};

/// A remote application entity: sends to us, gets results, or both. One with `url` gets them by
/// STOW-RS, and needs AE title and host only where it also sends.
struct Peer {
  std::string name;
  std::string ae_title, host;
  std::uint16_t port = 104;
  std::string url;   ///< of a DICOMweb service; empty: results go by DIMSE
  std::string user;  ///< of that service; empty: none
  std::filesystem::path password_file, token_file;
  bool tls = false;                   ///< we call it by TLS
  bool may_send = true;               ///< its calls are accepted
  bool case_insensitive = false;      ///< compare its AE title without regard to case
  bool accept_non_clinical = false;   ///< results of a package with clinical = false may go there
  bool verify_count = false;          ///< asked how many instances of a series it has
  std::string sr_sop_class = "auto";  ///< auto | comprehensive3d | comprehensive
  bool storage_commitment = false;    ///< asked to commit itself to what it gets
};

/// Where DICOM audit messages go.
struct AuditServer {
  std::string host;               ///< empty: nowhere
  std::uint16_t port = 0;         ///< 0: the transport's own, 6514 or 514
  std::string transport = "tls";  ///< tls | udp
};

/// The administrator's page and API.
struct Http {
  std::string bind = "127.0.0.1";
  std::uint16_t port = 8080;  ///< 0: there is none
  bool tls = false;
  std::filesystem::path certificate, private_key;  ///< PEM; empty: those of [tls]
};

/// Which series of which study is analysed, by which package, and who gets what.
struct Route {
  std::string name = "default";
  std::string called_ae, calling_ae;  ///< empty: any
  std::string package = "phantom/2";  ///< "<name>/<version>"
  /// A second package that analyses the same series, of which nothing is sent; empty: none.
  std::string shadow;
  std::string intended_use = "enforce";  ///< enforce | warn
  std::string on_not_eligible = "none";  ///< none | sr
  std::string levels = "experimental";   ///< off | experimental
  bool compare_prior = true;             ///< with the newest earlier study that is here
  // Series rules.
  int min_slices = 20, max_slices = 1000;
  double min_slice_thickness_mm = 0.3, max_slice_thickness_mm = 5.0;
  std::vector<std::string> body_parts;  ///< accepted Body Part Examined; empty: any
  /// Case-insensitive words of which one must stand in the Series Description; empty: any.
  std::vector<std::string> include_description;
  std::vector<std::string>
      exclude_description;  ///< case-insensitive words in Series Description that refuse it
  std::vector<std::string> preferred_kernels;  ///< in order of preference
  std::string contrast = "prefer";             ///< prefer | require | ignore
  struct Output {
    std::string peer;
    bool sr = true, gsps = true, sc = true;
  };
  std::vector<Output> outputs;
  bool is_shadow = false;  ///< made by WithShadows, never configured
};

/// Earlier studies of a patient, fetched from an archive.
struct Priors {
  std::string peer;             ///< name of a [[peer]]; empty: none are fetched
  std::string method = "move";  ///< move (to our first AE title) | get
  /// What it moves names us as its Move Originator; else all that it sends of a study meanwhile is
  /// taken as fetched.
  bool move_originator = true;
  int max_studies = 2, max_age_years = 5;
  std::string modality = "CT";
  /// Words of which one must stand in a description or body part, without regard to case.
  std::vector<std::string> description = {"NECK", "HALS", "CERVIC", "THYROID", "LARYN", "PHARYN"};
  std::chrono::milliseconds wait{300'000};  ///< the longest that a study waits for them
};

/// What may be edited while the node runs.
struct Tables {
  std::vector<OwnAe> ae;
  std::vector<Peer> peers;
  std::vector<Route> routes;
};

/// Who is told when something needs a person.
struct Notices {
  std::vector<std::string> kinds = {
      "row_parked", "object_quarantined", "job_failed", "study_parked", "disk_reserve"};
  std::string page_url;            ///< of the administrator's page, for links; empty: no links
  bool include_study_uid = false;  ///< name the study by its Study Instance UID too
  std::string webhook_url;         ///< empty: none
  std::filesystem::path webhook_secret_file;
  std::string smtp_server;  ///< empty: no e-mail
  std::uint16_t smtp_port = 587;
  std::string smtp_security = "starttls";  ///< starttls | tls | none
  std::string smtp_user;                   ///< empty: without login
  std::filesystem::path smtp_password_file;
  std::string email_from;
  std::vector<std::string> email_to;

  /// Whether anybody is to be told at all.
  [[nodiscard]] bool wanted() const { return !webhook_url.empty() || !smtp_server.empty(); }
};
/// Every kind that Notices::kinds may hold; the last one, suspicious_finding, is not a default.
[[nodiscard]] const std::vector<std::string>& NoticeKinds();

/// The whole configuration, validated. Defaults work without any file.
struct Config {
  std::vector<OwnAe> ae = {{"NECKNODE", ""}};
  std::string bind;  ///< empty: 127.0.0.1 without peers, 0.0.0.0 with
  std::uint16_t port = 11112;
  std::uint16_t tls_port = 0;  ///< 0: not by TLS
  // PEM files, relative to the working directory; empty: none.
  std::filesystem::path tls_certificate, tls_private_key, tls_trusted;
  std::filesystem::path data = "necknode-data";
  std::optional<std::uint64_t> reserve_bytes;
  std::chrono::milliseconds quiet_time{30'000};
  /// For images that a peer with `verify_count` says it has, after the last one.
  std::chrono::milliseconds count_wait{600'000};
  int retention_days = 30;            ///< of finished studies; 0: for ever
  std::uint64_t retention_bytes = 0;  ///< of received objects and results; 0: no limit
  bool grant_commitment = false;      ///< to peers that send to us
  int commitment_keep_days = 90;      ///< retention spares what was committed
  int commitment_wait_hours = 72;     ///< for a peer's report, then it is asked again
  std::string device = "auto";        ///< auto | cpu | cuda:N
  std::filesystem::path packages;     ///< folder of model packages; empty: the installed ones
  std::string log_level = "info";
  AuditServer audit;
  Notices notices;
  Http http;
  /// AE titles, peers and routes are those of the configuration file and nothing edits them.
  bool admin_readonly = false;
  Priors priors;
  std::vector<Peer> peers;
  std::vector<Route> routes = {Route{}};

  [[nodiscard]] const Peer* FindPeer(const std::string& name) const;
  [[nodiscard]] std::string BindAddress() const;
  /// Whether any peer is to be queried: the node then has a retriever.
  [[nodiscard]] bool AsksArchives() const;
  /// Whether the page and the API are bound beyond this machine: they then need TLS and users.
  [[nodiscard]] bool HttpBeyondLoopback() const;

  [[nodiscard]] Tables GetTables() const;
  void SetTables(Tables tables);
};

/// The routes, and after them for each that has a shadow package the route that makes its jobs:
/// named "<route> shadow", without outputs.
[[nodiscard]] std::vector<Route> WithShadows(const std::vector<Route>& routes);
[[nodiscard]] std::string ShadowName(const std::string& route);

/// One thing wrong with a configuration file.
struct Problem {
  int line = 0;          ///< 1-based, 0 where there is none
  std::string key_path;  ///< e.g. "route[1].outputs[0].peer"
  std::string message;
};

struct Loaded {
  Config config;
  std::vector<Problem> problems;     ///< empty: `config` may be used
  std::map<std::string, int> lines;  ///< key path -> 1-based line, of the keys that are there
};

/// Reads and validates a TOML file; reports every problem, not the first. Throws Error(kNotFound)
/// where the file cannot be read.
[[nodiscard]] Loaded LoadConfig(const std::filesystem::path& file);
/// The same of a text.
[[nodiscard]] Loaded ParseConfig(const std::string& text);
/// The same with `tables` in place of the text's own AE titles, peers and routes, of which only the
/// form is checked then. Problems in `tables` have no line.
[[nodiscard]] Loaded ParseConfig(const std::string& text, Tables tables);
/// The text of a configuration file. Throws Error(kNotFound) where it cannot be read.
[[nodiscard]] std::string ReadConfigFile(const std::filesystem::path& file);

/// An AE title after trimming: 1 to 16 characters of the default repertoire, no backslash, no
/// control character, not all blank (PS3.5 6.2). Returns what is wrong with it, or empty.
[[nodiscard]] std::string AeTitleProblem(const std::string& title);

/// What is wrong with a host name (RFC 1123) or an IPv4 or IPv6 address, or empty.
[[nodiscard]] std::string HostProblem(const std::string& host);

/// What is wrong with the base URL of a DICOMweb service, or empty: http or https, a host, a port,
/// a path; no credentials, which would show in logs, no query, no fragment. Never repeats the URL.
[[nodiscard]] std::string UrlProblem(const std::string& url);

/// Whether only this machine reaches the address.
[[nodiscard]] bool IsLoopback(const std::string& address);

/// The longest name of a peer or route and description of an AE title, in characters.
inline constexpr std::size_t kMaxTextLength = 64;

/// What is wrong with a text for people, a name or a description: it is to be UTF-8, short, and
/// without control characters. Empty: nothing. An empty text is good.
[[nodiscard]] std::string TextProblem(const std::string& text);

/// What is wrong with the name of a device (auto, cpu, cuda:N), or empty. Whether it is there is
/// for the worker to find.
[[nodiscard]] std::string DeviceProblem(const std::string& device);

}  // namespace necknode::config
