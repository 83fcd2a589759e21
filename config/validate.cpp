#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "config/parsed.h"
#include "core/ae_title.h"

namespace necknode::config {
namespace {

constexpr std::size_t kMaxHostName = 253, kMaxHostLabel = 63;  // RFC 1123, RFC 1035
constexpr std::size_t kMaxCodeString = 16;                     // PS3.5 table 6.2-1
constexpr std::string_view kDigits = "0123456789";

// Underscores are no part of host names, but of names that resolve all the same.
bool IsHostLabel(std::string_view label) {
  const auto letter_or_digit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !label.empty() && label.size() <= kMaxHostLabel && label.front() != '-' &&
         label.back() != '-' &&
         std::ranges::all_of(label, [&](char c) { return c == '-' || letter_or_digit(c); });
}

bool IsHostName(std::string_view name) {
  if (name.ends_with('.')) {
    name.remove_suffix(1);
  }
  if (name.size() > kMaxHostName ||
      name.find_first_not_of(std::string(kDigits) + ".") == std::string_view::npos) {
    return false;  // digits and dots alone are an address that is none
  }
  while (true) {
    const auto dot = name.find('.');
    if (!IsHostLabel(name.substr(0, dot))) {
      return false;
    }
    if (dot == std::string_view::npos) {
      return true;
    }
    name.remove_prefix(dot + 1);
  }
}

bool IsCodeString(std::string_view text) {
  return !text.empty() && text.size() <= kMaxCodeString && std::ranges::all_of(text, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::string At(const std::string& table, std::size_t index) {
  return table + "[" + std::to_string(index) + "]";
}

void CheckName(Parsed& parsed, const std::string& key_path, const std::string& name) {
  const bool padded = !name.empty() && (name.front() == ' ' || name.back() == ' ');
  const std::string problem = name.empty()                  ? "must not be empty"
                              : name == "." || name == ".." ? "must not be \".\" or \"..\""
                              : padded                      ? "must not begin or end with a space"
                                                            : TextProblem(name);
  if (!problem.empty()) {
    parsed.AddProblem(key_path, problem);
  }
}

void CheckAeTitle(Parsed& parsed, const std::string& key_path, const std::string& title) {
  const std::string problem = AeTitleProblem(title);
  if (!problem.empty()) {
    parsed.AddProblem(key_path, problem);
  }
}

void CheckOwnAes(Parsed& parsed) {
  const auto& ae = parsed.config.ae;
  if (ae.empty()) {
    parsed.AddProblem("ae", "at least one own AE title is needed");
  }
  std::set<std::string> seen;
  for (std::size_t i = 0; i < ae.size(); ++i) {
    CheckAeTitle(parsed, At("ae", i) + ".title", ae[i].title);
    if (const std::string problem = TextProblem(ae[i].description); !problem.empty()) {
      parsed.AddProblem(At("ae", i) + ".description", problem);
    }
    if (!seen.insert(ae[i].title).second) {
      parsed.AddProblem(At("ae", i) + ".title",
                        "the AE title \"" + ae[i].title + "\" stands twice");
    }
  }
}

// By the AE title that calls, and its host, a peer is known.
void CheckKnownApart(Parsed& parsed, std::size_t index) {
  const auto& peers = parsed.config.peers;
  const Peer& peer = peers[index];
  for (std::size_t i = 0; i < index; ++i) {
    const bool case_insensitive = peer.case_insensitive || peers[i].case_insensitive;
    if (peer.may_send && peers[i].may_send && peer.host == peers[i].host &&
        SameAeTitle(peer.ae_title, peers[i].ae_title, case_insensitive)) {
      parsed.AddProblem(At("peer", index) + ".ae_title",
                        "\"" + peers[i].name +
                            "\" has the same AE title and host and may send too: they could not be "
                            "told apart");
    }
  }
}

void CheckPeers(Parsed& parsed) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < parsed.config.peers.size(); ++i) {
    const Peer& peer = parsed.config.peers[i];
    const std::string path = At("peer", i);
    CheckName(parsed, path + ".name", peer.name);
    if (!seen.insert(peer.name).second) {
      parsed.AddProblem(path + ".name", "the peer \"" + peer.name + "\" stands twice");
    }
    CheckWebPeer(parsed, path, peer);
    const bool dimse = peer.url.empty() || peer.may_send;
    if (dimse || !peer.ae_title.empty()) {
      CheckAeTitle(parsed, path + ".ae_title", peer.ae_title);
    }
    if (const std::string problem = HostProblem(peer.host);
        !problem.empty() && (dimse || !peer.host.empty())) {
      parsed.AddProblem(path + ".host", problem);
    }
    CheckKnownApart(parsed, i);
    if (peer.verify_count && peer.url.empty() && !peer.may_send) {
      parsed.AddProblem(path + ".verify_count",
                        "is asked only about studies that the peer sent, and it may not send");
    }
  }
}

bool IsKnownAe(const Config& config, const std::string& title) {
  return std::any_of(
      config.ae.begin(), config.ae.end(), [&](const OwnAe& ae) { return ae.title == title; });
}

void CheckPackage(Parsed& parsed, const std::string& key_path, const std::string& package) {
  const auto slash = package.find('/');
  const bool one_slash =
      slash != std::string::npos && package.find('/', slash + 1) == std::string::npos;
  const bool relative = package.find("..") != std::string::npos;
  if (!one_slash || slash == 0 || slash + 1 == package.size() || relative) {
    parsed.AddProblem(key_path, "\"" + package + "\" is not of the form name/version");
  }
}

void CheckRoute(Parsed& parsed, const std::string& path, const Route& route) {
  const Config& config = parsed.config;
  CheckName(parsed, path + ".name", route.name);
  if (!route.called_ae.empty() && !IsKnownAe(config, route.called_ae)) {
    parsed.AddProblem(path + ".called_ae",
                      "\"" + route.called_ae + "\" is none of our own AE titles [[ae]]");
  }
  if (!route.calling_ae.empty()) {
    CheckAeTitle(parsed, path + ".calling_ae", route.calling_ae);
  }
  for (const std::string& part : route.body_parts) {
    if (part.size() > kMaxCodeString || part.find('\\') != std::string::npos) {
      parsed.AddProblem(
          path + ".series.body_parts",
          "\"" + part + "\" can be no Body Part Examined: at most 16 characters, no backslash");
    }
  }
  CheckPackage(parsed, path + ".package", route.package);
  if (!route.shadow.empty()) {
    CheckPackage(parsed, path + ".shadow", route.shadow);
    if (route.shadow == route.package) {
      parsed.AddProblem(
          path + ".shadow",
          "\"" + route.shadow + "\" is what the route itself uses: a shadow is another package");
    }
  }
  if (route.min_slices > route.max_slices) {
    parsed.AddProblem(path + ".series.min_slices", "is greater than max_slices");
  }
  if (route.min_slice_thickness_mm > route.max_slice_thickness_mm) {
    parsed.AddProblem(path + ".series.min_slice_thickness_mm",
                      "is greater than max_slice_thickness_mm");
  }
  std::set<std::string> seen;
  for (std::size_t i = 0; i < route.outputs.size(); ++i) {
    const std::string& peer = route.outputs[i].peer;
    const std::string key_path = path + "." + At("output", i) + ".peer";
    if (config.FindPeer(peer) == nullptr) {
      parsed.AddProblem(key_path, "there is no peer named \"" + peer + "\"");
    }
    if (!seen.insert(peer).second) {
      parsed.AddProblem(key_path, "the peer \"" + peer + "\" stands twice");
    }
  }
}

void CheckRoutes(Parsed& parsed) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < parsed.config.routes.size(); ++i) {
    const Route& route = parsed.config.routes[i];
    CheckRoute(parsed, At("route", i), route);
    if (!seen.insert(route.name).second) {
      parsed.AddProblem(At("route", i) + ".name", "the route \"" + route.name + "\" stands twice");
    }
    if (!route.shadow.empty() && !seen.insert(ShadowName(route.name)).second) {
      parsed.AddProblem(
          At("route", i) + ".shadow",
          "another route has the name of its shadow, \"" + ShadowName(route.name) + "\"");
    }
  }
}

// What is well formed and yet can never do anything.
void CheckUse(Parsed& parsed) {
  const Config& config = parsed.config;
  const auto any_peer = [&](auto condition) {
    return std::any_of(config.peers.begin(), config.peers.end(), condition);
  };
  if (!config.peers.empty() && !any_peer([](const Peer& peer) { return peer.may_send; })) {
    parsed.AddProblem("peer[0].may_send", "no peer may send: nothing could ever be received");
  }
  for (std::size_t i = 0; i < config.routes.size(); ++i) {
    const Route& route = config.routes[i];
    const auto calls = [&](const Peer& peer) {
      return peer.may_send && SameAeTitle(peer.ae_title, route.calling_ae, peer.case_insensitive);
    };
    if (!config.peers.empty() && !route.calling_ae.empty() && !any_peer(calls)) {
      parsed.AddProblem(At("route", i) + ".calling_ae",
                        "no [[peer]] that may send has the AE title \"" + route.calling_ae +
                            "\": the route could never apply");
    }
    for (std::size_t k = 0; k < route.outputs.size(); ++k) {
      const Route::Output& output = route.outputs[k];
      if (!output.sr && !output.gsps && !output.sc) {
        parsed.AddProblem(At("route", i) + "." + At("output", k),
                          "sr, gsps and sc are all false: nothing would be sent");
      }
    }
  }
}

// Whether the files are there and fit is for the program to see, which has OpenSSL.
void CheckTls(Parsed& parsed) {
  const Config& config = parsed.config;
  if (config.tls_certificate.empty() != config.tls_private_key.empty()) {
    parsed.AddProblem(config.tls_certificate.empty() ? "tls.certificate" : "tls.private_key",
                      "certificate and private key belong together");
  }
  if (config.tls_port != 0 && config.tls_certificate.empty()) {
    parsed.AddProblem("receiver.tls_port", "needs certificate and private_key in [tls]");
  }
  if (config.tls_port != 0 && config.tls_port == config.port) {
    parsed.AddProblem("receiver.tls_port", "is the port of unprotected associations");
  }
  for (std::size_t i = 0; i < config.ae.size(); ++i) {
    const std::string key_path = At("ae", i) + ".tls";
    if (config.ae[i].tls != "optional" && config.tls_port == 0) {
      parsed.AddProblem(key_path, "needs receiver.tls_port: nobody could ever call this AE title");
    } else if (config.ae[i].tls == "certificate" && config.tls_trusted.empty()) {
      parsed.AddProblem(key_path, "needs the authorities of client certificates, trusted in [tls]");
    }
  }
  for (std::size_t i = 0; i < config.peers.size(); ++i) {
    if (config.peers[i].tls && config.tls_trusted.empty()) {
      parsed.AddProblem(At("peer", i) + ".tls",
                        "needs the authorities of the peer's certificate, trusted in [tls]");
    }
  }
}

void CheckAudit(Parsed& parsed) {
  const Config& config = parsed.config;
  if (const std::string problem = HostProblem(config.audit.host);
      !problem.empty() && !config.audit.host.empty()) {
    parsed.AddProblem("audit.server", problem);
  }
  if (!config.audit.host.empty() && config.audit.transport == "tls" && config.tls_trusted.empty()) {
    parsed.AddProblem("audit.transport",
                      "needs the authorities of the audit server's certificate, trusted in [tls]");
  }
}

void CheckPriors(Parsed& parsed) {
  const Priors& priors = parsed.config.priors;
  if (!IsCodeString(priors.modality)) {
    parsed.AddProblem("priors.modality",
                      "\"" + priors.modality + "\" is no modality: capital letters, as in CT");
  }
  if (priors.peer.empty()) {
    return;
  }
  const Peer* peer = parsed.config.FindPeer(priors.peer);
  if (peer == nullptr) {
    parsed.AddProblem("priors.peer", "there is no peer named \"" + priors.peer + "\"");
  } else if (!peer->url.empty()) {
    parsed.AddProblem("priors.peer", "is reached by web: priors are fetched by DICOM only");
  } else if (priors.method == "move" && !peer->may_send) {
    parsed.AddProblem("priors.peer", "it may not send: what we ask for could never come");
  }
}

void CheckDevice(Parsed& parsed) {
  const std::string problem = DeviceProblem(parsed.config.device);
  if (!problem.empty()) {
    parsed.AddProblem("node.device", problem);
  }
}

}  // namespace

std::string HostProblem(const std::string& host) {
  if (host.empty()) {
    return "must not be empty";
  }
  return IsAddress(host) || IsHostName(host)
             ? ""
             : "\"" + host + "\" is neither a host name nor an IPv4 or IPv6 address";
}

std::string TextProblem(const std::string& text) {
  const bool control = std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  // Those that turn the direction of what stands around them: U+202A to 202E, U+2066 to 2069.
  const auto turns = [&](const char* first_two, char from, char to) {
    for (auto at = text.find(first_two); at != std::string::npos;
         at = text.find(first_two, at + 1)) {
      if (at + 2 < text.size() && text[at + 2] >= from && text[at + 2] <= to) {
        return true;
      }
    }
    return false;
  };
  if (control || turns("\xE2\x80", '\xAA', '\xAE') || turns("\xE2\x81", '\xA6', '\xA9')) {
    return "may hold no control characters";
  }
  const auto length = std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
  if (static_cast<std::size_t>(length) > kMaxTextLength) {
    return "has " + std::to_string(length) + " characters, at most " +
           std::to_string(kMaxTextLength) + " may be";
  }
  return "";
}

std::string DeviceProblem(const std::string& device) {
  const std::string prefix = "cuda:";
  const bool numbered = device.rfind(prefix, 0) == 0 && device.size() > prefix.size() &&
                        device.size() <= 8 &&
                        device.find_first_not_of(kDigits, prefix.size()) == std::string::npos;
  if (device == "auto" || device == "cpu" || numbered) {
    return "";
  }
  return "\"" + device + "\" is none of: auto, cpu, cuda:N";
}

void Validate(Parsed& parsed) {
  CheckOwnAes(parsed);
  CheckPeers(parsed);
  CheckRoutes(parsed);
  CheckDevice(parsed);
  CheckTls(parsed);
  CheckAudit(parsed);
  CheckPriors(parsed);
  CheckHttp(parsed);
  CheckNotices(parsed);
  CheckUse(parsed);
  const Config& config = parsed.config;
  if (config.data.empty()) {
    parsed.AddProblem("node.data", "must not be empty");
  }
  if (!IsAddress(config.BindAddress())) {
    parsed.AddProblem("receiver.bind",
                      "\"" + config.bind + "\" is not an IPv4 or IPv6 address of this machine");
  } else if (config.peers.empty() && !IsLoopback(config.BindAddress())) {
    parsed.AddProblem("receiver.bind",
                      "bound beyond loopback (" + config.bind +
                          ") at least one [[peer]] is needed: anyone could send otherwise");
  }
}

}  // namespace necknode::config
