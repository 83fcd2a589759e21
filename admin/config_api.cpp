#include "admin/config_api.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <sstream>

#include "admin/config_json.h"
#include "admin/config_sections.h"
#include "admin/problem.h"
#include "core/error.h"

namespace necknode::admin {
namespace {

using nlohmann::json;

constexpr const char* kRoot = "/api/v1/config";

/// An answer from within an edit, which then changes nothing.
struct Refused {
  Response response;
};

std::string Unquoted(const std::string& etag) {
  const bool quoted = etag.size() >= 2 && etag.front() == '"' && etag.back() == '"';
  return quoted ? etag.substr(1, etag.size() - 2) : etag;
}

/// Whether the comma-separated list holds the etag.
bool Lists(const std::string& wanted, const std::string& etag) {
  std::istringstream stream(wanted);
  for (std::string one; std::getline(stream, one, ',');) {
    one.erase(0, one.find_first_not_of(' '));
    one.erase(one.find_last_not_of(' ') + 1);
    if (Unquoted(one) == etag) {
      return true;
    }
  }
  return false;
}

/// Whoever edits an item must have seen it as it is.
void RequireMatch(const Request& request, const json& item) {
  const std::string wanted = request.Header("if-match");
  if (wanted.empty()) {
    throw Refused{Problem(428, "send the item's etag as If-Match")};
  }
  if (wanted != "*" && !Lists(wanted, Unquoted(item.at("etag").get<std::string>()))) {
    throw Refused{
        Problem(412, "somebody has changed it meanwhile: load it again", {{"item", item}})};
  }
}

std::size_t FindItem(const ConfigSection& section,
                     const config::Tables& tables,
                     const std::string& name) {
  const auto found = section.Find(tables, name);
  if (!found) {
    throw Error(ErrorCode::kNotFound, "there is no " + section.kind() + " \"" + name + "\"");
  }
  return *found;
}

int NumberOf(const std::string& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw Error(ErrorCode::kNotFound, "\"" + text + "\" is no generation");
  }
  return number;
}

json AsJson(const ConfigChange& change) {
  return {{"generation", change.generation},
          {"warnings", WarningsAsJson(change.warnings)},
          {"diff", change.diff}};
}

Response Invalid(const json& problems) {
  const std::string detail = problems.size() == 1
                                 ? problems.front().at("message").get<std::string>()
                                 : std::to_string(problems.size()) + " things are wrong with it";
  return Problem(422, detail, {{"problems", problems}});
}

/// A change of the tables with no item of its own.
Response Answer(const ConfigChange& change, const LiveConfig& live) {
  if (!change.problems.empty()) {
    return Invalid(
        ProblemsAsJson(change.problems, live.Now().config.GetTables(), "", std::nullopt));
  }
  return Json(AsJson(change));
}

/// Edits of one section's items.
class SectionHandlers {
 public:
  SectionHandlers(ConfigSection section, LiveConfig& live)
      : section_(std::move(section)), live_(live) {}

  Response List(const Request&) const {
    return Json({{"items", section_.List(live_.Now().config.GetTables())}, {"next", nullptr}});
  }

  Response Get(const Request& request) const {
    const config::Tables tables = live_.Now().config.GetTables();
    return WithEtag(
        Json(section_.Item(tables, FindItem(section_, tables, request.parameters.at("name")))));
  }

  Response Add(const Request& request) const {
    const json item = BodyOf(request);
    return Edit(request, "added", 201, [&](config::Tables& tables, std::size_t& index) {
      auto problems = section_.Put(tables, std::nullopt, item);
      index = section_.List(tables).size() - 1;
      return problems;
    });
  }

  Response Put(const Request& request) const {
    const json item = BodyOf(request);
    const std::string name = request.parameters.at("name");
    const json renamed = item.value(section_.kind() == "ae" ? "title" : "name", json(name));
    return Edit(request,
                renamed == name ? "changed" : "renamed, was " + name,
                200,
                [&](config::Tables& tables, std::size_t& index) {
                  index = FindItem(section_, tables, request.parameters.at("name"));
                  RequireMatch(request, section_.Item(tables, index));
                  return section_.Put(tables, index, item);
                });
  }

  Response Delete(const Request& request) const {
    const std::string name = request.parameters.at("name");
    config::Tables after;
    const auto edit = [&](config::Tables& tables) -> std::vector<config::Problem> {
      const std::size_t index = FindItem(section_, tables, name);
      RequireMatch(request, section_.Item(tables, index));
      section_.Remove(tables, index);
      after = tables;
      return {};
    };
    const ConfigChange change =
        live_.Change(request.user, section_.kind() + " " + name + " removed", edit);
    return change.problems.empty()
               ? Json(AsJson(change))
               : Invalid(ProblemsAsJson(change.problems, after, section_.kind(), std::nullopt));
  }

 private:
  template <typename Change>
  Response Edit(const Request& request,
                const std::string& done,
                int status,
                Change change_tables) const {
    std::size_t index = 0;
    config::Tables after;
    const json body = BodyOf(request);
    const char* key = section_.kind() == "ae" ? "title" : "name";
    const bool named = body.contains(key) && body.at(key).is_string();
    const ConfigChange change = live_.Change(
        request.user,
        section_.kind() + " " + (named ? body.at(key).get<std::string>() : "") + " " + done,
        [&](config::Tables& tables) {
          auto problems = change_tables(tables, index);
          after = tables;
          return problems;
        });
    if (!change.problems.empty()) {
      return Invalid(ProblemsAsJson(change.problems, after, section_.kind(), index));
    }
    json answer = section_.Item(after, index);
    answer.update(AsJson(change));
    return WithEtag(Json(answer, status));
  }

  static Response WithEtag(Response response) {
    response.headers.emplace_back("ETag", json::parse(response.body).at("etag").get<std::string>());
    return response;
  }

  ConfigSection section_;
  LiveConfig& live_;
};

Response Overview(const LiveConfig& live) {
  const LiveConfig::State state = live.Now();
  const config::Tables tables = state.config.GetTables();
  json answer = {{"generation", state.generation},
                 {"digest", state.digest},
                 {"readonly", state.readonly},
                 {"edited_by_hand", state.edited},
                 {"differences", WarningsAsJson(state.differences)}};
  for (const char* name : {"ae", "peers", "routes"}) {
    answer[name] = ConfigSection(name).List(tables);
  }
  return Json(answer);
}

Response Check(const Request& request, const LiveConfig& live) {
  const json body = BodyOf(request);
  const json name = body.value("name", json()), item = body.value("item", json());
  const json section_name = body.value("section", json());
  if (!section_name.is_string()) {
    throw Error(ErrorCode::kInvalidArgument, "wanted: section, one of ae, peers and routes");
  }
  const ConfigSection section(section_name.get<std::string>());
  if (!(name.is_string() || name.is_null()) || !(item.is_object() || item.is_null()) ||
      (name.is_null() && item.is_null())) {
    throw Error(ErrorCode::kInvalidArgument,
                "wanted: section, name of the item that is there or null, the new item or null");
  }
  std::optional<std::size_t> index;
  config::Tables after;
  const ConfigChange change = live.Check([&](config::Tables& tables) {
    std::vector<config::Problem> problems;
    if (name.is_string()) {
      index = FindItem(section, tables, name.get<std::string>());
    }
    if (item.is_null()) {
      section.Remove(tables, index.value_or(0));
      index.reset();
    } else {
      problems = section.Put(tables, index, item);
      index = index.value_or(section.List(tables).size() - 1);
    }
    after = tables;
    return problems;
  });
  json answer = AsJson(change);
  answer["problems"] = ProblemsAsJson(change.problems, after, section.kind(), index);
  return Json(answer);
}

/// The peer that is to be asked: a saved one by its name, or one that is being edited.
config::Peer PeerOf(const Request& request, const config::Config& config) {
  const json body = BodyOf(request);
  if (body.size() == 1 && body.contains("peer") && body.at("peer").is_string()) {
    const std::string name = body.at("peer").get<std::string>();
    if (const config::Peer* peer = config.FindPeer(name)) {
      return *peer;
    }
    throw Error(ErrorCode::kNotFound, "there is no peer \"" + name + "\"");
  }
  json item = body.value("peer", json()).is_object() ? body.at("peer") : body;
  if (item.value("name", json()).is_null()) {
    item["name"] = "peer";
  }
  config::Tables tables;
  const std::vector<config::Problem> form = ConfigSection("peers").Put(tables, std::nullopt, item);
  if (!form.empty()) {
    throw Refused{Invalid(ProblemsAsJson(form, tables, "peer", 0))};
  }
  config::Peer peer = tables.peers.front();
  json problems = json::array();
  if (peer.url.empty()) {
    for (const auto& [key, problem] : {std::pair{"ae_title", config::AeTitleProblem(peer.ae_title)},
                                       std::pair{"host", config::HostProblem(peer.host)}}) {
      if (!problem.empty()) {
        problems.push_back({{"key", key}, {"message", problem}});
      }
    }
  } else if (const std::string problem = config::UrlProblem(peer.url); !problem.empty()) {
    problems.push_back({{"key", "url"}, {"message", problem}});
  }
  if (!problems.empty()) {
    throw Refused{Invalid(problems)};
  }
  // Whoever chooses both file and address may have the file sent anywhere.
  const bool credentials = !peer.password_file.empty() || !peer.token_file.empty();
  if (credentials && request.role != Role::kAdministrator) {
    throw Refused{Problem(
        403,
        "a peer with a password or token file that is not saved needs the role administrator")};
  }
  return peer;
}

Response Echo(const Request& request, const ConfigServices& services) {
  const config::Config config = services.config.Now().config;
  const config::Peer peer = PeerOf(request, config);
  const auto start = std::chrono::steady_clock::now();
  const EchoOutcome outcome = services.echo(config, peer);
  const std::chrono::duration<double> duration = std::chrono::steady_clock::now() - start;
  return Json({{"ok", outcome.ok}, {"text", outcome.text}, {"duration_s", duration.count()}});
}

/// What an edit may throw is answered here; all else by the router.
Handler Refusing(Handler handler) {
  return [handler = std::move(handler)](const Request& request) {
    try {
      return handler(request);
    } catch (const Refused& refused) {
      return refused.response;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kUnsupported) {
        return Problem(403, error.what());  // read-only
      }
      throw;
    }
  };
}

void AddVersions(Router& router, LiveConfig& live) {
  const std::string versions = std::string(kRoot) + "/versions";
  router.Add("GET", versions, Role::kViewer, [&live](const Request&) {
    json items = json::array();
    for (const LiveConfig::Version& version : live.Versions()) {
      items.push_back({{"generation", version.generation},
                       {"time", version.time},
                       {"user", version.user},
                       {"comment", version.comment}});
    }
    return Json({{"items", items}, {"next", nullptr}});
  });
  router.Add("GET", versions + "/{generation}", Role::kViewer, [&live](const Request& request) {
    const int generation = NumberOf(request.parameters.at("generation"));
    const LiveConfig::VersionText version = live.ReadVersion(generation);
    return Json({{"generation", generation}, {"text", version.text}, {"diff", version.diff}});
  });
  router.Add("POST",
             versions + "/{generation}/restore",
             Role::kAdministrator,
             Refusing([&live](const Request& request) {
               return Answer(
                   live.Restore(NumberOf(request.parameters.at("generation")), request.user), live);
             }));
}

}  // namespace

void AddConfig(Router& router, const ConfigServices& services) {
  LiveConfig& live = services.config;
  const std::string root = kRoot;
  router.Add("GET", root, Role::kViewer, [&live](const Request&) { return Overview(live); });
  router.Add("POST",
             root + "/check",
             Role::kAdministrator,
             Refusing([&live](const Request& request) { return Check(request, live); }));
  router.Add(
      "POST", root + "/reload", Role::kAdministrator, Refusing([&live](const Request& request) {
        return Answer(live.Reload(request.user), live);
      }));
  AddVersions(router, live);
  for (const char* name : {"ae", "peers", "routes"}) {
    const SectionHandlers handlers(ConfigSection(name), live);
    const std::string list = root + "/" + name, item = list + "/{name...}";
    using Handle = Response (SectionHandlers::*)(const Request&) const;
    const auto add = [&](const char* method, const std::string& path, Role role, Handle handle) {
      router.Add(method, path, role, Refusing([handlers, handle](const Request& request) {
                   return (handlers.*handle)(request);
                 }));
    };
    add("GET", list, Role::kViewer, &SectionHandlers::List);
    add("POST", list, Role::kAdministrator, &SectionHandlers::Add);
    add("GET", item, Role::kViewer, &SectionHandlers::Get);
    add("PUT", item, Role::kAdministrator, &SectionHandlers::Put);
    add("DELETE", item, Role::kAdministrator, &SectionHandlers::Delete);
  }
  router.Add("POST", "/api/v1/echo", Role::kOperator, Refusing([services](const Request& request) {
               return Echo(request, services);
             }));
}

}  // namespace necknode::admin
