#include "app/local_api.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "admin/config_api.h"
#include "app/echo_peer.h"
#include "app/node_resources.h"
#include "core/error.h"

namespace necknode::app {
namespace {

using nlohmann::json;

constexpr int kRowsAtOnce = 500;

ErrorCode CodeOf(int status, bool has_problems) {
  switch (status) {
    case 400:
      return ErrorCode::kInvalidArgument;
    case 404:
      return ErrorCode::kNotFound;
    case 409:
    case 412:
      return ErrorCode::kConflict;
    case 422:
      return has_problems ? ErrorCode::kConfig : ErrorCode::kUnsupported;
    case 502:
      return ErrorCode::kNetwork;
    case 503:
      return ErrorCode::kStorageFailed;
    default:
      return status < 500 ? ErrorCode::kConfig : ErrorCode::kInternal;
  }
}

void PrintProblemsOf(const json& answer) {
  for (const json& problem : answer.value("problems", json::array())) {
    const std::string key = problem.at("key").get<std::string>();
    std::fprintf(stderr,
                 "%s%s%s\n",
                 key.c_str(),
                 key.empty() ? "" : ": ",
                 problem.at("message").get<std::string>().c_str());
  }
}

}  // namespace

LocalApi::LocalApi(const NodeOptions& options) : options_(options) {
  const std::string text = options.ConfigText();
  config::Config config = config::ParseConfig(text).config;
  config.data = options.DataFolder(text);
  store_ = OpenStore(config, true);
  config_ = std::make_unique<admin::LiveConfig>(text, config.data, *store_, SystemClock());
  admin::AddConfig(router_, {*config_, EchoPeer});
  AddNodeResources(
      router_,
      [this] {
        config::Config in_force = config_->Now().config;
        options_.Override(in_force);
        return in_force;
      },
      [this] { return config_->EditByHand(); },
      *store_);
}

json LocalApi::Get(const std::string& path, const Query& query) const {
  admin::Request request;
  request.method = "GET";
  request.path = path;
  request.query = query;
  std::erase_if(request.query, [](const auto& entry) { return entry.second.empty(); });
  return Handle(std::move(request));
}

json LocalApi::Items(const std::string& path, const Query& query, int limit) const {
  json items = json::array();
  Query page = query;
  while (limit == 0 || static_cast<int>(items.size()) < limit) {
    const int wanted = limit == 0 ? kRowsAtOnce : limit - static_cast<int>(items.size());
    page["limit"] = std::to_string(std::min(wanted, kRowsAtOnce));
    const json answer = Get(path, page);
    for (const json& item : answer.at("items")) {
      items.push_back(item);
    }
    if (answer.at("next").is_null()) {
      break;
    }
    page["before"] = answer.at("next").get<std::string>();
  }
  return items;
}

json LocalApi::Send(const std::string& method,
                    const std::string& path,
                    const json& body,
                    const std::string& etag) const {
  admin::Request request;
  request.method = method;
  request.path = path;
  request.body = body.dump();
  if (!etag.empty()) {
    request.headers["if-match"] = etag;
  }
  return Handle(std::move(request));
}

json LocalApi::Handle(admin::Request request) const {
  request.path = "/api/v1" + request.path;
  request.user = storage::ProcessUser();
  request.role = admin::Role::kAdministrator;
  const admin::Response response = router_.Handle(std::move(request));
  const json answer = json::parse(response.body, nullptr, false);
  if (response.status < 400) {
    return answer.is_discarded() ? json() : answer;
  }
  PrintProblemsOf(answer);
  const bool told = !answer.value("problems", json::array()).empty();
  throw Error(CodeOf(response.status, answer.contains("problems")),
              told ? "nothing was changed" : answer.value("detail", "the request was refused"));
}

}  // namespace necknode::app
