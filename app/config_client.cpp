#include "app/config_client.h"

#include <cstdio>

#include "admin/config_api.h"
#include "app/echo_peer.h"
#include "core/error.h"

namespace necknode::app {
namespace {

using nlohmann::json;

ErrorCode CodeOf(int status) {
  switch (status) {
    case 404:
      return ErrorCode::kNotFound;
    case 409:
    case 412:
      return ErrorCode::kConflict;
    case 502:
      return ErrorCode::kNetwork;
    case 503:
      return ErrorCode::kStorageFailed;
    default:
      return status < 500 ? ErrorCode::kConfig : ErrorCode::kInternal;
  }
}

}  // namespace

ConfigClient::ConfigClient(const NodeOptions& options) {
  const std::string text = options.ConfigText();
  config::Config config = config::ParseConfig(text).config;
  config.data = options.DataFolder(text);
  store_ = OpenStore(config, true);
  config_ = std::make_unique<admin::LiveConfig>(text, config.data, *store_, SystemClock());
  admin::AddConfig(router_, {*config_, EchoPeer});
}

json ConfigClient::Call(const std::string& method,
                        const std::string& path,
                        const json& body,
                        const std::string& etag) {
  admin::Request request;
  request.method = method;
  request.path = "/api/v1" + path;
  request.body = body.is_null() ? "" : body.dump();
  request.user = storage::ProcessUser();
  request.role = admin::Role::kAdministrator;
  if (!etag.empty()) {
    request.headers["if-match"] = etag;
  }
  const admin::Response response = router_.Handle(request);
  json answer = json::parse(response.body, nullptr, false);
  if (response.status < 400) {
    return answer;
  }
  for (const json& problem : answer.value("problems", json::array())) {
    const std::string key = problem.at("key").get<std::string>();
    std::fprintf(stderr,
                 "%s%s%s\n",
                 key.c_str(),
                 key.empty() ? "" : ": ",
                 problem.at("message").get<std::string>().c_str());
  }
  throw Error(CodeOf(response.status), answer.value("detail", "refused"));
}

}  // namespace necknode::app
