#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "admin/request.h"
#include "core/error.h"

namespace necknode::admin {

/// A refusal as problem details (RFC 9457): type "about:blank", title, status, detail. Members of
/// `more` stand beside them, e.g. "problems" of a configuration.
[[nodiscard]] Response Problem(int status,
                               const std::string& detail,
                               const nlohmann::json& more = nlohmann::json::object());

/// The HTTP status of an error: 400, 404, 409, 422, 502, 503, 504 or 500.
[[nodiscard]] int StatusOf(ErrorCode code);

/// 200 with the value as JSON; text that is not UTF-8 is replaced, not refused.
[[nodiscard]] Response Json(const nlohmann::json& value, int status = 200);

/// The body as a JSON object. Throws Error(kInvalidArgument) for anything else.
[[nodiscard]] nlohmann::json BodyOf(const Request& request);

}  // namespace necknode::admin
