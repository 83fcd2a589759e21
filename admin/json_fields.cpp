#include "admin/json_fields.h"

#include "core/error.h"

namespace necknode::admin {

std::string TextOf(const nlohmann::json& body, const std::string& name) {
  auto text = OptionalTextOf(body, name);
  if (!text) {
    throw Error(ErrorCode::kInvalidArgument, "the field " + name + " is missing");
  }
  return std::move(*text);
}

std::optional<std::string> OptionalTextOf(const nlohmann::json& body, const std::string& name) {
  const auto found = body.find(name);
  if (found == body.end() || found->is_null()) {
    return std::nullopt;
  }
  const auto* text = found->get_ptr<const std::string*>();
  if (text == nullptr) {
    throw Error(ErrorCode::kInvalidArgument, "the field " + name + " must be text");
  }
  return *text;
}

void RequireNone(const std::string& problem) {
  if (!problem.empty()) {
    throw Error(ErrorCode::kInvalidArgument, problem);
  }
}

}  // namespace necknode::admin
