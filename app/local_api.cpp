#include "app/local_api.h"

#include <algorithm>
#include <utility>

#include "app/node_resources.h"
#include "core/error.h"

namespace necknode::app {
namespace {

using nlohmann::json;

constexpr int kRowsAtOnce = 500;

ErrorCode CodeOf(int status) {
  switch (status) {
    case 400:
      return ErrorCode::kInvalidArgument;
    case 404:
      return ErrorCode::kNotFound;
    case 409:
      return ErrorCode::kConflict;
    case 422:
      return ErrorCode::kUnsupported;
    case 503:
      return ErrorCode::kStorageFailed;
    default:
      return ErrorCode::kInternal;
  }
}

}  // namespace

LocalApi::LocalApi(const config::Config& config, storage::Store& store) {
  AddNodeResources(
      router_, [config] { return config; }, store);
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

json LocalApi::Send(const std::string& method, const std::string& path, const json& body) const {
  admin::Request request;
  request.method = method;
  request.path = path;
  request.body = body.dump();
  return Handle(std::move(request));
}

json LocalApi::Handle(admin::Request request) const {
  request.path = "/api/v1" + request.path;
  request.user = storage::ProcessUser();
  request.role = admin::Role::kAdministrator;
  const admin::Response response = router_.Handle(std::move(request));
  const json body = json::parse(response.body, nullptr, false);
  if (response.status >= 400) {
    throw Error(CodeOf(response.status), body.value("detail", "the request was refused"));
  }
  return body.is_discarded() ? json() : body;
}

}  // namespace necknode::app
