#include "admin/problem.h"

#include <map>
#include <set>
#include <vector>

namespace necknode::admin {
namespace {

using nlohmann::json;

std::string Dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string TitleOf(int status) {
  static const std::map<int, std::string> kTitles = {{400, "Bad Request"},
                                                     {401, "Unauthorized"},
                                                     {403, "Forbidden"},
                                                     {404, "Not Found"},
                                                     {405, "Method Not Allowed"},
                                                     {409, "Conflict"},
                                                     {410, "Gone"},
                                                     {412, "Precondition Failed"},
                                                     {413, "Content Too Large"},
                                                     {415, "Unsupported Media Type"},
                                                     {421, "Misdirected Request"},
                                                     {422, "Unprocessable Content"},
                                                     {428, "Precondition Required"},
                                                     {429, "Too Many Requests"},
                                                     {431, "Request Header Fields Too Large"},
                                                     {502, "Bad Gateway"},
                                                     {503, "Service Unavailable"},
                                                     {504, "Gateway Timeout"},
                                                     {505, "HTTP Version Not Supported"}};
  const auto found = kTitles.find(status);
  return found == kTitles.end() ? "Internal Server Error" : found->second;
}

}  // namespace

Response Problem(int status, const std::string& detail, const json& more) {
  json body = {
      {"type", "about:blank"}, {"title", TitleOf(status)}, {"status", status}, {"detail", detail}};
  body.update(more);
  return {status, "application/problem+json", {}, Dump(body)};
}

int StatusOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kParse:
      return 400;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kConflict:
      return 409;
    case ErrorCode::kConfig:
    case ErrorCode::kUnsupported:
    case ErrorCode::kGeometry:
    case ErrorCode::kModel:
      return 422;
    case ErrorCode::kNetwork:
      return 502;
    case ErrorCode::kNoSpace:
    case ErrorCode::kStorageFailed:
      return 503;
    case ErrorCode::kTimeout:
      return 504;
    case ErrorCode::kInternal:
      break;
  }
  return 500;
}

Response Json(const json& value, int status) {
  return {status, "application/json", {}, Dump(value)};
}

json BodyOf(const Request& request) {
  std::vector<std::set<std::string>> names;  // of the objects that are open
  std::string doubled;
  const auto note = [&](int /*depth*/, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start) {
      names.emplace_back();
    } else if (event == json::parse_event_t::object_end) {
      names.pop_back();
    } else if (event == json::parse_event_t::key &&
               !names.back().insert(parsed.get<std::string>()).second) {
      doubled = parsed.get<std::string>();
    }
    return true;
  };
  json body = json::parse(request.body, note, false);
  if (!body.is_object()) {
    throw Error(ErrorCode::kInvalidArgument, "the body must be a JSON object");
  }
  // RFC 8259 section 4: which of the two was meant, nobody can know.
  if (!doubled.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "the body names " + doubled + " twice");
  }
  return body;
}

}  // namespace necknode::admin
