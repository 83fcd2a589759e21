#include "models/strict_json.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <nlohmann/json.hpp>

#include "core/error.h"

namespace necknode::models {

using Json = nlohmann::json;

namespace {

/// What reads and prints JSON calls itself for each level: a hostile text must not exhaust the
/// stack.
constexpr int kMaxDepth = 64;

}  // namespace

Json ParseStrictJson(const std::string& text, const std::string& what) {
  std::vector<std::set<std::string>> open;
  std::string twice;
  const auto callback = [&](int depth, Json::parse_event_t event, Json& value) {
    if (depth > kMaxDepth) {
      throw Error(ErrorCode::kModel,
                  what + " is nested deeper than " + std::to_string(kMaxDepth) + " levels");
    }
    if (event == Json::parse_event_t::object_start) {
      open.emplace_back();
    } else if (event == Json::parse_event_t::object_end) {
      open.pop_back();
    } else if (event == Json::parse_event_t::key &&
               !open.back().insert(value.get<std::string>()).second) {
      twice = value.get<std::string>();
    }
    return true;
  };
  Json json;
  try {
    json = Json::parse(text, callback);
  } catch (const Json::exception& e) {
    throw Error(ErrorCode::kModel, what + " is not JSON: " + e.what());
  }
  if (!twice.empty())
    throw Error(ErrorCode::kModel, what + " names '" + twice + "' twice");
  if (!json.is_object())
    throw Error(ErrorCode::kModel, what + " is not a JSON object");
  return json;
}

StrictObject::StrictObject(const Json& json, std::string path)
    : json_(json), path_(std::move(path)) {
  if (!json_.is_object()) {
    throw Error(ErrorCode::kModel, "'" + path_ + "' is " + json_.dump() + ", expected an object");
  }
}

std::string StrictObject::PathOf(const std::string& key) const {
  return path_.empty() ? key : path_ + "." + key;
}

void StrictObject::Refuse(const char* key, const std::string& reason) const {
  const auto found = json_.find(key);
  const std::string value =
      found == json_.end() ? "absent" : found->dump(-1, ' ', false, Json::error_handler_t::replace);
  throw Error(ErrorCode::kModel,
              "'" + PathOf(key) + "' is " + value.substr(0, 80) + ", expected " + reason);
}

const Json& StrictObject::Get(const char* key) {
  asked_.insert(key);
  const auto found = json_.find(key);
  if (found == json_.end())
    throw Error(ErrorCode::kModel, "'" + PathOf(key) + "' is missing");
  return *found;
}

bool StrictObject::Has(const char* key) const { return json_.contains(key); }

std::string StrictObject::Text(const char* key, std::size_t max_length) {
  const Json& value = Get(key);
  const std::string expected =
      "text of at most " + std::to_string(max_length) + " printable characters";
  if (!value.is_string())
    Refuse(key, expected);
  auto text = value.get<std::string>();
  const bool printable =
      std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (text.size() > max_length || !printable)
    Refuse(key, expected);
  return text;
}

std::string StrictObject::Choice(const char* key, const std::vector<std::string>& choices) {
  std::string all;
  for (const std::string& choice : choices)
    all += (all.empty() ? "" : " or ") + ("\"" + choice + "\"");
  const Json& value = Get(key);
  if (!value.is_string() ||
      std::find(choices.begin(), choices.end(), value.get<std::string>()) == choices.end()) {
    Refuse(key, all);
  }
  return value.get<std::string>();
}

bool StrictObject::Flag(const char* key) {
  const Json& value = Get(key);
  if (!value.is_boolean())
    Refuse(key, "true or false");
  return value.get<bool>();
}

int StrictObject::Integer(const char* key, int low, int high) {
  const Json& value = Get(key);
  const std::string expected =
      "a whole number from " + std::to_string(low) + " to " + std::to_string(high);
  if (!value.is_number_integer())
    Refuse(key, expected);
  if (value.is_number_unsigned() &&
      value.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX))
    Refuse(key, expected);
  const auto number = value.get<std::int64_t>();
  if (number < low || number > high)
    Refuse(key, expected);
  return static_cast<int>(number);
}

double StrictObject::Number(const char* key, double low, double high) {
  const Json& value = Get(key);
  const std::string expected = "a number from " + Json(low).dump() + " to " + Json(high).dump();
  if (!value.is_number())
    Refuse(key, expected);
  const auto number = value.get<double>();
  if (!(number >= low && number <= high))
    Refuse(key, expected);
  return number;
}

std::vector<double> StrictObject::Numbers(const char* key) {
  const Json& value = Get(key);
  const bool good =
      value.is_array() &&
      std::all_of(value.begin(), value.end(), [](const Json& item) { return item.is_number(); });
  if (!good)
    Refuse(key, "an array of numbers");
  return value.get<std::vector<double>>();
}

StrictObject StrictObject::Object(const char* key) { return {Get(key), PathOf(key)}; }

std::string StrictObject::RawObject(const char* key) {
  const Json& value = Get(key);
  if (!value.is_object())
    Refuse(key, "an object");
  return value.dump();
}

void StrictObject::Finish() const {
  for (const auto& [key, value] : json_.items()) {
    if (!asked_.contains(key))
      throw Error(ErrorCode::kModel, "'" + PathOf(key) + "' is not a known key");
  }
}

}  // namespace necknode::models
